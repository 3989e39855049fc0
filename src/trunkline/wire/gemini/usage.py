"""Gemini's way of counting: the prompt includes what was cached, the candidates leave the thoughts out.

Source: ai.google.dev/api/generate-content#UsageMetadata and `google-genai` 3.4.0 (2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from trunkline.model.estimate import tokens
from trunkline.model.usage import Usage
from trunkline.wire.raw import ABSENT, UNREADABLE, there


class _OfKind(msgspec.Struct, gc=False):
    """How many of some tokens are words, sound, pictures, ..."""

    modality: str | None = None
    tokenCount: int | None = None  # noqa: N815 — the wire's own names


class Counts(msgspec.Struct, gc=False):
    """`usageMetadata` of an answer or a chunk; every number may be absent or null, and each chunk's is cumulative."""

    promptTokenCount: int | None = None  # noqa: N815 — the wire's own names
    cachedContentTokenCount: int | None = None  # noqa: N815
    candidatesTokenCount: int | None = None  # noqa: N815
    thoughtsTokenCount: int | None = None  # noqa: N815
    toolUsePromptTokenCount: int | None = None  # noqa: N815
    totalTokenCount: int | None = None  # noqa: N815
    promptTokensDetails: msgspec.Raw = ABSENT  # noqa: N815
    cacheTokensDetails: msgspec.Raw = ABSENT  # noqa: N815
    candidatesTokensDetails: msgspec.Raw = ABSENT  # noqa: N815


_kinds = msgspec.json.Decoder(list[_OfKind])


def searches(grounding: Iterable[object]) -> int:
    """How many different queries were searched for, by the `groundingMetadata` of the candidates. Empty ones are not
    billed (ai.google.dev/gemini-api/docs/google-search, 2026)."""
    found: set[str] = set()
    for each in grounding:
        told = each.get("webSearchQueries") if isinstance(each, dict) else None
        found.update(query for query in (told if isinstance(told, list) else ()) if isinstance(query, str) and query)
    return len(found)


def take(counts: Counts, usage: Usage) -> None:
    """Writes what is reported over what was known."""
    prompt = None
    if counts.promptTokenCount is not None:
        prompt = counts.promptTokenCount + (counts.toolUsePromptTokenCount or 0)
        usage.cache_read = counts.cachedContentTokenCount or 0
        usage.input = max(0, prompt - usage.cache_read)
        usage.sound_read = _sound(counts.promptTokensDetails) - _sound(counts.cacheTokensDetails)
    if counts.candidatesTokenCount is not None or counts.thoughtsTokenCount is not None:
        usage.reasoning = counts.thoughtsTokenCount or 0
        usage.output = (counts.candidatesTokenCount or 0) + usage.reasoning
        usage.sound_said = _sound(counts.candidatesTokensDetails)
    elif prompt is not None and counts.totalTokenCount is not None:
        # Early chunks and blocked prompts leave both out.
        usage.output = max(0, counts.totalTokenCount - prompt)
    usage.tidy()


def _sound(details: msgspec.Raw) -> int:
    """How many of the tokens are sound; what cannot be read tells none."""
    if not there(details) or b"AUDIO" not in bytes(details):
        return 0
    try:
        return sum(each.tokenCount or 0 for each in _kinds.decode(details) if each.modality == "AUDIO")
    except UNREADABLE:
        return 0


def told(usage: Usage, estimate: int, said: int) -> dict[str, int]:
    """`usageMetadata` for a client. `estimate` is the prompt in tokens, for providers that never told it; of an answer
    that they did not count, the `said` characters speak.
    """
    prompt = estimate if usage.input is None and not usage.prompt else usage.prompt
    out = {"promptTokenCount": prompt}
    if usage.cache_read:
        out["cachedContentTokenCount"] = usage.cache_read
    written = tokens(said) if usage.output is None else usage.output
    out["candidatesTokenCount"] = max(0, written - usage.reasoning)
    if usage.reasoning:
        out["thoughtsTokenCount"] = usage.reasoning
    out["totalTokenCount"] = prompt + max(written, usage.reasoning)
    return out
