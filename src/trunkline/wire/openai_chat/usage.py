"""OpenAI's way of counting in Chat Completions: `prompt_tokens` includes what was cached.

Sources: `openai.types.CompletionUsage`, SDK 3.52.0; api-docs.deepseek.com (hit and miss counts); Kimi's flat
`cached_tokens` (2026-11).
"""

from __future__ import annotations

import msgspec

from trunkline.model.usage import Usage


class PromptDetails(msgspec.Struct, gc=False):
    """What of the prompt was cached, and what was sound."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None


class CompletionDetails(msgspec.Struct, gc=False):
    """What of the completion was reasoning, and what was sound."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class Counts(msgspec.Struct, gc=False):
    """`usage` of a completion or of a stream's last chunk; every number may be absent or null."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    cached_tokens: int | None = None
    prompt_cache_hit_tokens: int | None = None
    estimated: bool | None = None
    """Our own mark, where LiteLLM's SDK counted instead of the provider."""


_SERVED = {"priority": ("fast",), "fast": ("fast",), "ultrafast": ("ultrafast",), "flex": ("flex",)}
"""`priority` is called `fast` since 2026-07 (openai.com/api-fast-mode)."""


def served(tier: object) -> tuple[str, ...]:
    """What of a `service_tier`, in a request as in an answer, has a price of its own."""
    return _SERVED.get(tier, ()) if isinstance(tier, str) else ()


def searched(found: msgspec.Raw) -> int:
    """Z.AI puts what it found on the web beside the choices (`web_search`): one search, whose results these are."""
    return int(bytes(memoryview(found)[:32]).translate(None, b" \t\r\n")[:2] == b"[{")


def take(counts: Counts, usage: Usage) -> None:
    """Writes what is reported over what was known. Zeros throughout are what servers tell that did not count."""
    if counts.prompt_tokens == 0 and not counts.completion_tokens and not counts.total_tokens:
        return
    details = counts.prompt_tokens_details
    cached = (details and details.cached_tokens) or counts.cached_tokens or counts.prompt_cache_hit_tokens or 0
    written = (details and details.cache_write_tokens) or 0
    if counts.prompt_tokens is not None:
        usage.input = max(0, counts.prompt_tokens - cached - written)
        usage.cache_read = cached
        usage.cache_write = written
        usage.sound_read = (details and details.audio_tokens) or 0
    if counts.completion_tokens is not None:
        usage.output = counts.completion_tokens
    elif counts.total_tokens is not None and counts.prompt_tokens is not None:
        # Embeddings report a prompt and a total only.
        usage.output = max(0, counts.total_tokens - counts.prompt_tokens)
    if counts.completion_tokens_details is not None:
        usage.reasoning = counts.completion_tokens_details.reasoning_tokens or 0
        usage.sound_said = counts.completion_tokens_details.audio_tokens or 0
    usage.estimated = usage.estimated or bool(counts.estimated)
    usage.tidy()
