"""OpenAI's way of counting in Responses: `input_tokens` includes what was cached.

Source: `openai.types.responses.ResponseUsage`, SDK 3.52.0.
"""

from __future__ import annotations

import msgspec

from trunkline.model.usage import Usage


class InputDetails(msgspec.Struct, gc=False):
    """What of the input was cached."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """What of the output was reasoning."""

    reasoning_tokens: int | None = None


class Counts(msgspec.Struct, gc=False):
    """`usage` of a response."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None


def take(counts: Counts, usage: Usage) -> None:
    """Writes what is reported over what was known."""
    details = counts.input_tokens_details
    cached = (details and details.cached_tokens) or 0
    written = (details and details.cache_write_tokens) or 0
    if counts.input_tokens is not None:
        usage.input = max(0, counts.input_tokens - cached - written)
        usage.cache_read = cached
        usage.cache_write = written
    if counts.output_tokens is not None:
        usage.output = counts.output_tokens
    if counts.output_tokens_details is not None:
        usage.reasoning = counts.output_tokens_details.reasoning_tokens or 0
    usage.tidy()
