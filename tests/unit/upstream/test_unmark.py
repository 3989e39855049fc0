"""Thinking that another provider signed, or nobody, does not reach a provider that checks."""

import json
from typing import Any

from trunkline.upstream.unmark import unmarked
from trunkline.wire.body import Body
from trunkline.wire.marks import is_mark, seal, unseal


def body(**members: Any) -> Body:
    return Body(json.dumps(members).encode())


REAL = {"type": "thinking", "thinking": "hm", "signature": "EuYBCkQYAiJA"}
OURS = {"type": "thinking", "thinking": "hm", "signature": seal("openai_chat")}
CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {}}


def test_only_marked_blocks_go() -> None:
    asked = body(messages=[{"role": "user", "content": "x"}, {"role": "assistant", "content": [REAL, OURS, CALL]}])
    assert unmarked(asked, "messages") == (
        "messages",
        [{"role": "user", "content": "x"}, {"role": "assistant", "content": [REAL, CALL]}],
    )


def test_nothing_is_touched_without_a_mark() -> None:
    assert unmarked(body(messages=[{"role": "assistant", "content": [REAL, CALL]}]), "messages") is None


def test_a_turn_never_becomes_empty() -> None:
    found = unmarked(body(messages=[{"role": "assistant", "content": [OURS]}]), "messages")
    assert found is not None
    assert found[1][0]["content"]


def test_a_word_that_looks_like_a_mark_is_left_where_it_stands() -> None:
    text = {"type": "text", "text": seal("gemini", "s")}
    asked = body(messages=[{"role": "user", "content": [text]}])
    assert unmarked(asked, "messages") is None


def test_reasoning_items_go_the_same_way() -> None:
    own = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "gAAAA"}
    ours = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": seal("anthropic", "sig")}
    assert unmarked(body(input=[own, ours]), "responses") == ("input", [own])


def test_what_is_sealed_comes_back_byte_for_byte() -> None:
    for signature in ("abc==", "a:b:c", "ü", "\ud800"):
        mark = seal("gemini", signature)
        assert is_mark(mark)
        assert unseal(mark) == ("gemini", signature)
    assert unseal(seal("gemini")) == (None, "")
    assert unseal("dHJ1bmtsaW5lLWRlbW8=") == (None, "")
    assert unseal("not base64 at all") == (None, "")
