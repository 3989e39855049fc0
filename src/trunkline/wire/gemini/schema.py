"""Google's `Schema`, a cut of OpenAPI 3.0 in capital letters, as the JSON Schema that it means.

Source: ai.google.dev/api/caching#Schema (2026-11).
"""

from __future__ import annotations

from typing import Any

_SAME = ("title", "description", "enum", "format", "pattern", "minimum", "maximum", "default", "example", "required")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
DEEPEST = 100


def as_json_schema(value: Any, depth: int = 0) -> Any:
    """JSON Schema; members that it has no word for are left out, what is no `Schema` stays as it is."""
    if not isinstance(value, dict) or depth > DEEPEST:
        return value
    given = {_camel(name): member for name, member in value.items() if member is not None}
    out: dict[str, Any] = {}
    kind = given.get("type")
    if isinstance(kind, str) and kind != "TYPE_UNSPECIFIED":
        out["type"] = [kind.lower(), "null"] if given.get("nullable") is True else kind.lower()
    elif isinstance(kind, list):
        out["type"] = [one.lower() if isinstance(one, str) else one for one in kind]
    out |= {name: given[name] for name in _SAME if name in given}
    out |= {name: _count(given[name]) for name in _COUNTS if name in given}
    if isinstance(given.get("properties"), dict):
        out["properties"] = {name: as_json_schema(one, depth + 1) for name, one in given["properties"].items()}
    if "items" in given:
        out["items"] = as_json_schema(given["items"], depth + 1)
    if isinstance(given.get("anyOf"), list):
        out["anyOf"] = [as_json_schema(one, depth + 1) for one in given["anyOf"]]
    for name in ("additionalProperties", "$ref", "$defs", "const", "oneOf", "allOf"):
        if name in given:
            out[name] = given[name]
    return out


def _count(value: Any) -> Any:
    """Long numbers are strings in Google's JSON."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 20 else value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest) if rest and head else name
