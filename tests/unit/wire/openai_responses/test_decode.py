"""What providers of the Responses format answer, as events."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire.openai_responses.making import OPENAI, USAGE, begun, decoded, ended, joined, sse
from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderRefused
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.grammar import Grammar
from trunkline.model.usage import Usage
from trunkline.wire.openai_responses.codec import CODEC

Json = dict[str, Any]
USED = Usage(30, 64, 6, 0, 20, 8)
START = Start("resp_1", "gpt-x")


def added(index: int, **item: Any) -> Json:
    return {"type": "output_item.added", "output_index": index, "item": item}


def done(index: int, **item: Any) -> Json:
    return {"type": "output_item.done", "output_index": index, "item": item}


def delta(what: str, index: int, text: str, **more: Any) -> Json:
    return {"type": f"{what}.delta", "output_index": index, "item_id": "x", "delta": text, **more}


def message(text: str) -> Json:
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def call(nth: int, **more: Any) -> Json:
    return {
        "type": "function_call",
        "id": f"fc_{nth}",
        "call_id": f"call_{nth}",
        "name": f"f{nth}",
        "arguments": "",
        **more,
    }


WHOLE = sse(
    begun(),
    {"type": "in_progress", "response": {"id": "resp_1"}},
    added(0, type="reasoning", id="rs_1", summary=[]),
    {"type": "reasoning_summary_part.added", "output_index": 0, "item_id": "rs_1", "summary_index": 0, "part": {}},
    delta("reasoning_summary_text", 0, "I th", summary_index=0),
    delta("reasoning_summary_text", 0, "ink.", summary_index=0),
    delta("reasoning_summary_text", 0, "Again.", summary_index=1),
    done(0, type="reasoning", id="rs_1", summary=[], encrypted_content="gAAA"),
    added(1, type="message", id="msg_1", content=[]),
    {"type": "content_part.added", "output_index": 1, "content_index": 0, "part": {"type": "output_text", "text": ""}},
    delta("output_text", 1, "Grü", content_index=0),
    delta("output_text", 1, "ezi", content_index=0),
    {"type": "output_text.done", "output_index": 1, "content_index": 0, "text": "Grüezi"},
    done(1, **message("Grüezi")),
    added(2, type="web_search_call", id="ws_1", status="in_progress"),
    {"type": "web_search_call.searching", "output_index": 2, "item_id": "ws_1"},
    done(2, type="web_search_call", id="ws_1", status="completed"),
    added(3, **call(1, namespace="agents")),
    delta("function_call_arguments", 3, '{"a":'),
    delta("function_call_arguments", 3, '"ü\\u00e9"}'),
    {"type": "function_call_arguments.done", "output_index": 3, "arguments": '{"a":"ü\\u00e9"}'},
    done(3, **call(1, namespace="agents", arguments='{"a":"ü\\u00e9"}')),
    added(4, type="custom_tool_call", id="ctc_1", call_id="call_2", name="apply_patch", input=""),
    delta("custom_tool_call_input", 4, "*** Begin\n"),
    {"type": "custom_tool_call_input.done", "output_index": 4, "input": "*** Begin\n"},
    done(4, type="custom_tool_call", id="ctc_1", call_id="call_2", name="apply_patch", input="*** Begin\n"),
    ended(),
)
SAID: list[Event] = [
    START,
    ThinkingStart(id="rs_1"),
    ThinkingDelta("I think.\n\nAgain."),
    SignatureDelta("rs_1:gAAA", "openai_responses"),
    BlockStop(),
    TextStart(),
    TextDelta("Grüezi"),
    BlockStop(),
    Other("openai_responses", {"type": "web_search_call", "id": "ws_1", "status": "completed"}),
    ToolStart("call_1", "f1", namespace="agents", item="fc_1"),
    ArgumentsDelta('{"a":"ü\\u00e9"}'),
    BlockStop(),
    ToolStart("call_2", "apply_patch", custom=True, item="ctc_1"),
    ArgumentsDelta("*** Begin\n"),
    BlockStop(),
    Stop("tool", usage=USED),
]


@pytest.mark.parametrize("size", [1, 2, 7, 100, 10**6])
def test_a_stream_of_everything_wherever_it_is_cut(size: int) -> None:
    assert joined(decoded(WHOLE, size)) == SAID


def test_line_ends_comments_and_a_done_mark_change_nothing() -> None:
    odd = b": hello\n\n" + WHOLE.replace(b"\n\n", b"\n\n: keep-alive\n\n") + b"data: [DONE]\n\n"
    assert joined(decoded(odd.replace(b"\n", b"\r\n"), 3)) == SAID


def test_only_ends_without_deltas_say_as_much() -> None:
    stream = sse(
        begun(),
        {"type": "output_text.done", "output_index": 0, "content_index": 0, "text": "hi"},
        added(1, **call(1)),
        {"type": "function_call_arguments.done", "output_index": 1, "arguments": "{}"},
        done(2, **call(2, arguments='{"b":2}')),
        ended(),
    )
    assert decoded(stream) == [
        START,
        TextStart(),
        TextDelta("hi"),
        BlockStop(),
        ToolStart("call_1", "f1", item="fc_1"),
        ArgumentsDelta("{}"),
        BlockStop(),
        ToolStart("call_2", "f2", item="fc_2"),
        ArgumentsDelta('{"b":2}'),
        BlockStop(),
        Stop("tool", usage=USED),
    ]


def test_a_stream_of_which_only_the_end_was_told_is_whole() -> None:
    stream = sse(begun(), ended(output=[message("hi"), call(1, arguments="{}")]))
    assert [type(event) for event in decoded(stream)] == [
        Start, TextStart, TextDelta, BlockStop, ToolStart, ArgumentsDelta, BlockStop, Stop,
    ]  # fmt: skip


def test_the_end_repeats_nothing_that_was_told() -> None:
    assert decoded(sse(begun(), delta("output_text", 0, "hi"), ended(output=[message("hi")])))[1:4] == [
        TextStart(),
        TextDelta("hi"),
        BlockStop(),
    ]


def test_two_calls_that_interleave_come_one_after_the_other() -> None:
    stream = sse(
        begun(),
        added(0, **call(0)),
        added(1, **call(1)),
        delta("function_call_arguments", 1, '{"b"'),
        delta("function_call_arguments", 0, '{"a"'),
        delta("output_text", 2, "words"),
        delta("function_call_arguments", 1, ":1}"),
        delta("function_call_arguments", 0, ":0}"),
        done(1, **call(1, arguments='{"b":1}')),
        done(0, **call(0, arguments='{"a":0}')),
        ended(),
    )
    assert joined(decoded(stream))[1:-1] == [
        ToolStart("call_0", "f0", item="fc_0"),
        ArgumentsDelta('{"a":0}'),
        BlockStop(),
        ToolStart("call_1", "f1", item="fc_1"),
        ArgumentsDelta('{"b":1}'),
        BlockStop(),
        TextStart(),
        TextDelta("words"),
        BlockStop(),
    ]


def test_a_server_that_numbers_every_item_zero_and_renames_them_is_understood() -> None:
    stream = sse(
        begun(),
        added(0, **call(0)),
        {**delta("function_call_arguments", 0, "{}"), "item_id": "other"},
        done(0, **call(0, id="fc_x", arguments="{}")),
        added(0, **call(1)),
        delta("function_call_arguments", 0, '{"b":1}'),
        done(0, **call(1, arguments='{"b":1}')),
        ended(),
    )
    assert [event.text for event in decoded(stream) if isinstance(event, ArgumentsDelta)] == ["{}", '{"b":1}']


def test_a_call_without_an_id_or_with_one_twice_gets_its_own() -> None:
    stream = sse(begun(), done(0, **call(0, call_id="")), done(1, **call(1)), done(2, **call(1)), ended())
    ids = [event.id for event in decoded(stream) if isinstance(event, ToolStart)]
    assert len(set(ids)) == 3
    assert ids[:2] == ["fc_0", "call_1"]


def test_a_name_that_comes_last_is_waited_for() -> None:
    stream = sse(begun(), delta("function_call_arguments", 0, "{}"), done(0, **call(0, arguments="{}")), ended())
    assert decoded(stream)[1:3] == [ToolStart("call_0", "f0", item="fc_0"), ArgumentsDelta("{}")]


def test_a_call_that_ended_without_a_name_and_is_named_at_last_is_whole() -> None:
    nameless = {"type": "output_item.done", "item": {"type": "function_call", "call_id": "c1", "arguments": "{}"}}
    named = {
        "type": "output_item.done",
        "item": {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
    }
    said = decoded(sse(begun(), nameless, named, delta("output_text", 1, "hi"), ended()))
    assert [type(event) for event in said[1:4]] == [ToolStart, ArgumentsDelta, BlockStop]


def test_raw_reasoning_and_reasoning_without_words() -> None:
    stream = sse(
        begun(),
        delta("reasoning_text", 0, "raw", content_index=0),
        done(0, type="reasoning", id="rs_1", content=[{"type": "reasoning_text", "text": "raw"}], summary=[]),
        done(1, type="reasoning", id="rs_2", summary=[], encrypted_content="gAAA"),
        done(2, type="reasoning", id="rs_3", summary=[]),
        ended(),
    )
    assert decoded(stream)[1:-1] == [
        ThinkingStart(id="x"),
        ThinkingDelta("raw"),
        BlockStop(),
        ThinkingStart(redacted=True, id="rs_2"),
        SignatureDelta("rs_2:gAAA", "openai_responses"),
        BlockStop(),
    ]


def test_a_refusal_is_one() -> None:
    stream = sse(begun(), delta("refusal", 0, "No.", content_index=0), ended())
    assert decoded(stream) == [START, RefusalStart(), TextDelta("No."), BlockStop(), Stop("refusal", usage=USED)]


@pytest.mark.parametrize(
    ("reason", "said", "meant"),
    [
        ("max_output_tokens", [], "limit"),
        ("max_messages", [], "limit"),
        ("content_filter", [], "refusal"),
        ("steered", [], "end"),
        ("max_output_tokens", [added(0, **call(0)), delta("function_call_arguments", 0, '{"a')], "limit"),
    ],
)
def test_why_an_answer_is_incomplete(reason: str, said: list[Json], meant: str) -> None:
    events = decoded(sse(begun(), *said, ended("incomplete", incomplete_details={"reason": reason})))
    assert isinstance(events[-1], Stop)
    assert events[-1].reason == meant


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": "many"}, "x"])
def test_usage_that_is_not_told_is_unknown(usage: Any) -> None:
    last = decoded(sse(begun(), ended(usage=usage)))[-1]
    assert isinstance(last, Stop)
    assert (last.usage.input, last.usage.output) == (None, None)


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        ({"type": "error", "code": "rate_limit_exceeded", "message": "slow down"}, 429, "rate_limit_exceeded"),
        ({"type": "error", "error": {"type": "server_error", "message": "slow down"}}, 500, "server_error"),
        (
            ended("failed", error={"code": "context_length_exceeded", "message": "slow down"}),
            400,
            "context_length_exceeded",
        ),
        (ended("failed", error=None), 500, "provider_error"),
    ],
)
def test_an_error_inside_a_stream_is_the_providers(event: Json, status: int, code: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        decoded(sse(begun(), event))
    assert (refused.value.status, refused.value.code) == (status, code)


def test_what_was_said_before_an_error_is_not_lost_with_it() -> None:
    decoder = CODEC.decoder(OPENAI)
    events = decoder.feed(sse(begun(), delta("output_text", 0, "hi"), {"type": "error", "message": "oh"}))
    assert events[-1] == TextDelta("hi")
    with pytest.raises(ProviderRefused):
        decoder.end()


@pytest.mark.parametrize("stream", [sse(begun()), sse(begun(), delta("output_text", 0, "hi")), WHOLE[:-30]])
def test_an_end_before_the_end_is_a_cut(stream: bytes) -> None:
    with pytest.raises(ProviderCut):
        decoded(stream)


@pytest.mark.parametrize(
    "stream", [b"", b"<html>oops</html>", b'{"error":{"message":"no"}}', b": ping\n\n", b"data: x\n\n"]
)
def test_what_is_no_stream_of_this_wire_is_garbage(stream: bytes) -> None:
    with pytest.raises(ProviderGarbage):
        decoded(stream)


def test_a_whole_response_says_the_same_as_its_stream() -> None:
    summary = [{"type": "summary_text", "text": "I think."}, {"type": "summary_text", "text": "Again."}]
    output = [
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "gAAA"},
        message("Grüezi"),
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        call(1, namespace="agents", arguments='{"a":"ü\\u00e9"}'),
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_2", "name": "apply_patch", "input": "*** Begin\n"},
    ]
    body = {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "gpt-x",
        "output": output,
        "usage": USAGE,
    }
    assert joined(CODEC.decoder(OPENAI).whole(json.dumps(body).encode())) == SAID


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b"", ProviderGarbage),
        (b"[]", ProviderGarbage),
        (b'{"error":{"message":"no"}}', ProviderGarbage),
        (b'{"object":"response","status":"queued"}', ProviderGarbage),
        (b'{"object":"response","status":"failed","error":{"code":"x","message":"y"}}', ProviderRefused),
        (b'{"object":"response","status":"cancelled"}', ProviderCut),
    ],
)
def test_what_is_no_whole_response_is_told(body: bytes, failure: type[Failure]) -> None:
    with pytest.raises(failure):
        CODEC.decoder(OPENAI).whole(body)


_LEAF = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "call_1", "rs_1", "{}"])
_NAMES = ["id", "call_id", "name", "namespace", "arguments", "input", "text", "refusal", "encrypted_content"]
_PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["output_text", "refusal", "summary_text", "reasoning_text"])},
    optional=dict.fromkeys(("text", "refusal"), _LEAF),
)
_ITEMS = st.fixed_dictionaries(
    {"type": st.sampled_from(["message", "reasoning", "function_call", "custom_tool_call", "web_search_call", ""])},
    optional={
        **dict.fromkeys(_NAMES, _LEAF),
        "content": st.lists(_PARTS, max_size=2) | _LEAF,
        "summary": st.lists(_PARTS, max_size=2) | _LEAF,
    },
)
_TEXTS = [
    "output_text",
    "refusal",
    "reasoning_text",
    "reasoning_summary_text",
    "function_call_arguments",
    "custom_tool_call_input",
]
_KINDS = [f"{name}.{end}" for name in _TEXTS for end in ("delta", "done")] * 2 + [
    *["output_item.added", "output_item.done"] * 4,
    *["content_part.added", "content_part.done", "created", "completed", "incomplete", "failed", "unknown"],
]
_EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(_KINDS)},
    optional={
        "output_index": st.integers(0, 2) | _LEAF,
        "content_index": st.integers(0, 1) | _LEAF,
        "summary_index": st.integers(0, 1) | _LEAF,
        **dict.fromkeys(["item_id", "delta", "text", "arguments", "input", "refusal"], _LEAF),
        "item": _ITEMS | _LEAF,
        "part": _PARTS | _LEAF,
        "response": st.fixed_dictionaries(
            {}, optional={"id": _LEAF, "status": _LEAF, "output": st.lists(_ITEMS | _LEAF, max_size=2), "usage": _LEAF}
        ),
    },
)


@given(st.lists(_EVENTS, max_size=12), st.sampled_from([1, 5, 10**6]))
def test_however_odd_the_events_are_what_comes_out_is_grammatical_or_a_failure(events: list[Json], size: int) -> None:
    stream = sse(begun(), *events, ended())
    grammar, decoder = Grammar(), CODEC.decoder(OPENAI)
    with contextlib.suppress(Failure):
        for at in range(0, len(stream), size):
            for event in decoder.feed(stream[at : at + size]):
                grammar.take(event)
        for event in decoder.end():
            grammar.take(event)
        assert grammar.ended


@given(st.binary(max_size=200) | st.text(max_size=50).map(lambda text: f"data: {text}\n\n".encode()))
def test_no_bytes_bring_anything_but_a_failure(stream: bytes) -> None:
    decoder = CODEC.decoder(OPENAI)
    with contextlib.suppress(Failure):
        decoder.feed(stream)
        decoder.end()
    with contextlib.suppress(Failure):
        CODEC.decoder(OPENAI).whole(stream)
