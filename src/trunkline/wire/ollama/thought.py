"""`think`: whether and how hard a model thinks, both ways. Levels: ollama/ollama api/types.go (2026-08)."""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Effort, Thought
from trunkline.model.dialect import Dialect, clamped
from trunkline.wire import loss

_LEVELS: dict[str, Effort] = {"low": "low", "medium": "medium", "high": "high", "max": "max"}

_USUAL: tuple[Effort, ...] = ("low", "medium", "high", "max")
"""What `think` knows besides true and false."""


def read(value: Any) -> Thought:
    """A client's `think`. Raises `InvalidRequest` for what is neither a bool nor a level."""
    if value is None:
        return Thought()
    if isinstance(value, bool):
        return Thought(mode="on" if value else "off")
    if isinstance(value, str) and value in _LEVELS:
        return Thought(mode="on", effort=_LEVELS[value])
    raise InvalidRequest(f"think is {str(value)[:40]!r}, not true, false, low, medium, high or max.", param="think")


def write(conversation: Conversation, dialect: Dialect) -> tuple[bool | str | None, list[str]]:
    """(`think`, or None to leave it out; what is lost).

    Left out, a model that can think does, and one that cannot does not; asked for it, that one answers 400. So a
    client that leaves it to the model (`adaptive`) is taken at its word unless the model is known to think.
    """
    thought = conversation.thought
    off = thought.mode in ("off", "between_tools") or thought.effort == "none"
    asked = thought.mode in ("on", "adaptive") or bool(thought.effort)
    if not (off or asked):
        return None, []
    if dialect.reasoning is False:
        return None, [] if off else [loss.called(conversation.wire, "thinking")]
    if off:
        if dialect.always_thinks:
            return "low", [loss.called(conversation.wire, "thinking")]
        return False, []
    if thought.mode == "adaptive" and dialect.reasoning is None:
        return None, [loss.called(conversation.wire, "effort")] if thought.effort else []
    if thought.effort:
        return clamped(thought.effort, dialect.efforts or _USUAL), []
    return (True if thought.mode == "on" else None), []
