"""JSON Schemas as Claude takes them: an object at the root, and closed where the grammar of an answer is bound to it.

Source: platform.claude.com/docs/en/build-with-claude/structured-outputs, limitations (2026-11-20).
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_EMPTY: Json = {"type": "object", "properties": {}}
_UNIONS = ("anyOf", "oneOf", "allOf")
_STRICT = frozenset(
    [
        *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf"),
        *("$ref", "$defs", "definitions", "description", "title", "default", "$schema"),
    ]
)


def as_object_schema(schema: Json) -> Json:
    """The same schema with an object at its root: a union's variants laid over each other, anything else wrapped.

    What the variants share stays required; no input that the union took is refused.
    """
    if not schema:
        return dict(_EMPTY)
    schema = _followed(schema)
    unions = [name for name in _UNIONS if isinstance(schema.get(name), list)]
    if unions:
        return _flattened(schema, unions)
    kind = schema.get("type")
    if kind == "object":
        return schema
    if kind is None or (isinstance(kind, list) and "object" in kind):
        return {**schema, "type": "object"}
    return {"type": "object", "properties": {"value": schema}, "required": ["value"]}


def _followed(schema: Json) -> Json:
    """A root that is only a reference, replaced by what it refers to."""
    target = schema.get("$ref")
    if not isinstance(target, str) or not target.startswith("#/"):
        return schema
    found: Any = schema
    for step in target[2:].split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return schema
    rest = {name: value for name, value in schema.items() if name != "$ref"}
    return {**rest, **{name: value for name, value in found.items() if name != "$ref"}}


def _flattened(schema: Json, unions: list[str]) -> Json:
    properties: Json = {}
    required: set[str] = set(_names(schema))
    for union in unions:
        variants = [_followed({**_definitions(schema), **one}) for one in schema[union] if isinstance(one, dict)]
        for one in variants:
            for name, value in _properties(one).items():
                properties.setdefault(name, value)
        needed = [set(_names(one)) for one in variants]
        if needed:
            required |= set.union(*needed) if union == "allOf" else set.intersection(*needed)
    properties.update(_properties(schema))
    rest = {name: value for name, value in schema.items() if name not in (*_UNIONS, "additionalProperties")}
    return {**rest, "type": "object", "properties": properties, "required": sorted(required & properties.keys())}


def _definitions(schema: Json) -> Json:
    return {name: schema[name] for name in ("$defs", "definitions") if name in schema}


def _properties(schema: Json) -> Json:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _names(schema: Json) -> list[str]:
    found = schema.get("required")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def closed(schema: Any, depth: int = 0) -> Any:
    """The same schema, in which no object takes more than it lists: whatever fits it fits the other, too.

    An object that lists nothing, or says of others that it takes them, means it and stays open.
    """
    if isinstance(schema, list):
        return [closed(one, depth) for one in schema]
    if not isinstance(schema, dict) or depth > 20:
        return schema
    out = dict(schema)
    for name in ("properties", "$defs", "definitions"):
        if isinstance(schema.get(name), dict):
            out[name] = {key: closed(one, depth + 1) for key, one in schema[name].items()}
    for name in ("items", "anyOf"):
        if name in schema:
            out[name] = closed(schema[name], depth + 1)
    if _properties(schema):
        out.setdefault("additionalProperties", False)
    return out


def is_closed(schema: Any, depth: int = 0) -> bool:
    """Whether an answer can be bound to it: known words only, and every object lists all it may have."""
    if not isinstance(schema, dict) or depth > 20 or not _STRICT.issuperset(schema):
        return False
    kind = schema.get("type")
    if (kind == "object" or "properties" in schema) and schema.get("additionalProperties") is not False:
        return False
    inner = [*_properties(schema).values(), *(schema.get("anyOf") or [])]
    inner += [schema["items"]] if "items" in schema else []
    inner += [one for defs in _definitions(schema).values() if isinstance(defs, dict) for one in defs.values()]
    return all(is_closed(one, depth + 1) for one in inner)
