"""Members as Google's JSON spells them: camelCase, or snake_case, which its parsers take just as well.

Also what every reader of this wire needs: an object or a list where one must be, refused by name where it is none.
"""

from __future__ import annotations

import json
import re
from typing import Any

from trunkline.errors import InvalidRequest

_HUMP = re.compile(r"_([a-z0-9])")
_SURROGATE = re.compile("[\ud800-\udfff]")

Json = dict[str, Any]


def camelled(value: Json) -> Json:
    """The same object with its own members in camelCase, those that are null left out. What is inside stays."""
    return {
        (_HUMP.sub(lambda found: found[1].upper(), name) if "_" in name else name): member
        for name, member in value.items()
        if member is not None
    }


def an_object(value: Any, param: str) -> Json:
    """An object with its members in camelCase. Raises `InvalidRequest`."""
    if not isinstance(value, dict):
        raise InvalidRequest(f"{param} must be an object.", param=param, remedy="See ai.google.dev/api.")
    return camelled(value)


def objects(value: Any, param: str) -> list[Json]:
    """A list of objects. One object stands for a list of it, as in Google's own examples. Raises `InvalidRequest`."""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise InvalidRequest(f"{param} must be a list of objects.", param=param, remedy="See ai.google.dev/api.")
    return [an_object(one, f"{param}[{at}]") for at, one in enumerate(value)]


def a_text(value: Any, param: str) -> str:
    """A string. Raises `InvalidRequest`."""
    if not isinstance(value, str):
        raise InvalidRequest(f"{param} must be a string.", param=param)
    return value


def a_number(value: Any, param: str) -> float:
    """A number. Raises `InvalidRequest`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(f"{param} must be a number.", param=param)
    return value


def a_count(value: Any, param: str) -> int:
    """A whole number, be it spelled 40.0 or, as Google does with long ones, "40". Raises `InvalidRequest`."""
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    number = a_number(value, param)
    if number != number or number in (float("inf"), float("-inf")) or int(number) != number:
        raise InvalidRequest(f"{param} must be a whole number.", param=param)
    return int(number)


def sound(text: str) -> str:
    """Text without halves of surrogate pairs, which JSON can spell and nothing else can carry."""
    return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text


def dumped(value: Any) -> bytes:
    """JSON on one line, in UTF-8."""
    return sound(json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()
