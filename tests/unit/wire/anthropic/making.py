"""Conversations, models and answers for the tests of this wire."""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Conversation, Part, Text, ToolCall, ToolResult, Turn
from trunkline.model.dialect import Dialect
from trunkline.model.events import Event
from trunkline.wire.anthropic.codec import CODEC
from trunkline.wire.codec import Answering

CLAUDE = Dialect("anthropic", "claude-sonnet-4-5", max_output=64_000, prefill=True, json_schema=True)
NEWEST = Dialect("anthropic", "claude-opus-5-5", max_output=128_000, sampling=False, forced_tool=False, prefill=False)
OPUS_5 = Dialect("anthropic", "claude-opus-5", max_output=128_000, sampling=False, prefill=False, json_schema=True)
GLM = Dialect("zai", "glm-4.6", max_output=131_072, vision=False, documents=False, json_schema=False)
OLLAMA = Dialect("ollama", "qwen3-coder")


def user(*parts: Part | str) -> Turn:
    return Turn("user", [Text(part) if isinstance(part, str) else part for part in parts])


def model(*parts: Part | str) -> Turn:
    return Turn("assistant", [Text(part) if isinstance(part, str) else part for part in parts])


def system(text: str) -> Turn:
    return Turn("system", [Text(text)])


def call(told: str = "call_1", name: str = "look", arguments: str = "{}") -> ToolCall:
    return ToolCall(told, name, arguments)


def result(told: str = "call_1", text: str = "seen", **more: Any) -> ToolResult:
    return ToolResult(told, [Text(text)], **more)


def chat(*turns: Turn, **more: Any) -> Conversation:
    """A conversation that a client of OpenAI's chat format sent."""
    return Conversation("openai_chat", "alias", list(turns), **more)


def encoder(estimate: int = 17) -> Any:
    return CODEC.encoder(Answering("0123", "alias", 1_795_132_800, estimate, chat(user("hi"))))


def streamed(events: list[Event], estimate: int = 17) -> bytes:
    made = encoder(estimate)
    return b"".join(made.take(event) for event in events)
