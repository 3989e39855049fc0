"""The most that an attempt may cost, and how long an answer a budget pays for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.model.usage import MILLION, Price, Rates, Usage
from trunkline.model.wires import Operation
from trunkline.upstream.fit import USEFUL, fitted
from trunkline.upstream.worst import (
    UNLIMITED,
    Asked,
    Bound,
    asked_of,
    bound_of,
    kept_long,
    referred,
    stored,
    with_limit,
)

LIST = Price((Rates(3_000, 15_000, 300, 3_750, 6_000), Rates(6_000, 22_500, 600, 7_500, 12_000, above=200_000)))
"""Nano-dollars a million tokens, as small numbers; dearer above 200,000 tokens."""


def asked(operation: Operation, **body: Any) -> Asked:
    return asked_of(body.get, operation, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        ("messages", {"max_tokens": 9}, Asked(9)),
        (
            "messages",
            {"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 5000}},
            Asked(9000, 1, 5000),
        ),
        ("messages", {"max_tokens": 9, "thinking": "x", "n": "y"}, Asked(9)),
        ("chat", {"max_tokens": 9, "max_completion_tokens": 7, "n": 3}, Asked(7, 3)),
        ("chat", {"max_tokens": -1}, Asked()),
        ("chat", {"max_tokens": True}, Asked()),
        ("chat", {"web_search_options": {}}, Asked(uses=10)),
        ("chat", {"tools": [{"type": "web_search", "web_search": {"enable": True}}]}, Asked(uses=1)),
        ("chat", {"tools": [{"type": "function", "function": {"name": "web_search"}}]}, Asked()),
        ("generate", {"tools": [{"googleSearch": {}}]}, Asked(uses=10)),
        ("completions", {"max_tokens": 5, "n": 2, "best_of": 4}, Asked(5, 4)),
        ("responses", {"max_output_tokens": 5}, Asked(5)),
        ("ollama_chat", {"options": {"num_predict": 5}}, Asked(5)),
        ("ollama_chat", {"options": {"num_predict": -1}}, Asked()),
        (
            "generate",
            {"generationConfig": {"maxOutputTokens": 9, "candidateCount": 2, "thinkingConfig": {"thinkingBudget": 4}}},
            Asked(9, 2, 4),
        ),
        ("generate", {"generation_config": {"max_output_tokens": 9}}, Asked(9)),
        ("messages", {"tools": [{"type": "web_search_20250305", "max_uses": 3}, {"name": "x"}]}, Asked(uses=3)),
        ("responses", {"tools": [{"type": "web_search"}, {"type": "function"}]}, Asked(uses=10)),
        ("embeddings", {"max_tokens": 9}, Asked()),
        ("other", {"prompt": "a cat", "n": 3}, Asked(count=3)),
        ("messages", {"speed": "fast", "inference_geo": "us"}, Asked(served=("fast", "us"))),
        ("messages", {"context_management": {"edits": [{"type": "compact_20260112"}]}}, Asked(passes=2)),
        ("messages", {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}, 1]}}, Asked()),
        ("messages", {"speed": "standard", "inference_geo": None}, Asked()),
        ("chat", {"service_tier": "priority"}, Asked(served=("fast",))),
        ("responses", {"service_tier": "flex"}, Asked(served=("flex",))),
        ("completions", {"service_tier": ["auto"]}, Asked()),
        ("chat", {"messages": [{"content": [{"type": "input_audio"}]}]}, Asked(sound=True)),
        ("chat", {"modalities": ["text", "audio"]}, Asked(sound=True)),
        ("generate", {"contents": [{"parts": [{"inlineData": {"mimeType": "audio/wav"}}]}]}, Asked(sound=True)),
        ("generate", {"generationConfig": {"responseModalities": ["AUDIO"]}}, Asked(sound=True)),
        ("messages", {"system": "You know audio."}, Asked()),
    ],
)
def test_what_is_asked_for_is_read_on_every_wire(operation: Operation, body: dict[str, Any], expected: Asked) -> None:
    assert asked(operation, **body) == expected


@pytest.mark.parametrize("operation", ["messages", "chat", "completions", "responses", "ollama_chat", "generate"])
def test_a_limit_that_is_put_in_is_read_again(operation: Operation) -> None:
    for body in ({}, {"options": {"x": 1}}, {"generation_config": {"max_output_tokens": 9}}, {"max_tokens": 8}):
        put = {name: json.loads(value) for name, value in with_limit(dict(body).get, operation, 77).items()}
        assert asked(operation, **{**body, **put}).limit == 77
    nothing: dict[str, Any] = {}
    named = with_limit(nothing.get, "chat", 7, "max_completion_tokens")
    assert named == {"max_completion_tokens": b"7"}


def test_the_dearest_rate_of_the_input_is_held() -> None:
    bound = bound_of(LIST, Asked(1000), "messages", 100_000, 0)
    assert bound.worst == -(-(100_000 * 3_750 + 1000 * 15_000) // MILLION)
    long = bound_of(LIST, Asked(1000), "messages", 100_000, 0, long=True)
    assert long.fixed == 100_000 * 6_000 // MILLION
    dear = bound_of(LIST, Asked(1000), "messages", 300_000, 0)
    assert dear.worst == 300_000 * 7_500 // MILLION + -(-1000 * 22_500 // MILLION)


def test_without_a_limit_the_models_own_counts_and_answers_are_multiplied() -> None:
    assert bound_of(LIST, Asked(), "chat", 0, 64_000).limit == 64_000
    assert bound_of(LIST, Asked(), "chat", 0, 0).limit == UNLIMITED
    assert bound_of(LIST, Asked(1_000_000, 3), "chat", 0, 0).worst == 45_000
    assert bound_of(LIST, Asked(), "embeddings", 1_000_000, 64_000).worst == 6_000


def test_what_is_relayed_is_held_at_a_large_answer_that_nothing_shortens() -> None:
    bound = bound_of(LIST, Asked(count=2), "other", 0, 0)
    assert (bound.worst, bound.limit_within(0)) == (-(-2 * 8192 * 15_000 // MILLION), -1)
    assert fitted(bound, Asked(count=2), 10**9, 10**9) is None


def test_searches_are_paid_beside_the_tokens() -> None:
    price = Price(LIST.tiers, search=10_000_000, lookup=2_500_000)
    assert price.cost(Usage(input=1_000_000, output=0, searches=2)) == 6_000 + 20_000_000
    assert price.cost(Usage(input=1_000_000, output=0, lookups=3)) == 6_000 + 7_500_000


def test_tools_of_the_providers_own_are_paid_by_their_uses() -> None:
    assert bound_of(LIST, Asked(0, uses=3), "messages", 0, 0).fixed > 3 * 10_000_000


@given(
    usage=st.builds(
        Usage,
        input=st.integers(0, 150_000),
        cache_read=st.integers(0, 150_000),
        cache_write=st.integers(0, 150_000),
        output=st.integers(0, 50_000),
        sound_read=st.integers(0, 150_000),
        sound_said=st.integers(0, 50_000),
    ),
    slack=st.integers(0, 10_000),
    price=st.sampled_from([LIST, Price(LIST.tiers, sound=(32_000, 64_000)), Price(LIST.tiers, sound=(1_000, 15_000))]),
)
def test_no_usage_within_the_bound_costs_more(usage: Usage, slack: int, price: Price) -> None:
    usage.tidy()
    asked = Asked((usage.output or 0) + slack, sound=True)
    bound = bound_of(price, asked, "messages", usage.prompt + slack, 0)
    assert price.cost(usage) <= bound.worst


def test_sound_is_only_held_where_there_may_be_some() -> None:
    price = Price(LIST.tiers, sound=(32_000, 64_000))
    assert bound_of(price, Asked(1000), "chat", 100_000, 0) == bound_of(LIST, Asked(1000), "chat", 100_000, 0)


@given(
    fixed=st.integers(0, 10**6),
    output=st.integers(1, 10**6),
    limit=st.integers(1, 10**6),
    count=st.integers(1, 4),
    thinking=st.integers(0, 10_000),
    free=st.integers(0, 10**7),
)
def test_what_is_fitted_fits_is_useful_and_no_more_than_half(
    fixed: int, output: int, limit: int, count: int, thinking: int, free: int
) -> None:
    bound = Bound(fixed, output, limit, count)
    found = fitted(bound, Asked(limit, count, thinking), free, free // 2)
    least = USEFUL + thinking
    if found is None:
        assert limit <= max(least, bound.limit_within(free // 2)) or bound.with_limit(least) > free
    else:
        assert least <= found < limit
        assert bound.with_limit(found) <= free
        assert bound.with_limit(found) <= free // 2 or found == least


def test_what_the_bytes_do_not_show_is_reckoned() -> None:
    picture = {"type": "image", "source": {"type": "url", "url": "https://x"}}
    body = {"model": "x", "content": [picture, picture, {"source": {"file_id": "f", "tool_use_id": "t"}}]}
    for blanks in ((",", ":"), (", ", ": ")):
        told = json.dumps(body, separators=blanks).encode()
        assert referred(told, "messages") == 10_000
        assert referred(told, "messages", [(b"anthropic-beta", b"files-api-2025-04-14")]) == 15_000
    assert referred(json.dumps(body).encode(), "embeddings") == 0
    urls = b'{"image_url":{"url":"x"},"file_url":"y","image_url":"z","url":"q","file_id":"f"}'
    assert referred(urls, "responses") == 20_000
    assert referred(b'{"fileData":{"fileUri":"x"},"file_data":{"file_uri":"y"}}', "generate") == 10_000
    assert stored({"previous_response_id": "resp_1"}.get, "responses")
    assert not stored({"previous_response_id": "resp_1"}.get, "chat")
    nothing: dict[str, Any] = {}
    assert kept_long(nothing.get, "messages", b'{"cache_control":{"type":"ephemeral","ttl":"1h"}}')
    assert not kept_long(nothing.get, "messages", b'{"x":"11h"}')
    assert kept_long({"prompt_cache_retention": "24h"}.get, "responses", b"{}")
