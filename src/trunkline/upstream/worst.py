"""The most that an attempt may cost: what is held against budgets before it leaves. Pure.

Input at the dearest rate that its tokens may have (read, or written to a cache), output up to its limit, as many
answers as are asked for, and what tools cost that the provider runs itself. A bound on what the provider will report;
where it reports more, that is booked in full and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from trunkline.model.usage import MILLION, Price
from trunkline.model.wires import EMBEDDING, GENERATING, Operation
from trunkline.wire.anthropic import usage as anthropic
from trunkline.wire.openai_chat import usage as openai

OUTPUT: Mapping[Operation, tuple[str, ...]] = {
    "messages": ("max_tokens",),
    "chat": ("max_completion_tokens", "max_tokens"),
    "completions": ("max_tokens",),
    "responses": ("max_output_tokens",),
}
"""Members that limit the output, by operation. Ollama's and Gemini's stand inside another member."""

NESTED: Mapping[Operation, tuple[str, str]] = {
    "ollama_chat": ("options", "num_predict"),
    "ollama_generate": ("options", "num_predict"),
    "generate": ("generationConfig", "maxOutputTokens"),
}

GENERATES: frozenset[Operation] = frozenset({*GENERATING.values(), "completions", "ollama_generate"})
"""Operations whose output has a limit."""

UNLIMITED = 32_768
"""Output tokens that are asked for where neither the request nor the catalog says a limit: budgets need one."""

RELAYED = 8192
"""Output tokens that are reckoned for each answer of a call that is relayed by bytes and has no limit: a large picture
of gpt-image-1 has 6,240 (platform.openai.com, image generation, 2026-11), a minute of speech some 1,250."""

_TIERED: frozenset[Operation] = frozenset({"chat", "completions", "responses"})
"""Operations that may name a `service_tier`."""

_STORED = ("previous_response_id", "conversation", "prompt", "cachedContent", "cached_content")
"""Members by which a request has more input than its bytes: the provider keeps the rest."""

_USE = 10_000_000
"""Nano-dollars of one use of a tool that the provider runs: a search costs $10 per 1,000 at Anthropic and at OpenAI
(platform.claude.com/docs/en/about-claude/pricing, platform.openai.com/docs/pricing, 2026-11); the others less."""
_FOUND = 10_000
"""Tokens that one use may add to the input."""
_USES = 10
"""Uses that are reckoned with where the request sets no `max_uses`."""
_SERVED = ("web_search", "web_fetch", "code_execution", "file_search", "code_interpreter", "image_generation", "mcp")
"""How the types of such tools begin."""
_SIGNS: Mapping[Operation, tuple[bytes, ...]] = {
    "messages": (b"_202",),
    "chat": (b'"web_search"',),
    "generate": (b"oogleSearch", b"oogle_search"),
}
"""What is in a body that offers one: the date of Anthropic's types (`web_search_20250305`), Z.AI's type, Gemini's name.
Lists of tools are long, and seldom hold one: they are only read where it stands in them."""
_GROUNDS = frozenset({"googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval"})

_REFERENCES: Mapping[Operation, tuple[bytes, ...]] = {
    "chat": (b'"image_url"', b'"file_id"'),
    "responses": (b'"image_url"', b'"file_id"', b'"file_url"'),
    "generate": (b'"fileUri"', b'"file_uri"'),
}
"""What points to a picture or a file elsewhere, whose bytes the request does not have."""
_SOUND: Mapping[Operation, tuple[bytes, ...]] = {"chat": (b"audio",), "generate": (b"audio", b"AUDIO")}
"""What is in a body that sends sound or asks for it: `input_audio`, `audio/wav`, a modality."""
_BY_URL = (b'"type":"url"', b'"type": "url"')
"""The same in Anthropic's words, as clients write JSON: without and with blanks."""
_FILES = b"files-api"
"""The beta without which nothing can point to a file there."""
_REFERRED = 5_000
"""Tokens that are reckoned for each."""

