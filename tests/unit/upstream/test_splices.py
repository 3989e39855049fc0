"""What is left out of a body because its provider would refuse the whole request for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.model.wires import Operation
from trunkline.route.plan import plan
from trunkline.upstream.profile import profile_of
from trunkline.upstream.splices import Spliced, splice
from trunkline.wire.body import Body

OPENAI = "https://api.openai.com/v1"
STRINGS = {"session_id": "s-1"}


def spliced(base: str, operation: Operation = "chat", **members: Any) -> Spliced:
    row = deployment("m", model="gpt-4o", provider="openai", base=base)
    (candidate,) = plan(snapshot(row), "m", operation, lambda: 0.5).candidates
    raw = json.dumps({"model": "gpt-4o", "messages": [], **members}).encode()
    profile = profile_of(candidate.deployment, candidate.model, candidate.door.base, {})
    return splice(Body(raw), operation, False, candidate, profile)


@pytest.mark.parametrize("store", [{}, {"store": False}, {"store": None}])
def test_openai_is_sent_no_metadata_of_a_chat_that_it_is_not_to_store(store: dict[str, Any]) -> None:
    made = spliced(OPENAI, metadata=STRINGS, **store)
    assert "metadata" not in json.loads(made.raw)
    assert made.lost == ("metadata",)


@pytest.mark.parametrize(
    ("base", "more"),
    [
        (OPENAI, {"metadata": STRINGS, "store": True}),
        (OPENAI, {"metadata": None}),
        (OPENAI, {"metadata": {}}),
        ("http://127.0.0.1:8000/v1", {"metadata": STRINGS}),
    ],
    ids=["stored", "null", "empty", "a server of one's own"],
)
def test_what_may_stay_stays(base: str, more: dict[str, Any]) -> None:
    made = spliced(base, **more)
    assert json.loads(made.raw)["metadata"] == more["metadata"]
    assert made.lost == ()


def test_a_response_keeps_its_metadata() -> None:
    assert json.loads(spliced(OPENAI, "responses", metadata=STRINGS).raw)["metadata"] == STRINGS
