"""Members of a client's body, each held to its type. Absent and null are the same."""

from __future__ import annotations

from typing import Any, NoReturn

from trunkline.errors import InvalidRequest

Json = dict[str, Any]


def wrong(param: str, why: str, remedy: str = "") -> InvalidRequest:
    """What is wrong with a member."""
    return InvalidRequest(f"{param} {why}.", param=param, remedy=remedy)


def refuse(param: str, why: str, remedy: str = "") -> NoReturn:
    """Says what is wrong with a member. Raises."""
    raise wrong(param, why, remedy)


def text(value: Any, param: str) -> str:
    """A string; empty where it is absent."""
    if value is None:
        return ""
    if not isinstance(value, str):
        refuse(param, "must be a string")
    return value


def flag(value: Any, param: str) -> bool | None:
    """True, false, or None where it is absent."""
    if value is not None and not isinstance(value, bool):
        refuse(param, "must be true or false")
    return value


def number(value: Any, param: str) -> float | None:
    """A number, or None where it is absent."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(param, "must be a number")
    return value


def whole(value: Any, param: str, least: int | None = None) -> int | None:
    """A whole number (`4096.0` is one), or None where it is absent."""
    found = number(value, param)
    if found is None:
        return None
    if isinstance(found, float) and not found.is_integer():
        refuse(param, "must be a whole number")
    if least is not None and found < least:
        refuse(param, f"must be at least {least}")
    return int(found)


def record(value: Any, param: str) -> Json:
    """An object; empty where it is absent."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        refuse(param, "must be an object")
    return value


def items(value: Any, param: str) -> list[Any]:
    """A list; empty where it is absent."""
    if value is None:
        return []
    if not isinstance(value, list):
        refuse(param, "must be a list")
    return value
