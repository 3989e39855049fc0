"""The settings of the cache: LiteLLM's own, Trunkline's beside them, and a word for each that does nothing."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.config.caching import EVERYTHING
from trunkline.config.schema import Caching, Snapshot
from trunkline.errors import ConfigInvalid

HEAD = "model_list: [{model_name: m, litellm_params: {model: ollama/m}}]\n"


def told(snapshot: Snapshot) -> str:
    return "\n".join(map(str, snapshot.warnings))


def test_there_is_none_unless_it_is_wanted(loaded: Loaded) -> None:
    assert loaded(HEAD).caching is None
    assert loaded(HEAD + "litellm_settings: {cache: false}").caching is None


def test_plain(loaded: Loaded) -> None:
    snapshot = loaded(HEAD + "litellm_settings: {cache: true}")
    assert snapshot.caching == Caching(operations=EVERYTHING)
    assert not [each for each in snapshot.warnings if "cache" in str(each)]


def test_all_that_can_be_said(loaded: Loaded) -> None:
    text = """
litellm_settings:
  cache: true
  cache_params:
    {type: local, ttl: 30, namespace: n, mode: default_off, supported_call_types: [acompletion, aembedding]}
trunkline: {cache: {shared: true, streamed_tools: true, bytes: 1000000, entry: 5000}}
"""
    caching = loaded(HEAD + text).caching
    assert caching is not None
    assert (caching.ttl, caching.namespace, caching.asked_for) == (30.0, "n", True)
    assert {"chat", "messages", "generate", "embeddings"} < caching.operations
    assert not {"responses", "completions"} & caching.operations
    assert (caching.shared, caching.streamed_tools, caching.bytes, caching.entry) == (True, True, 1_000_000, 5000)


def test_an_empty_list_of_call_types_keeps_nothing(loaded: Loaded) -> None:
    caching = loaded(HEAD + "litellm_settings: {cache: true, cache_params: {supported_call_types: []}}").caching
    assert caching is not None
    assert caching.operations == frozenset()


@pytest.mark.parametrize("kind", ["redis", "s3", "qdrant-semantic"])
def test_a_cache_elsewhere_is_kept_in_memory_and_that_is_told(loaded: Loaded, kind: str) -> None:
    text = f"litellm_settings: {{cache: true, cache_params: {{type: {kind}, host: h, password: p}}}}"
    snapshot = loaded(HEAD + text)
    assert snapshot.caching is not None
    assert f"type `{kind}` does not exist in this version: answers are kept in each worker's memory" in told(snapshot)


def test_a_kind_that_nobody_knows_is_refused(loaded: Loaded) -> None:
    with pytest.raises(ConfigInvalid, match="`type` of cache_params"):
        loaded(HEAD + "litellm_settings: {cache: true, cache_params: {type: redish}}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "litellm_settings: {cache: true, cache_params: {namespac: a}}",
            "`namespac` of cache_params is unknown. Did you mean `namespace`?",
        ),
        ("litellm_settings: {cache: true, cache_params: {host: h}}", "`host` changes nothing in a cache in memory"),
        ("litellm_settings: {cache_params: {ttl: 3}}", "`cache_params` has no effect: no cache is on"),
        ("trunkline: {cache: {shared: true}}", "`cache` has no effect: no cache is on"),
        ("litellm_settings: {cache: true}\ntrunkline: {cache: {share: true}}", "Did you mean `shared`?"),
        (
            "litellm_settings: {cache: true, cache_params: {supported_call_types: [arerank, acompletio]}}",
            "`acompletio` is no call type. Did you mean `acompletion`?",
        ),
        (
            "litellm_settings: {cache: true, cache_params: {supported_call_types: [arerank]}}",
            "answers to `arerank` are relayed and never kept",
        ),
    ],
)
def test_what_does_nothing_is_told(loaded: Loaded, text: str, said: str) -> None:
    assert said in told(loaded(HEAD + text))
