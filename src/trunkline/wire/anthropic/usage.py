"""Anthropic's way of counting: `input_tokens` is the uncached rest, cache reads and writes stand beside it.

Source: docstrings of `anthropic.types.Usage`, SDK 2.11.0.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec

from trunkline.model.usage import Usage


class CacheCreation(msgspec.Struct, gc=False):
    """Cache writes by how long they live."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """The part of the output that was thinking."""

    thinking_tokens: int | None = None


class ServerTools(msgspec.Struct, gc=False):
    """How often the provider's own tools were used. A search is paid by itself, beside its tokens."""

    web_search_requests: int | None = None


class Counts(msgspec.Struct, gc=False):
    """`usage` of a message, a `message_start` or a `message_delta`; every number may be absent or null."""

    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens: int | None = None
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerTools | None = None
    speed: Any = None
    inference_geo: Any = None
    iterations: Any = None


def served(speed: object, geo: object) -> tuple[str, ...]:
    """What of `speed` and `inference_geo`, in a request as in an answer, has a price of its own."""
    return (*(("fast",) if speed == "fast" else ()), *(("us",) if geo == "us" else ()))


def take(counts: Counts, usage: Usage) -> None:
    """Writes what is reported over what was known: numbers are cumulative, later ones are truer."""
    if counts.input_tokens is not None:
        usage.input = counts.input_tokens
    if counts.cache_read_input_tokens is not None:
        usage.cache_read = counts.cache_read_input_tokens
    if counts.cache_creation_input_tokens is not None:
        hour = (counts.cache_creation and counts.cache_creation.ephemeral_1h_input_tokens) or 0
        usage.cache_write_1h = hour
        usage.cache_write = max(0, counts.cache_creation_input_tokens - hour)
    if counts.output_tokens is not None:
        usage.output = counts.output_tokens
    if counts.output_tokens_details is not None:
        usage.reasoning = counts.output_tokens_details.thinking_tokens or 0
    if counts.server_tool_use is not None:
        usage.searches = counts.server_tool_use.web_search_requests or 0
    if counts.speed is not None or counts.inference_geo is not None:
        usage.served = served(counts.speed, counts.inference_geo)
    if isinstance(counts.iterations, list):
        usage.beside = tuple(_passes(counts.iterations))
    usage.tidy()


def _passes(iterations: list[Any]) -> Iterator[Usage]:
    """Passes that summed the conversation up: the numbers beside `iterations` are without them, the bill is not
    (platform.claude.com, compaction, 2026-10). What cannot be read tells none."""
    for each in iterations:
        if isinstance(each, dict) and each.get("type") == "compaction":
            with contextlib.suppress(msgspec.ValidationError):
                one = Usage()
                take(msgspec.convert({**each, "iterations": None}, Counts), one)
                yield one
