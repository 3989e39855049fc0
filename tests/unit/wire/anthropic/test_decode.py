"""What Claude and its clones answer, as events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire.anthropic.making import CLAUDE, GLM, streamed
from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderRefused
from trunkline.model.dialect import Dialect
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
from trunkline.model.grammar import Grammar, check
from trunkline.model.usage import Usage
from trunkline.wire.anthropic.codec import CODEC

START = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 4, "output_tokens": 1}},
}
STOP = {"type": "message_stop"}


def opened(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def more(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def closed(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def ended(reason: str, **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}


def stream(*events: dict[str, Any]) -> bytes:
    return b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)


def decoded(data: bytes, dialect: Dialect = CLAUDE, *, size: int = 0) -> list[Event]:
    decoder = CODEC.decoder(dialect)
    size = size or len(data) or 1
    out = [event for at in range(0, len(data), size) for event in decoder.feed(data[at : at + size])]
    out += decoder.end()
    check(out)
    return out


def test_an_answer_of_claude() -> None:
    data = stream(
        START,
        opened(0, type="thinking", thinking="", signature=""),
        more(0, type="thinking_delta", thinking="hm é"),
        more(0, type="signature_delta", signature="sig"),
        closed(0),
        {"type": "ping"},
        opened(1, type="tool_use", id="toolu_1", name="f", input={}),
        more(1, type="input_json_delta", partial_json=""),
        more(1, type="input_json_delta", partial_json='{"a":1}'),
        closed(1),
        ended("tool_use", output_tokens=9, input_tokens=4, cache_read_input_tokens=2),
        STOP,
    )
    expected = [
        Start("msg_1", "m", Usage(4, output=1)),
        ThinkingStart(), ThinkingDelta("hm é"), SignatureDelta("sig", "anthropic"), BlockStop(),
        ToolStart("toolu_1", "f"), ArgumentsDelta('{"a":1}'), BlockStop(),
        Stop("tool", usage=Usage(4, 2, output=9)),
    ]  # fmt: skip
    assert decoded(data) == decoded(data, size=1) == decoded(data.replace(b"\n", b"\r\n"), size=7) == expected


def test_zeros_of_a_clone_are_no_count() -> None:
    zero = {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 0, "output_tokens": 0}}}
    start, *_, stop = decoded(stream(zero, ended("end_turn", input_tokens=8, output_tokens=2), STOP), GLM)
    assert start == Start("m", "") and stop == Stop("end", usage=Usage(8, output=2))
    assert decoded(stream(zero, ended("end_turn", output_tokens=2), STOP), GLM)[-1] == Stop(
        "end", usage=Usage(None, output=2)
    )


def test_a_clones_signature_proves_nothing() -> None:
    data = stream(START, opened(0, type="thinking", thinking="", signature="x"), more(0, type="thinking_delta", thinking="a"),
                  closed(0), ended("end_turn", output_tokens=1), STOP)  # fmt: skip
    assert not any(isinstance(event, SignatureDelta) for event in decoded(data, GLM))


def test_a_clone_that_leaves_blocks_open_and_mixes_calls() -> None:
    data = stream(
        START, opened(0, type="text", text="a"),
        opened(1, type="tool_use", id="c", name="f", input={}), opened(2, type="tool_use", id="c", name="g", input={"x": 1}),
        more(1, type="input_json_delta", partial_json='{"a'), more(1, type="input_json_delta", partial_json='":1}'),
        ended("end_turn", output_tokens=1), STOP,
    )  # fmt: skip
    got = decoded(data)
    calls = [event for event in got if isinstance(event, ToolStart)]
    assert [one.name for one in calls] == ["f", "g"] and calls[0].id != calls[1].id
    assert "".join(event.text for event in got if isinstance(event, ArgumentsDelta)) == '{"a":1}{"x":1}'
    assert isinstance(got[-1], Stop) and got[-1].reason == "tool"


def test_a_call_cut_by_the_limit_keeps_its_reason() -> None:
    data = stream(START, opened(0, type="tool_use", id="c", name="f"), more(0, type="input_json_delta", partial_json='{"a'),
                  closed(0), ended("max_tokens", output_tokens=1), STOP)  # fmt: skip
    assert decoded(data)[-1] == Stop("limit", usage=Usage(4, output=1))


def test_server_tools_stay_whole() -> None:
    data = stream(
        START, opened(0, type="server_tool_use", id="s", name="web_search", input={}),
        more(0, type="input_json_delta", partial_json='{"query":"x"}'), closed(0), ended("pause_turn", output_tokens=1), STOP,
    )  # fmt: skip
    assert decoded(data)[1] == Other(
        "anthropic", {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    )


def test_an_end_before_the_end_is_a_cut() -> None:
    for data in (
        stream(START),
        stream(START, opened(0, type="text", text="a")),
        stream(START) + b'data: {"type":"content_bl',
    ):
        with pytest.raises(ProviderCut):
            decoded(data)


def test_no_answer_at_all_is_garbage() -> None:
    for data in (b"", b"<html>no</html>", b'{"error":{"message":"down"}}', b"data: what\n\n"):
        with pytest.raises(ProviderGarbage):
            decoded(data)


def test_what_was_said_before_an_error_is_given_first() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    decoder = CODEC.decoder(CLAUDE)
    assert decoder.feed(stream(START, opened(0, type="text", text="a"), error))[-1] == TextDelta("a")
    with pytest.raises(ProviderRefused) as caught:
        decoder.end()
    assert caught.value.status == 529 and "busy" in caught.value.message
    with pytest.raises(ProviderRefused):
        CODEC.decoder(CLAUDE).feed(stream(error))


def test_a_whole_message() -> None:
    body = {
        "type": "message", "id": "msg_1", "model": "m", "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 2},
        "content": [{"type": "text", "text": "hi"}, {"type": "tool_use", "id": "c", "name": "f", "input": [1]}],
    }  # fmt: skip
    got = CODEC.decoder(CLAUDE).whole(json.dumps(body).encode())
    check(got)
    assert got[1:] == [
        TextStart(), TextDelta("hi"), BlockStop(), ToolStart("c", "f"), ArgumentsDelta("[1]"), BlockStop(),
        Stop("tool", usage=Usage(3, output=2)),
    ]  # fmt: skip


def test_an_error_inside_a_200_is_said() -> None:
    with pytest.raises(ProviderGarbage, match="quota"):
        CODEC.decoder(CLAUDE).whole(b'{"type":"error","error":{"type":"api_error","message":"quota"}}')


BLOCKS: list[list[Event]] = [
    [TextStart(), TextDelta("a"), TextDelta("\n\ndata: é"), BlockStop()],
    [ThinkingStart(), ThinkingDelta("t"), SignatureDelta("s", "anthropic"), BlockStop()],
    [ThinkingStart(redacted=True), SignatureDelta("d", "anthropic"), BlockStop()],
    [Other("anthropic", {"type": "web_search_tool_result", "tool_use_id": "s", "content": []})],
]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(BLOCKS), max_size=5), st.integers(1, 40), st.sampled_from(["end", "limit", "window"]))
def test_what_is_written_is_read_back(blocks: list[list[Event]], size: int, reason: Any) -> None:
    events = [*(event for block in blocks for event in block), Stop(reason, usage=Usage(3, 1, 2, 4, 5, 1))]
    data = streamed([Start(), *events])
    assert decoded(data, size=size)[1:] == events


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(
            [
                *stream(START, opened(0, type="text", text="a"), closed(0), ended("end_turn"), STOP).split(b"\n"),
                b"",
                b"data: {}",
                b"\xff",
            ]
        ),
        max_size=12,
    )
)
def test_whatever_comes_is_grammar_or_a_failure(lines: list[bytes]) -> None:
    decoder, grammar = CODEC.decoder(CLAUDE), Grammar()
    try:
        for event in [*decoder.feed(b"\n".join(lines)), *decoder.end()]:
            grammar.take(event)
    except Failure:
        return
    assert grammar.ended


def test_an_end_without_a_word_and_without_a_reason_is_no_answer() -> None:
    for events in ((STOP,), (START, STOP), (START, ended("end_turn") | {"delta": {"stop_reason": None}}, STOP)):
        with pytest.raises(ProviderGarbage):
            decoded(stream(*events))
    assert decoded(stream(START, ended("end_turn"), STOP))[-1] == Stop("end", usage=Usage(input=4))
