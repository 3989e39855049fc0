"""What would be done with a request, told without doing it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ledger.making import at, ledger
from tests.unit.making import deployment, snapshot
from trunkline.app import dry_run
from trunkline.config.schema import Allowance, Allowances, Snapshot
from trunkline.errors import InvalidRequest, UnknownPath
from trunkline.ledger.sqlite import connect
from trunkline.model.usage import NANO
from trunkline.serve.rehearse import Rehearsal
from trunkline.serve.rehearsed import sentences

PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}}


def rehearsed(shot: Snapshot, tmp_path: Path, path: str = "/v1/messages", **more: Any) -> Rehearsal:
    document = {"model": "m", "max_tokens": 1000, "messages": [{"role": "user", "content": "Hello " * 100}], **more}
    return dry_run(shot, path, json.dumps(document).encode(), tmp_path)


def glm(**more: Any) -> Any:
    return deployment("m", model="glm-4.6", provider="zai", base="https://api.z.ai/api/anthropic", **more)


def test_who_would_be_asked_in_which_order_wire_and_at_what_cost(tmp_path: Path) -> None:
    spare = deployment("spare", model="gpt-5.6-sol", provider="openai", base="https://api.openai.com/v1")
    lost = glm(id="lost", key_missing="ZAI_API_KEY is not set. Set it.")
    told = rehearsed(snapshot(glm(), lost, spare, fallbacks={"m": ("spare",)}), tmp_path)
    assert [(each.called, each.wire, each.crossed) for each in told.steps] == [
        ("zai/glm-4.6", "anthropic", False),
        ("openai/gpt-5.6-sol", "openai_responses", True),
    ]
    first, second = told.steps
    assert (first.output_most, second.output_most) == (1000, 1000)
    assert first.input == pytest.approx(170, abs=20)
    assert first.worst_nano is not None
    assert second.worst_nano is not None
    assert 0 < first.worst_nano < second.worst_nano
    assert told.skipped == ["lost has no key"]
    said = "\n".join(sentences(told))
    for part in (
        "asks for 'm' (Anthropic Messages). Nothing was sent.",
        "1. zai/glm-4.6 at https://api.z.ai/api/anthropic, in Anthropic Messages, its own format: the first choice",
        "translated to OpenAI Responses: a fallback of 'm', if those before it fail",
        "at most 1,000 out: at worst $",
        "Not asked: lost has no key.",
    ):
        assert part in said, said


def test_what_would_be_left_out_is_named(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": [PICTURE, {"type": "text", "text": "What is it?"}]}]
    told = rehearsed(snapshot(glm()), tmp_path, messages=messages)
    assert told.steps[0].lost == ["image"]
    assert "Left out, and named in x-trunkline-lost: image." in sentences(told)[-1]


def test_what_the_gateway_would_refuse(tmp_path: Path) -> None:
    unknown = rehearsed(snapshot(glm()), tmp_path, model="n")
    assert unknown.refused.startswith("No model 'n' is configured here.")
    assert "The gateway would refuse it: No model 'n'" in "\n".join(sentences(unknown))
    long = rehearsed(snapshot(glm()), tmp_path, messages=[{"role": "user", "content": "the quick fox " * 150_000}])
    assert "prompt is too long" in long.refused
    nobody = rehearsed(snapshot(glm(key_missing="ZAI_API_KEY is not set. Set it.")), tmp_path)
    assert nobody.steps[0].refused == "ZAI_API_KEY is not set. Set it."
    assert "Nobody could be asked" in sentences(nobody)[-1]


def test_a_path_that_asks_no_model_and_a_body_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnknownPath):
        rehearsed(snapshot(glm()), tmp_path, "/v1/nothing/at/all?x=1".replace("/v1/nothing", "/nowhere"))
    with pytest.raises(InvalidRequest):
        dry_run(snapshot(glm()), "/v1/messages", b"not json", tmp_path)


def test_what_workers_learned_of_tokens_is_used(tmp_path: Path) -> None:
    from trunkline.state.store import State
    from trunkline.upstream.ratios import Ratios

    plain = rehearsed(snapshot(glm()), tmp_path).steps[0].input
    state = State.open(tmp_path)
    Ratios(state).learn("glm-4.6", 1000, 2000)
    state.close()
    assert rehearsed(snapshot(glm()), tmp_path).steps[0].input == 2 * plain


def test_a_shuffle_is_said_to_be_one(tmp_path: Path) -> None:
    told = rehearsed(snapshot(glm(), replace(glm(), id="two")), tmp_path)
    assert told.shuffled
    assert "shuffled by weight" in sentences(told)[-1]
    ordered = rehearsed(snapshot(glm(order=1), replace(glm(order=2), id="two")), tmp_path)
    assert [each.deployment for each in ordered.steps] == [glm().id, "two"]
    assert not ordered.shuffled


def test_who_rests_is_said_and_with_nobody_left_the_refusal_is(tmp_path: Path) -> None:
    from trunkline.state.store import State
    from trunkline.state.types import Circuit

    spare = deployment("spare", model="gpt-5.6-sol", provider="openai", base="https://api.openai.com/v1")
    shot = snapshot(glm(), spare, fallbacks={"m": ("spare",)})
    state = State.open(tmp_path)
    sick = Circuit(1, 1.0, 1, 4e9, 0.0, "unhealthy", "Z.AI answered 503 when asked for its models.")
    state.mend(f"d:{glm().id}|glm-4.6", lambda _: sick)
    state.close()
    told = rehearsed(shot, tmp_path)
    assert "answered 503" in told.steps[0].rests
    assert not told.steps[1].rests
    assert not told.refused
    assert "It is passed over while another can answer: it rests for" in "\n".join(sentences(told))
    alone = rehearsed(snapshot(glm()), tmp_path)
    assert "answered 503" in alone.refused
    assert "The gateway would refuse it now:" in sentences(alone)[-1]


def test_what_budgets_would_say(tmp_path: Path) -> None:
    spare = deployment("spare", model="gpt-5.6-sol", provider="openai", base="https://api.openai.com/v1")

    def said(cap: int, **more: Any) -> str:
        allowed = Allowances(groups={"m": Allowance(cap, "", 80)})
        shot = snapshot(glm(), spare, fallbacks={"m": ("spare",)}, allowances=allowed)
        told = rehearsed(shot, tmp_path, **more)
        assert not told.steps[1].budget
        assert ("Budgets: " in "\n".join(sentences(told))) == bool(told.steps[0].budget)
        return told.steps[0].budget

    assert said(NANO) == ""
    assert said(NANO // 100, max_tokens=100_000).startswith("Its limit would be")
    assert "The budget of the model m has no room for this call" in said(1000)
    ledger(tmp_path, [at(1, "a-0", group="m", billed=9 * NANO, value=9 * NANO)])
    assert said(10 * NANO) == "The budget of the model m is spent up to its `fallback_at`: $9 of $10."
    connection = connect(tmp_path)
    assert connection.execute("SELECT COUNT(*) FROM balances").fetchone() == (0,)
    connection.close()


def test_the_worst_cost_is_what_would_be_held(tmp_path: Path) -> None:
    told = rehearsed(snapshot(glm()), tmp_path, tools=[{"type": "web_search_20250305", "name": "s", "max_uses": 2}])
    plain = rehearsed(snapshot(glm()), tmp_path)
    assert told.steps[0].worst_nano is not None
    assert plain.steps[0].worst_nano is not None
    assert told.steps[0].worst_nano >= plain.steps[0].worst_nano
    count = rehearsed(snapshot(glm()), tmp_path, "/v1/messages/count_tokens")
    assert [each.worst for each in count.steps] == ["0"]
