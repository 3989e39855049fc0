"""Headers of answers that are told again."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.cache.making import call, kept
from trunkline.cache.head import hit, joined, lasting, missed

HEAD = [
    (b"content-type", b"application/json"),
    (b"request-id", b"req_1"),
    (b"x-ratelimit-remaining-requests", b"9"),
    (b"anthropic-ratelimit-tokens-remaining", b"9"),
    (b"x-litellm-call-id", b"other"),
    (b"x-litellm-response-cost", b"0.1"),
    (b"x-litellm-model-id", b"d"),
    (b"x-trunkline-route", b"zai/glm"),
]


def test_what_is_about_one_call_is_not_kept() -> None:
    assert [name for name, _ in lasting(HEAD)] == [b"content-type", b"request-id", b"x-litellm-model-id"]


def test_a_hit_says_what_it_is_and_costs_nothing() -> None:
    head = hit(replace(kept(), head=lasting(HEAD)), call(), "k", 7)
    assert len(dict(head)) == len(head)
    assert dict(head)[b"x-trunkline-cache"] == b"hit"
    assert dict(head)[b"x-litellm-response-cost"] == b"0"
    assert dict(head)[b"x-litellm-cache-key"] == b"k"
    assert dict(head)[b"x-litellm-call-id"] == b"c"
    assert dict(head)[b"age"] == b"7"


def test_who_joined_is_told_the_way_that_was_gone() -> None:
    head = dict(joined(HEAD, call(), "k"))
    assert head[b"x-trunkline-cache"] == b"joined"
    assert head[b"x-trunkline-route"] == b"zai/glm"
    assert head[b"x-litellm-call-id"] == b"c"


def test_a_miss_has_no_cache_key() -> None:
    assert missed(HEAD) == [*HEAD, (b"x-trunkline-cache", b"miss")]
