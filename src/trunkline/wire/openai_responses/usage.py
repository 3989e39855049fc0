"""OpenAI's way of counting in Responses: `input_tokens` includes what was cached.

Source: `openai.types.responses.ResponseUsage`, SDK 3.52.0. Searches stand beside the usage, in `tool_usage` of the
response (seen in answers of gpt-5.4 and later, 2026); searches of files are items of its output.
"""

from __future__ import annotations

import msgspec

from trunkline.model.usage import Usage
from trunkline.wire.raw import ABSENT, UNREADABLE, there


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


class _Searches(msgspec.Struct, gc=False):
    num_requests: int | None = None


class _Tools(msgspec.Struct, gc=False):
    web_search: _Searches | None = None


_tools = msgspec.json.Decoder(_Tools)
_LOOKUP = b'"file_search_call"'
"""The type of an item of the output, each of which is a search of files: a string of JSON cannot hold it otherwise."""


def searches(tool_usage: msgspec.Raw) -> int:
    """How often the provider searched the web, by a response's `tool_usage`; what cannot be read tells none."""
    if not there(tool_usage):
        return 0
    try:
        told = _tools.decode(tool_usage).web_search
    except UNREADABLE:
        return 0
    return max(0, (told and told.num_requests) or 0)


def lookups(output: msgspec.Raw) -> int:
    """How often the provider searched files, by a response's output."""
    return bytes(output).count(_LOOKUP)


def take(counts: Counts, usage: Usage, tool_usage: msgspec.Raw = ABSENT, lookups: int = 0) -> None:
    """Writes what is reported over what was known."""
    usage.searches = searches(tool_usage) or usage.searches
    usage.lookups = lookups or usage.lookups
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
