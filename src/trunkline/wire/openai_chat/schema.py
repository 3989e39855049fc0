"""JSON schemas of tools and answers: what a provider of this wire demands of them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_COMBINED = ("anyOf", "oneOf", "allOf")


def object_root(schema: Json) -> Json:
    """A schema whose root is an object, as tools must have it; combined roots become one object of all their members.

    What every alternative demands stays demanded; the rest the model may leave out.
    """
    if not schema:
        return {"type": "object", "properties": {}}
    if not any(isinstance(schema.get(name), list) for name in _COMBINED):
        if schema.get("type") == "object":
            return schema if "properties" in schema else {**schema, "properties": {}}
        return {**schema, "type": "object", "properties": _properties(schema)}
    properties = dict(_properties(schema))
    required = _names(schema)
    for word in _COMBINED:
        branches = [each for each in schema.get(word) or () if isinstance(each, dict)]
        for branch in branches:
            for name, inner in _properties(branch).items():
                properties.setdefault(name, inner)
        demanded = [_names(branch) for branch in branches]
        if demanded:
            together = set.union(*demanded) if word == "allOf" else set.intersection(*demanded)
            required |= together
    rest = {name: value for name, value in schema.items() if name not in (*_COMBINED, "properties", "required", "type")}
    root: Json = {"type": "object", "properties": properties}
    if required:
        root["required"] = [name for name in properties if name in required]
    return {**root, **rest}


def _properties(schema: Json) -> Json:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _names(schema: Json) -> set[str]:
    required = schema.get("required")
    return {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()


def qualifies(schema: Any) -> bool:
    """Whether OpenAI takes a schema as `strict`: every object closed, every member of it required.

    Source: developers.openai.com/docs/guides/structured-outputs (2026-11).
    """
    try:
        return _closed(schema)
    except RecursionError:
        return False


def _closed(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(_closed(each) for each in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or schema.get("additionalProperties") is not False:
            return False
        if set(properties) != _names(schema):
            return False
    below = [value for name, value in schema.items() if name not in ("properties", "$defs", "definitions", "enum")]
    for name in ("properties", "$defs", "definitions"):
        inner = schema.get(name)
        below += list(inner.values()) if isinstance(inner, dict) else []
    return all(_closed(each) for each in below)
