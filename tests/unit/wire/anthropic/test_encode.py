"""What clients of the Messages API get, and that the vendor's own SDK can read it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from anthropic.lib.streaming._messages import accumulate_event

from tests.unit.wire.anthropic.making import encoder, streamed
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    SignatureDelta,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.usage import Usage
from trunkline.wire import grammars, marks
from trunkline.wire.anthropic.partial import Input, mended
from trunkline.wire.anthropic.signature import thinking as returned

USED = Usage(3, 5, 7, 0, 9, 2)


def answer(*events: Event, reason: Any = "end", usage: Usage = USED, **more: Any) -> list[Event]:
    return [Start("p", "gpt"), *events, Stop(reason, usage=usage, **more)]


def accumulated(stream: bytes) -> Any:
    """The message that the official SDK makes of a stream, after our own automaton has accepted it."""
    grammars.check("anthropic", stream)
    snapshot: Any = None
    buffers: dict[int, bytes] = {}
    for event in stream.decode().split("\n\n"):
        if event:
            told: Any = json.loads(event.partition("data: ")[2])
            snapshot = accumulate_event(event=told, current_snapshot=snapshot, json_bufs=buffers)
    return snapshot


def whole(events: list[Event]) -> Any:
    return json.loads(encoder().whole(events))


def test_a_whole_answer_in_the_documented_order() -> None:
    events = answer(
        ThinkingStart(), ThinkingDelta("hm"), BlockStop(),
        TextStart(), TextDelta("Hel"), TextDelta("lo"), BlockStop(),
        ToolStart("call_1", "f"), ArgumentsDelta('{"a"'), ArgumentsDelta(":1}"), BlockStop(),
        ToolStart("call_2", "g"), BlockStop(),
        reason="tool",
    )  # fmt: skip
    got = accumulated(streamed(events))
    assert [block.type for block in got.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert got.content[1].text == "Hello" and got.content[2].input == {"a": 1} and got.content[3].input == {}
    assert got.stop_reason == "tool_use" and got.id == "msg_0123" and got.model == "alias"
    usage = got.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (3, 5, 7)
    assert (usage.output_tokens, usage.output_tokens_details.thinking_tokens) == (9, 2)
    folded = whole(events)
    assert [block["type"] for block in folded["content"]] == [block.type for block in got.content]
    assert folded["content"][2]["input"] == {"a": 1}
    assert folded["usage"]["cache_creation"] == {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 0}


def test_the_meter_of_the_client_never_starts_at_zero() -> None:
    for usage in (None, Usage(0, output=0)):
        first = json.loads(encoder(41).take(Start(usage=usage)).decode().partition("data: ")[2])
        assert first["message"]["usage"]["input_tokens"] == 41


def test_usage_that_nobody_told_is_estimated() -> None:
    got = whole(answer(TextStart(), TextDelta("x" * 40), BlockStop(), usage=Usage()))
    assert (got["usage"]["input_tokens"], got["usage"]["output_tokens"]) == (17, 10)


def test_thinking_is_signed_once_whoever_thought() -> None:
    real = whole(
        answer(
            ThinkingStart(),
            ThinkingDelta("a"),
            SignatureDelta("si", "anthropic"),
            SignatureDelta("g", "anthropic"),
            BlockStop(),
        )
    )
    assert real["content"][0]["signature"] == "sig"
    foreign = whole(answer(ThinkingStart(id="rs_1"), SignatureDelta("gAAA", "openai_responses"), BlockStop()))
    signature = foreign["content"][0]["signature"]
    assert marks.is_mark(signature)
    back = returned("", signature)
    assert (back.origin, back.signature, back.id) == ("openai_responses", "gAAA", "rs_1")
    redacted = whole(answer(ThinkingStart(redacted=True), SignatureDelta("d", "anthropic"), BlockStop()))
    assert redacted["content"] == [{"type": "redacted_thinking", "data": "d"}]


def test_the_signature_of_a_call_stands_before_it() -> None:
    events = answer(ToolStart("c", "f", signature="gem"), BlockStop(), reason="tool")
    got = accumulated(streamed(events))
    assert [block.type for block in got.content] == ["thinking", "tool_use"]
    assert returned("", got.content[0].signature).signature == "call:gem"


def test_an_empty_block_is_not_sent() -> None:
    assert whole(answer(TextStart(), BlockStop(), ThinkingStart(), BlockStop()))["content"] == []


@pytest.mark.parametrize(
    ("reason", "sequence", "told"),
    [
        ("end", "", "end_turn"),
        ("limit", "", "max_tokens"),
        ("stop", "END", "stop_sequence"),
        ("stop", "", "end_turn"),
        ("window", "", "model_context_window_exceeded"),
        ("pause", "", "pause_turn"),
    ],
)
def test_why_it_ended(reason: Any, sequence: str, told: str) -> None:
    got = whole(answer(reason=reason, sequence=sequence))
    assert (got["stop_reason"], got["stop_sequence"]) == (told, sequence or None)


def test_a_refusal_says_why() -> None:
    got = whole(answer(reason="refusal", explanation="no"))
    assert got["stop_reason"] == "refusal" and got["stop_details"]["explanation"] == "no"


@pytest.mark.parametrize(
    "text", ['{"a":"b', '{"a":{"b":[1,', "no json", "[1]", '{"a": "\\ud83d', '{"a":"x\ny"}', '{"a":1}}']
)
def test_a_client_can_always_parse_a_call(text: str) -> None:
    events = answer(ToolStart("c", "f"), *(ArgumentsDelta(char) for char in text), BlockStop(), reason="limit")
    got = accumulated(streamed(events))
    assert isinstance(got.content[0].input, dict) and got.stop_reason == "max_tokens"
    assert whole(events)["content"][0]["input"] == got.content[0].input


def test_half_a_call_says_that_it_is_half() -> None:
    assert json.loads(mended('{"path":"/x","content":"half of')) == {
        "path": "/x",
        "content": "half of",
        "_incomplete": True,
    }


def test_arguments_are_passed_on_as_they_come() -> None:
    one = Input()
    assert [one.feed(piece) for piece in ('{"a', '":"so', "me\\", 'n"', "}")] == ["{", '"a":"so', "me", '\\n"', "}"]
    assert one.end() == ""


def test_free_text_is_an_object_here() -> None:
    got = whole(answer(ToolStart("c", "p", custom=True), ArgumentsDelta("*** B"), BlockStop(), reason="tool"))
    assert got["content"][0]["input"] == {"input": "*** B"}


def test_blocks_of_the_vendor_pass_and_those_of_others_do_not() -> None:
    used = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    events = answer(Other("anthropic", used), Other("openai_responses", {"type": "web_search_call"}))
    assert accumulated(streamed(events)).content[0].input == {"query": "x"}
    assert whole(events)["content"] == [used]


def test_half_a_character_breaks_nothing() -> None:
    assert whole(answer(TextStart(), TextDelta("a\ud83d"), BlockStop()))["content"][0]["text"] == "a\ufffd"


def test_a_long_key_that_is_not_whole_costs_no_time() -> None:
    key = "a word and another " * 5000
    began = time.thread_time()
    assert mended('{"' + key) == mended('{"' + key + "\n") == '{"_incomplete":true}'
    assert json.loads(mended('{"' + key + '": 1}')) == {key: 1}
    assert time.thread_time() - began < 2
