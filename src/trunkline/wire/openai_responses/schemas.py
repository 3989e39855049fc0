"""Schemas as OpenAI takes them: an object at the root, without choices there, and strict only where they are.

Source: developers.openai.com, function calling and structured outputs (2026-11).
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_CHOICES = ("oneOf", "anyOf", "allOf")


def rooted(schema: Schema) -> tuple[Schema, bool]:
    """(a schema whose root is a plain object, whether it had to be widened).

    Choices at the root, which the vendor refuses, become one object that has the properties of all of them: whatever
    fitted the schema still does.
    """
    if not any(name in schema for name in _CHOICES) and schema.get("type") == "object":
        return (schema if "properties" in schema else {**schema, "properties": {}}), False
    made = {name: value for name, value in schema.items() if name not in (*_CHOICES, "enum", "not")}
    made["type"] = "object"
    properties: dict[str, Any] = dict(_object(schema.get("properties")))
    required = [name for name in _list(schema.get("required")) if isinstance(name, str)]
    for kind in _CHOICES:
        branches = [branch for branch in _list(schema.get(kind)) if isinstance(branch, dict)]
        for branch in branches:
            for name, value in _object(branch.get("properties")).items():
                properties.setdefault(name, value)
        demanded = [set(map(str, _list(branch.get("required")))) for branch in branches]
        if demanded:
            common = set.union(*demanded) if kind == "allOf" else set.intersection(*demanded)
            required += sorted(common - set(required))
    made["properties"] = properties
    if required:
        made["required"] = required
    if any(name in schema for name in _CHOICES):
        made.pop("additionalProperties", None)
        return made, True
    return made, False


def is_strict(schema: Any) -> bool:
    """Whether every object in it closes itself and requires all that it names, as `strict` demands."""
    if isinstance(schema, list):
        return all(is_strict(each) for each in schema)
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, dict):
        if schema.get("additionalProperties") is not False:
            return False
        if set(_object(properties)) != {name for name in _list(schema.get("required")) if isinstance(name, str)}:
            return False
    inside = [value for name, value in schema.items() if name not in ("properties", "$defs", "definitions", "enum")]
    inside += [*_object(properties).values(), *_object(schema.get("$defs")).values()]
    return all(is_strict(each) for each in [*inside, *_object(schema.get("definitions")).values()])


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
