"""What a member must be, said in the words of the request: for readers of this wire's requests."""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest


def invalid(where: str, must: str) -> InvalidRequest:
    """The refusal that names the place."""
    return InvalidRequest(f"`{where}` {must}.", param=where, remedy="See platform.claude.com/docs/en/api/messages.")


def an_object(value: Any, where: str) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise invalid(where, "must be an object")
    return value


def a_string(value: Any, where: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise invalid(where, "must be a string")
    return value


def an_integer(value: Any, where: str) -> int | None:
    """A whole number that is not negative, or nothing."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid(where, "must be a whole number, at least 0")
    return value


def a_number(value: Any, where: str) -> float | None:
    """A number, or nothing."""
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise invalid(where, "must be a number")
    return value


def cached(value: Any) -> str:
    """`cache_control` of a block: how long it is kept, or empty."""
    control = value.get("cache_control") if isinstance(value, dict) else None
    if not isinstance(control, dict):
        return ""
    ttl = control.get("ttl")
    return ttl if isinstance(ttl, str) and ttl else "5m"
