"""Where a prompt is marked for Anthropic's cache, when its client speaks a wire without such marks.

On the last tool, the last block of the system prompt and the last two user turns: four at most, of which the provider
looks the longest known prefix up. Source: platform.claude.com/docs/en/build-with-claude/prompt-caching (2026-11-20).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MOST = 4
_MARK: Json = {"type": "ephemeral"}
_UNMARKABLE = frozenset({"thinking", "redacted_thinking"})


def place(tools: list[Json], system: list[Json], messages: list[Json]) -> None:
    """Adds the marks, unless the client made some of its own."""
    if any("cache_control" in block for block in _all(tools, system, messages)):
        return
    users = [message["content"] for message in messages if message["role"] == "user"]
    for blocks in (tools, system, *users[-2:]):
        last = next((block for block in reversed(blocks) if block.get("type") not in _UNMARKABLE), None)
        if last is not None:
            last["cache_control"] = dict(_MARK)


def trim(tools: list[Json], system: list[Json], messages: list[Json]) -> None:
    """Leaves no more than Anthropic takes: of marks on messages the last ones."""
    marked = [block for block in _all(tools, system, messages) if "cache_control" in block]
    above = sum("cache_control" in block for block in (*tools, *system))
    surplus = len(marked) - MOST
    for block in [*marked[above:], *marked[:above]][: max(0, surplus)]:
        del block["cache_control"]


def _all(tools: list[Json], system: list[Json], messages: list[Json]) -> Iterator[Json]:
    yield from tools
    yield from system
    for message in messages:
        yield from message["content"]
