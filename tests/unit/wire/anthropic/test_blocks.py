"""Blocks of clones that do not say what they are."""

import json
from typing import Any

import pytest

from trunkline.model.dialect import Dialect
from trunkline.model.events import Other, TextDelta, ThinkingDelta
from trunkline.model.grammar import check
from trunkline.wire.anthropic.codec import CODEC


def decoded(*blocks: dict[str, Any]) -> list[Any]:
    body = {"type": "message", "id": "m", "model": "x", "content": list(blocks), "stop_reason": "end_turn"}
    events = CODEC.decoder(Dialect("anthropic", "x")).whole(json.dumps(body).encode())
    check(events)
    return events


@pytest.mark.parametrize("kind", [None, "", -1, {"type": "x"}])
def test_a_block_without_a_usable_type_never_reaches_a_client(kind: Any) -> None:
    assert not [event for event in decoded({"type": kind, "a": 1}) if isinstance(event, Other)]


def test_its_words_do(kind: Any = None) -> None:
    events = decoded({"type": kind, "text": "hi"}, {"thinking": "hm"})
    assert TextDelta("hi") in events
    assert ThinkingDelta("hm") in events
