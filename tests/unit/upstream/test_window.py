"""A conversation is refused as too long only when no tokenizer could make it fit."""

import base64
import json
import os
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Deployment
from trunkline.errors import InvalidRequest
from trunkline.route.plan import Plan, plan
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.profile import profile_of
from trunkline.upstream.window import fitting, lowered
from trunkline.wire.body import Body

WORDS = "the quick brown fox jumps over the lazy dog and says so, "
"""57 bytes of English: 13 tokens."""


def english(size: int) -> str:
    return WORDS * (size // len(WORDS))


def fitted(*rows: Deployment, text: str, ratio: float = 1.0, operation: Any = "messages", **more: Any) -> list[str]:
    """The models that may be asked, of a group of those rows."""
    shot = snapshot(*rows)
    raw = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}, ensure_ascii=False).encode()
    wire = "anthropic" if operation in ("messages", "count_tokens") else "openai_chat"
    given = {"snapshot": shot, "body": Body(raw), "operation": operation, "wire": wire, "asked": "m", "headers": []}
    engine = SimpleNamespace(
        ratios=SimpleNamespace(mended=lambda model, guess: round(guess * ratio)),
        profile=lambda shot, each: profile_of(each.deployment, each.model, each.door.base, {}),
    )
    made: Plan = plan(shot, "m", operation, lambda: 0.5)
    kept = fitting(cast(Engine, engine), cast(Call, SimpleNamespace(**{**given, **more})), made)
    return [each.model for each in kept.candidates]


def glm(model: str = "glm-4.6", **more: Any) -> Deployment:
    return deployment("m", model=model, provider="zai", **more)


def test_what_is_certainly_too_long_is_told_in_the_words_that_agents_act_on() -> None:
    with pytest.raises(InvalidRequest, match=r"^prompt is too long: \d+ tokens > 200000 maximum") as told:
        fitted(glm(), text=english(1_700_000))
    assert (told.value.status, told.value.code, told.value.param) == (400, "context_length_exceeded", "messages")
    with pytest.raises(InvalidRequest, match="maximum context length is 200000 tokens"):
        fitted(glm(), text=english(1_700_000), operation="chat")


def test_what_was_learned_refuses_earlier_but_never_by_itself() -> None:
    with pytest.raises(InvalidRequest):
        fitted(glm(), text=english(1_250_000), ratio=1.2)
    assert fitted(glm(), text=english(1_250_000), ratio=0.9) == ["glm-4.6"]
    assert fitted(glm(), text=english(900_000), ratio=8.0) == ["glm-4.6"]


def test_a_larger_window_in_the_plan_is_asked_instead() -> None:
    rows = (glm(order=1), glm("glm-5.3", order=2))
    assert fitted(*rows, text=english(1_700_000)) == ["glm-5.3"]
    assert fitted(*rows, text=english(100_000)) == ["glm-4.6", "glm-5.3"]
    assert fitted(glm(), deployment("m", model="unheard-of"), text=english(1_700_000)) == ["unheard-of"]


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(os.urandom(6_000_000)).decode(),
        (" " * 63 + "x") * 40_000,
        "-" * 79 * 30_000,
        "漢字かな" * 300_000,
        "\n" * 1_700_000,
    ],
    ids=["picture", "blanks", "rules", "chinese", "lines"],
)
def test_what_has_many_bytes_and_few_tokens_is_let_through(text: str) -> None:
    assert fitted(glm(), text=text, ratio=2.0) == ["glm-4.6"]


def test_a_long_context_that_is_asked_for_is_believed() -> None:
    row = deployment("m", model="claude-sonnet-4-5")
    text = english(1_700_000)
    with pytest.raises(InvalidRequest):
        fitted(row, text=text)
    assert fitted(row, text=text, headers=[(b"anthropic-beta", b"context-1m-2025-08-07")])
    assert fitted(row, text=text, asked="m[1m]")
    assert fitted(
        deployment("m", model="claude-sonnet-4-5", headers=(("Anthropic-Beta", "context-1m-2025"),)), text=text
    )


def test_the_files_own_word_counts_before_the_catalogs() -> None:
    assert fitted(glm(info={"max_input_tokens": 2_000_000}), text=english(1_700_000))
    with pytest.raises(InvalidRequest):
        fitted(glm("unheard-of", info={"max_input_tokens": 8000}), text=english(100_000))
    assert fitted(glm(info={"max_input_tokens": True}), text=english(100_000))


def test_a_name_behind_a_host_of_ones_own_and_a_count_are_never_refused() -> None:
    own = deployment("m", model="gpt-4o", provider="openai")
    assert fitted(own, text=english(3_000_000), operation="chat") == ["gpt-4o"]
    assert fitted(glm(), text=english(3_000_000), operation="count_tokens") == ["glm-4.6"]


def limited(row: Deployment, operation: Any = "messages", /, **members: Any) -> dict[str, Any]:
    body = Body(json.dumps(members).encode())
    [candidate] = plan(snapshot(row), "m", operation, lambda: 0.5).candidates
    put: dict[str, bytes] = {}
    lowered(body, operation, candidate, profile_of(row, candidate.model, candidate.door.base, {}), put)
    return {name: json.loads(value) for name, value in put.items()}


def test_an_output_limit_above_the_models_is_lowered_to_it() -> None:
    assert limited(glm(), max_tokens=200_000) == {"max_tokens": 131_072}
    assert limited(glm(), "chat", max_completion_tokens=200_000) == {"max_completion_tokens": 131_072}
    assert limited(glm(), max_tokens=131_072) == {}
    assert limited(glm(), max_tokens=None) == {}
    assert limited(glm(), max_tokens="200000") == {}


def test_a_limit_stays_where_nobody_is_sure() -> None:
    assert limited(glm("unheard-of"), max_tokens=10**9) == {}
    assert limited(deployment("m", model="gpt-4o", provider="openai"), "chat", max_tokens=10**6) == {}
    assert limited(glm(info={"max_output_tokens": 10**6}), max_tokens=200_000) == {}
