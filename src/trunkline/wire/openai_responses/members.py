"""Members of what a provider sends, taken as they should be: what is of another type counts as absent."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
"""Kinds of calls, and the member that holds what the model wrote."""


def text(value: Json, name: str) -> str:
    """A string, or nothing."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def number(value: Json, name: str) -> int:
    """A whole number, or 0."""
    found = value.get(name)
    return found if isinstance(found, int) else 0


def objects(value: Json, name: str) -> list[Json]:
    """The objects of a list."""
    found = value.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
