"""Reading a request's members with the type they must have, or refusing the request by name. Pure."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from trunkline.errors import InvalidRequest

Body = dict[str, Any]
T = TypeVar("T")

_KINDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}


def wrong(name: str, kind: str) -> InvalidRequest:
    """The refusal of a member whose type is not the one its format has."""
    return InvalidRequest(f"{name} must be {kind}.", param=name)


def parse(raw: bytes) -> Body:
    """A request's body as an object. Raises InvalidRequest for anything else."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError) as failure:
        raise InvalidRequest(f"The body is not JSON that can be read: {failure}.") from failure
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return body


def pick(body: Body, name: str, kind: type[T], at: str = "") -> T | None:
    """The member, or None where it is absent or null."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise wrong(at + name, _KINDS[kind])
    return value


def need(body: Body, name: str, kind: type[T], at: str = "") -> T:
    """The member, which must be there."""
    value = pick(body, name, kind, at)
    if value is None:
        raise InvalidRequest(f"{at}{name} is required and must be {_KINDS[kind]}.", param=at + name)
    return value


def objects(body: Body, name: str, at: str = "") -> list[Body]:
    """A list of objects; empty where the member is absent or null."""
    found = pick(body, name, list, at) or []
    for nth, one in enumerate(found):
        if not isinstance(one, dict):
            raise wrong(f"{at}{name}[{nth}]", "an object")
    return found


def strings(body: Body, name: str, at: str = "") -> list[str]:
    """A string or a list of strings, as a list; empty where the member is absent or null."""
    value = body.get(name)
    if value is None:
        return []
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise wrong(at + name, "a string or a list of strings")
    return found


def limit(body: Body, name: str, at: str = "", *, least: int = 1) -> int | None:
    """A limit of output tokens."""
    value = pick(body, name, int, at)
    if value is not None and value < least:
        raise InvalidRequest(f"{at}{name} must be at least {least}.", param=at + name)
    return value


def one_choice(body: Body, name: str) -> None:
    """Refuses to answer the same question more than once."""
    wanted = pick(body, name, int)
    if wanted is not None and wanted != 1:
        raise InvalidRequest(f"The demo model gives one answer at a time: {name} must be 1.", param=name)
