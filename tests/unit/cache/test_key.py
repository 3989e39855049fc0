"""Equal calls have equal keys; whatever may change an answer, or who may read it, makes another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.cache.making import CACHING, call
from trunkline.cache.key import key_of
from trunkline.config.schema import Caching
from trunkline.route.wishes import Wishes


def key(caching: Caching = CACHING, namespace: str = "", **told: Any) -> str | None:
    return key_of(call(**told), caching, namespace)


def test_equal_calls_have_one_key() -> None:
    assert key() == key()
    assert len(key() or "") == 64


@pytest.mark.parametrize(
    "told",
    [
        {"key": "b"},
        {"own": "sk-own"},
        {"asked": "gpt-2"},
        {"streamed": True},
        {"operation": "messages"},
        {"version": "2"},
        {"query": "alt=sse"},
        {"namespace": "n"},
        {"headers": [(b"anthropic-beta", b"x")]},
        {"headers": [(b"x-vendor-beta", b"x")]},
        {"body": {"messages": [], "temperature": 1}},
        {"body": {"messages": [1]}},
        {"body": b'{"messages": [ ]}'},
        {"wishes": Wishes(fallbacks={"": ("other",)})},
        {"wishes": Wishes(no_fallbacks=True)},
        {"wishes": Wishes(provider="openai")},
    ],
    ids=str,
)
def test_what_may_change_an_answer_makes_another_key(told: Any) -> None:
    assert key(**told) not in (None, key())


@pytest.mark.parametrize(
    "told",
    [
        {"body": {"messages": [], "user": "ada", "metadata": {"a": 1}, "prompt_cache_key": "k", "model": "gpt"}},
        {"body": b'{ "messages" : [] }'},
        {"headers": [(b"x-request-id", b"1")]},
        {"wishes": Wishes(timeout=3.0, retries=1, cache={"ttl": 5})},
    ],
    ids=str,
)
def test_what_does_not_change_an_answer_makes_none(told: Any) -> None:
    assert key(**told) == key()


def test_members_count_in_their_order_and_cannot_pass_for_each_other() -> None:
    assert key(body={"a": 1, "b": 2}) != key(body={"b": 2, "a": 1})
    assert key(body={"a": "1", "b": "2"}) != key(body={"a": '1","b":"2'})
    assert key(namespace="ab", key="c") != key(namespace="a", key="bc")


def test_keys_share_answers_only_where_that_is_configured() -> None:
    shared = replace(CACHING, shared=True)
    assert key(shared, key="a") == key(shared, key="b")
    assert key(shared, own="sk-1") != key(shared, own="sk-2"), "who brings a provider's key asks another account"


@pytest.mark.parametrize(
    "told",
    [
        {"operation": "count_tokens"},
        {"operation": "other"},
        {"body": {"store": True}},
        {"body": {"background": True}, "operation": "responses"},
        {"body": {"previous_response_id": "resp_1"}, "operation": "responses"},
        {"body": {"conversation": "conv_1"}, "operation": "responses"},
        {"body": {"container": "c"}, "operation": "messages"},
        {"body": {"tools": [{}]}, "streamed": True},
        {"body": {"functions": [{}]}, "streamed": True},
    ],
    ids=str,
)
def test_some_answers_are_never_told_again(told: Any) -> None:
    assert key(**told) is None


def test_tools_forbid_only_streams_and_only_unless_asked() -> None:
    assert key(body={"tools": [{}]}) is not None
    assert key(body={"tools": []}, streamed=True) is not None
    assert key(replace(CACHING, streamed_tools=True), body={"tools": [{}]}, streamed=True) is not None


def test_only_supported_calls_have_a_key() -> None:
    assert key(replace(CACHING, operations=frozenset())) is None
