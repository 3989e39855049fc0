"""JSON schemas of tools, cut down to what Ollama keeps, so that what it would drop is said in words it knows.

Its server decodes `parameters` into fixed members (ollama/ollama api/types.go, 2026-08): at the top `type`, `$defs`,
`items`, `required`, `properties`; in a property `anyOf`, `type`, `items`, `description`, `enum`, `properties`,
`required`. Others vanish, `$ref` among them, and a member of another type than it expects is a 400. So references are
followed, `oneOf` becomes `anyOf`, `const` an `enum` of one, `allOf` is merged. `items` keeps all: Ollama does not look
into it.
"""

from __future__ import annotations

from typing import Any

_MOST = 512
"""References that are followed in one schema: one that would unfold into more stays open from there."""

_DEEP = 40

Schema = dict[str, Any]


def reduced(schema: Schema) -> Schema:
    """The `parameters` of a function. The same schema always gives the same bytes."""
    top = _Whole(schema).plain(schema, ())
    for name in ("anyOf", "oneOf"):
        # Ollama knows no choice at the top: what any of them takes may be given, and nothing of it must be.
        for one in _list(top.get(name)):
            top = _merged(top, {"properties": one["properties"]} if isinstance(one.get("properties"), dict) else {})
    properties = top.get("properties")
    out: Schema = {"type": "object"}
    if required := _names(top.get("required")):
        out["required"] = required
    found = properties.items() if isinstance(properties, dict) else ()
    out["properties"] = {name: _property(value, 0) for name, value in found}
    return out


class _Whole:
    """One schema with its definitions; unfolds references and merges, keyword by keyword."""

    def __init__(self, schema: Schema) -> None:
        self._root = schema
        self._left = _MOST

    def plain(self, value: Any, path: tuple[str, ...]) -> Any:
        """A schema without references; `path` holds those being followed: one that holds itself ends open."""
        if not isinstance(value, dict) or len(path) > _DEEP:
            return {}
        name = value.get("$ref")
        if isinstance(name, str):
            beside = {key: kept for key, kept in value.items() if key != "$ref"}
            target = None if name in path or self._left <= 0 else self._target(name)
            self._left -= 1
            found = self.plain(target, (*path, name)) if target is not None else {}
            return {**found, **self.plain(beside, (*path, ""))}
        out: Schema = {}
        for key, kept in value.items():
            if key in ("$defs", "definitions", "$schema", "$id", "allOf"):
                continue
            out[key] = self._member(key, kept, path)
        for one in _list(value.get("allOf")):
            out = _merged(out, self.plain(one, (*path, "")))
        return out

    def _member(self, key: str, value: Any, path: tuple[str, ...]) -> Any:
        inner = (*path, "")
        if key in ("properties", "patternProperties") and isinstance(value, dict):
            return {name: self.plain(one, inner) for name, one in value.items()}
        if key in ("anyOf", "oneOf", "prefixItems") and isinstance(value, list):
            return [self.plain(one, inner) for one in value]
        if key in ("items", "additionalProperties", "not") and isinstance(value, dict):
            return self.plain(value, inner)
        return value

    def _target(self, name: str) -> Any:
        """What `#/$defs/Name` and the like point to; None when nothing stands there."""
        if not name.startswith("#"):
            return None
        found: Any = self._root
        for step in name.removeprefix("#").strip("/").split("/"):
            if step:
                found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return found


def _merged(one: Schema, other: Schema) -> Schema:
    """Both at once: properties and required together, of the rest what came first."""
    out = {**other, **one}
    if isinstance(one.get("properties"), dict) and isinstance(other.get("properties"), dict):
        out["properties"] = {**other["properties"], **one["properties"]}
    names = [*_names(one.get("required")), *_names(other.get("required"))]
    if names:
        out["required"] = list(dict.fromkeys(names))
    return out


def _property(value: Any, depth: int) -> Schema:
    """A property as Ollama's server decodes it: nothing of a type that it would refuse."""
    if not isinstance(value, dict) or depth > _DEEP:
        return {}
    out: Schema = {}
    either = value.get("anyOf") or value.get("oneOf")
    if isinstance(either, list):
        out["anyOf"] = [_property(one, depth + 1) for one in either]
    kind = value.get("type")
    if isinstance(kind, str) or (isinstance(kind, list) and kind and all(isinstance(one, str) for one in kind)):
        out["type"] = kind
    if value.get("items") is not None:
        out["items"] = value["items"]
    if isinstance(value.get("description"), str):
        out["description"] = value["description"]
    if isinstance(value.get("enum"), list):
        out["enum"] = value["enum"]
    elif "const" in value:
        out["enum"] = [value["const"]]
    if isinstance(value.get("properties"), dict):
        out["properties"] = {name: _property(one, depth + 1) for name, one in value["properties"].items()}
    if required := _names(value.get("required")):
        out["required"] = required
    return out


def _names(value: Any) -> list[str]:
    return [one for one in _list(value) if isinstance(one, str)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
