"""The smallest value that a JSON schema accepts, as far as one can be had without solving it. Pure.

Honours const, enum, default, $ref inside the schema, anyOf/oneOf/allOf, required, and the bounds of strings, numbers
and lists. A `pattern` is not honoured. Depth and size are bounded, so that a schema that refers to itself costs little.
"""

from __future__ import annotations

import math
from typing import Any

Schema = dict[str, Any]

WORD = "demo"
_DEEPEST = 12
_MOST_VALUES = 1000
_MOST_ITEMS = 32
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "demo@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def sample(schema: Any) -> Any:
    """A value for that schema: strings are "demo", numbers 0, the first of an enum."""
    return _Sampler(schema).value(schema, 0)


def arguments(schema: Schema) -> dict[str, Any]:
    """The least arguments of a tool: an object, whatever its schema says."""
    value = sample({"type": "object", **schema})
    return value if isinstance(value, dict) else {}


class _Sampler:
    def __init__(self, root: Any) -> None:
        self._root = root
        self._left = _MOST_VALUES

    def value(self, schema: Any, depth: int) -> Any:
        self._left -= 1
        if not isinstance(schema, dict) or depth > _DEEPEST or self._left < 0:
            return WORD
        for name in ("const", "default"):
            if name in schema:
                return schema[name]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return schema["enum"][0]
        if isinstance(schema.get("$ref"), str):
            return self.value(self._resolve(schema["$ref"]), depth + 1)
        for name in ("anyOf", "oneOf"):
            if isinstance(schema.get(name), list) and schema[name]:
                return self.value(schema[name][0], depth + 1)
        if isinstance(schema.get("allOf"), list) and schema["allOf"]:
            return self._all_of(schema, depth)
        return self._by_type(schema, depth)

    def _resolve(self, reference: str) -> Any:
        found = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            if not isinstance(found, dict):
                return None
            found = found.get(step.replace("~1", "/").replace("~0", "~"))
        return found

    def _all_of(self, schema: Schema, depth: int) -> Any:
        rest = {name: value for name, value in schema.items() if name != "allOf"}
        parts = [*schema["allOf"], rest] if "properties" in rest else schema["allOf"]
        merged: dict[str, Any] = {}
        for part in parts:
            value = self.value(part, depth + 1)
            if not isinstance(value, dict):
                return value
            merged.update(value)
        return merged

    def _by_type(self, schema: Schema, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = kind[0] if kind else "string"
        if kind == "object":
            known = schema.get("properties")
            wanted = schema.get("required")
            known = known if isinstance(known, dict) else {}
            names = [one for one in wanted if isinstance(one, str)] if isinstance(wanted, list) else []
            return {name: self.value(known.get(name), depth + 1) for name in names}
        if kind == "array":
            count = min(int(_bound(schema, "minItems", 0)), _MOST_ITEMS)
            return [self.value(schema.get("items"), depth + 1) for _ in range(count)]
        if kind in ("integer", "number"):
            return _number(schema, whole=kind == "integer")
        if kind in ("boolean", "null"):
            return False if kind == "boolean" else None
        return _string(schema)


def _bound(schema: Schema, name: str, otherwise: float) -> float:
    value = schema.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**53:
        return otherwise
    return value


def _number(schema: Schema, *, whole: bool) -> int | float:
    least = _bound(schema, "minimum", 0)
    above = _bound(schema, "exclusiveMinimum", -1)
    most = min(_bound(schema, "maximum", math.inf), _bound(schema, "exclusiveMaximum", math.inf) - 1)
    value = min(max(0, least, math.floor(above) + 1), most)
    return math.ceil(value) if whole else value


def _string(schema: Schema) -> str:
    kind = schema.get("format")
    if isinstance(kind, str) and kind in _FORMATS:
        return _FORMATS[kind]
    least = min(int(_bound(schema, "minLength", 0)), 1000)
    most = max(0, int(_bound(schema, "maxLength", 1000)))
    return WORD.ljust(least, ".")[:most]
