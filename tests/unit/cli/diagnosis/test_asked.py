"""Which calls the doctor makes: each thing once, one for what a line stands for, none for the demo and the keyless."""

from __future__ import annotations

from tests.unit.making import deployment, snapshot
from trunkline.cli.diagnosis.asked import asked
from trunkline.config.schema import Secret


def test_the_same_key_address_and_model_are_asked_once_for_all_their_names() -> None:
    first = deployment("a", model="claude-sonnet-5-5", where="c:1")
    second = deployment("b", model="claude-sonnet-5-5", where="c:2")
    other_key = deployment("c", model="claude-sonnet-5-5", where="c:3", key=Secret("sk-2", "OTHER"))
    calls = asked(snapshot(first, second, other_key))
    assert [each.names for each in calls] == [("a", "b"), ("c",)]
    assert calls[0].called == "anthropic/claude-sonnet-5-5 (a, b)"


def test_one_line_that_stands_for_many_models_is_one_call_to_the_cheapest() -> None:
    names = ("claude-opus-4-1", "claude-haiku-4-5", "claude-sonnet-5-5", "claude-opus-5-5", "anthropic/*")
    calls = asked(snapshot(*(deployment(each, model=each.split("/")[-1], where="from KEY") for each in names)))
    assert [each.deployment.model for each in calls] == ["claude-haiku-4-5"]
    assert calls[0].called == "anthropic/claude-haiku-4-5 (and 4 more names)"


def test_a_vendors_small_model_speaks_before_a_cheaper_one_that_not_every_host_has() -> None:
    rows = [deployment(each, model=each, provider="zai", where="from KEY") for each in ("glm-4-flash", "glm-5.3-flash")]
    assert [each.deployment.model for each in asked(snapshot(*rows))] == ["glm-5.3-flash"]


def test_nobody_asks_the_demo_or_who_has_no_key() -> None:
    demo = deployment("demo/echo", model="echo", provider="demo")
    keyless = deployment("m", model="glm-4.6", provider="zai", key_missing="No key. Set it.")
    assert asked(snapshot(demo, keyless)) == []


def test_what_is_asked_for_follows_the_model() -> None:
    rows = {
        "claude-sonnet-5-5": ("anthropic", "messages"),
        "gpt-5.6-sol": ("openai", "chat"),
        "text-embedding-3-small": ("openai", "embeddings"),
        "nomic-embed-text": ("ollama", "embeddings"),
        "gpt-image-1": ("openai", "list"),
        "*": ("openai", "list"),
    }
    for model, (provider, how) in rows.items():
        (call,) = asked(snapshot(deployment(f"x-{model}", model=model, provider=provider)))
        assert call.how == how, model


def test_a_mode_that_is_written_down_counts() -> None:
    (call,) = asked(snapshot(deployment("m", model="own-vectors", provider="openai", info={"mode": "embedding"})))
    assert call.how == "embeddings"
