"""Members of a request, looked at one by one: there with the right type, absent, or refused by name."""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest

Json = dict[str, Any]

_WORDS: dict[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


def wrong(param: str, what: str) -> InvalidRequest:
    """The refusal of a member that has no meaning as it is; `what` says what it must be."""
    return InvalidRequest(f"`{param}` must be {what}.", param=param)


def pick(body: Json, name: str, kind: type, at: str = "") -> Any:
    """A member of that type; None when it is absent or null. `at` is the path before the name, with its dot.

    A whole number is a number, but true is no number.
    """
    value = body.get(name)
    if value is None:
        return None
    fits = isinstance(value, (int, float) if kind is float else kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise wrong(f"{at}{name}", _WORDS[kind])
    return value


def text(body: Json, name: str, at: str = "") -> str:
    """A string, or nothing."""
    found: str = pick(body, name, str, at) or ""
    return found


def need(body: Json, name: str, at: str = "") -> str:
    """A string that must be there and say something."""
    found = text(body, name, at)
    if not found:
        raise InvalidRequest(f"`{at}{name}` is missing.", param=f"{at}{name}")
    return found


def inner(body: Json, name: str, at: str = "") -> Json:
    """An object, empty when it is absent."""
    found: Json = pick(body, name, dict, at) or {}
    return found


def objects(body: Json, name: str, at: str = "") -> list[Json]:
    """A list of objects, empty when it is absent."""
    found: list[Any] = pick(body, name, list, at) or []
    for nth, each in enumerate(found):
        if not isinstance(each, dict):
            raise wrong(f"{at}{name}[{nth}]", "an object")
    return found