Get = Callable[[str], Any]
"""A member of the request that is sent, decoded; None where it has none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for, as far as it costs. `limit` None: it does not say."""

    limit: int | None = None
    count: int = 1
    thinking: int = 0
    """Tokens of thinking that are asked for by number; a part of `limit`."""
    uses: int = 0
    sound: bool = False
    """It may send sound, or ask for it."""
    served: tuple[str, ...] = ()
    """A pace or a place that has a price of its own."""
    passes: int = 1
    """How often the conversation may be read: once more where it may be summed up on the way."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What an attempt costs at most, nano-dollars at list price: `fixed`, and `output` for a million tokens of each of
    `count` answers up to `limit`."""

    fixed: int
    output: int = 0
    limit: int = 0
    count: int = 1
    input: int = 0
    """Tokens."""

    @property
    def worst(self) -> int:
        return self.with_limit(self.limit)

    def with_limit(self, limit: int) -> int:
        """The same with another output limit."""
        return self.fixed + -(-limit * self.count * self.output // MILLION)

    def limit_within(self, nano: int) -> int:
        """The largest output limit that so much pays for; below 0: not even the input."""
        if nano < self.fixed:
            return -1
        rate = self.output * self.count
        return (nano - self.fixed) * MILLION // rate if rate else self.limit


def asked_of(get: Get, operation: Operation, raw: bytes) -> Asked:
    """Reads what a request asks for. What is no number counts as not said: the provider will refuse it."""
    if operation == "other":
        return Asked(count=max(1, _number(get("n")) or 1))
    if operation not in GENERATES:
        return Asked()
    count = max(1, _number(get("n")) or 1)
    thinking = 0
    if operation in NESTED:
        inner = _nested(get, operation)
        name = NESTED[operation][1]
        limit = _number(inner.get(name))
        if operation == "generate":
            limit = limit if limit is not None else _number(inner.get("max_output_tokens"))
            count = max(1, _number(inner.get("candidateCount")) or _number(inner.get("candidate_count")) or 1)
            config = inner.get("thinkingConfig") or inner.get("thinking_config")
            thinking = _number(config.get("thinkingBudget")) or 0 if isinstance(config, dict) else 0
    else:
        limits = [number for name in OUTPUT[operation] if (number := _number(get(name))) is not None]
        limit = min(limits) if limits else None
        if operation == "completions":
            count = max(count, _number(get("best_of")) or 1)
        if operation == "messages":
            config = get("thinking")
            thinking = _number(config.get("budget_tokens")) or 0 if isinstance(config, dict) else 0
    passes = 2 if operation == "messages" and _sums_up(get) else 1
    sound = any(each in raw for each in _SOUND.get(operation, ()))
    return Asked(limit, count, thinking, _uses(get, operation, raw), sound, _served(get, operation), passes)


def _sums_up(get: Get) -> bool:
    """Whether Anthropic may sum the conversation up before it answers (`compact_20260112`, or `compaction`)."""
    managed = get("context_management")
    edits = managed.get("edits") if isinstance(managed, dict) else None
    kinds = [each.get("type") for each in edits if isinstance(each, dict)] if isinstance(edits, list) else []
    return any(str(kind).startswith("compact") for kind in kinds) or get("compaction") is not None


def _served(get: Get, operation: Operation) -> tuple[str, ...]:
    if operation == "messages":
        return anthropic.served(get("speed"), get("inference_geo"))
    return openai.served(get("service_tier")) if operation in _TIERED else ()


def _nested(get: Get, operation: Operation) -> dict[str, Any]:
    name = NESTED[operation][0]
    inner = get(name)
    if inner is None and operation == "generate":
        inner = get("generation_config")
    return inner if isinstance(inner, dict) else {}


def _number(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _uses(get: Get, operation: Operation, raw: bytes) -> int:
    """How often tools of the provider's own may be used."""
    if operation == "chat" and get("web_search_options") is not None:
        return _USES
    signs = _SIGNS.get(operation)
    if (signs is None and operation != "responses") or (signs and not any(sign in raw for sign in signs)):
        return 0
    tools = get("tools")
    uses = 0
    for tool in tools if isinstance(tools, list) else ():
        kind = tool.get("type") if isinstance(tool, dict) else None
        if operation == "generate":
            uses += _USES if isinstance(tool, dict) and not _GROUNDS.isdisjoint(tool) else 0
        elif operation == "chat":
            # It searches once, before the model is asked.
            uses += kind == "web_search"
        elif isinstance(kind, str) and kind.startswith(_SERVED):
            most = _number(tool.get("max_uses"))
            uses += _USES if most is None else most
    return uses


def stored(get: Get, operation: Operation) -> bool:
    """Whether the request goes on from something that its provider keeps, so that its bytes bound nothing."""
    names = _STORED if operation in ("responses", "generate") else ()
    return any(get(name) is not None for name in names)


def referred(raw: bytes, operation: Operation, headers: Sequence[tuple[bytes, bytes]] = ()) -> int:
    """Tokens of pictures and files that the request only points to."""
    words = _REFERENCES.get(operation, ())
    if operation == "messages":
        words = (_BY_URL[b'": ' in raw[:64]],)
        if any(_FILES in value for name, value in headers if name == b"anthropic-beta"):
            words += (b'"file_id"',)
    return _REFERRED * sum(raw.count(each) for each in words)


def kept_long(get: Get, operation: Operation, raw: bytes) -> bool:
    """Whether the request asks for a cache that is kept longer, which costs more to write."""
    return b'"1h"' in raw if operation == "messages" else get("prompt_cache_retention") is not None


def bound_of(
    price: Price, asked: Asked, operation: Operation, tokens: int, most_output: int, *, long: bool = False
) -> Bound:
    """The bound of an attempt whose input is at most so many tokens. `most_output`: what the model can write; 0:
    unknown. `long`: caches that are kept longer are written."""
    tokens += asked.uses * _FOUND
    price = price.dearer(asked.served) if asked.served else price
    tiers = [tier for tier in price.tiers if not tier.above or tokens > tier.above]
    if operation in EMBEDDING:
        return Bound(-(-tokens * max(tier.input for tier in tiers) // MILLION), input=tokens)
    read, said = price.sound if price.sound is not None and asked.sound else (0, 0)
    rate = max(read, *(max(each.input, each.cache_read, each.cache_write) for each in tiers))
    if long:
        rate = max(rate, *(each.cache_write_1h for each in tiers))
    fixed = -(-tokens * rate * asked.passes // MILLION) + asked.uses * max(price.search, _USE)
    if operation == "other":
        made = RELAYED * asked.count * max(each.output for each in tiers)
        return Bound(fixed - (-made // MILLION), limit=RELAYED, count=asked.count, input=tokens)
    if operation not in GENERATES:
        return Bound(fixed, input=tokens)
    limit = asked.limit if asked.limit is not None else most_output or UNLIMITED
    return Bound(fixed, max(said, *(each.output for each in tiers)), limit, asked.count * asked.passes, tokens)


def with_limit(get: Get, operation: Operation, limit: int, name: str = "") -> dict[str, bytes]:
    """Members, as JSON, that set the output limit. `name`: what it is called where the request has none."""
    encode = msgspec.json.encode
    if operation in NESTED:
        outer, inner = NESTED[operation]
        if operation == "generate" and get(outer) is None and get("generation_config") is not None:
            outer = "generation_config"
        old = get(outer)
        old = dict(old) if isinstance(old, dict) else {}
        if "max_output_tokens" in old:
            inner = "max_output_tokens"
        return {outer: encode({**old, inner: limit})}
    names = [each for each in OUTPUT[operation] if get(each) is not None]
    return {each: encode(limit) for each in names or [name or OUTPUT[operation][-1]]}
