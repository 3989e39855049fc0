"""What a Gemini provider answers is understood, however it comes in pieces, and a broken answer is never a whole one."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire.gemini.making import FLASH, chunk, sse
from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderRefused
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
from trunkline.model.grammar import check
from trunkline.model.usage import Usage
from trunkline.wire.gemini.codec import CODEC

CALL = {"functionCall": {"id": "f1", "name": "get_weather", "args": {"city": "Zürich"}}}


def decoded(stream: bytes, size: int = 0) -> list[Event]:
    decoder = CODEC.decoder(FLASH)
    out: list[Event] = []
    for at in range(0, len(stream), size or len(stream) or 1):
        out += decoder.feed(stream[at : at + (size or len(stream))])
    if not any(isinstance(event, Stop) for event in out):
        out += decoder.end()
    check(out)
    return out


def stop_of(*chunks: dict[str, Any]) -> Stop:
    last = decoded(sse(*chunks))[-1]
    assert isinstance(last, Stop)
    return last


@pytest.mark.parametrize("size", [0, 1, 7])
def test_thoughts_words_and_calls_come_in_order(size: int) -> None:
    usage = {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 40,
        "toolUsePromptTokenCount": 3,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 7,
        "totalTokenCount": 115,
    }
    stream = sse(
        chunk({"text": "hm", "thought": True}, usageMetadata={"promptTokenCount": 100, "totalTokenCount": 100}),
        chunk({"text": "Grü"}),
        chunk({"text": "ezi 🙂"}),
        chunk({**CALL, "thoughtSignature": "c2ln"}),
        chunk({"text": ""}, finish="STOP", usageMetadata=usage),
    )
    assert decoded(stream, size) == [
        Start("r1", "gemini-x", Usage(100)),
        ThinkingStart(),
        ThinkingDelta("hm"),
        BlockStop(),
        TextStart(),
        TextDelta("Grü"),
        TextDelta("ezi 🙂"),
        BlockStop(),
        ToolStart("f1", "get_weather", signature="c2ln"),
        ArgumentsDelta('{"city":"Zürich"}'),
        BlockStop(),
        Stop("tool", usage=Usage(63, 40, output=12, reasoning=7)),
    ]


@pytest.mark.parametrize("size", [0, 1, 5])
def test_one_array_in_pieces_is_read_too(size: int) -> None:
    chunks = [chunk({"text": 'a ]},{[ "'}), chunk({"text": "b\\"}), chunk(finish="STOP")]
    text = "[" + ",\r\n".join(json.dumps(one, indent=2) for one in chunks) + "\n]\n"
    said = [event.text for event in decoded(text.encode(), size) if isinstance(event, TextDelta)]
    assert said == ['a ]},{[ "', "b\\"]


@pytest.mark.parametrize("stray", ["[", ",", "]"])
@pytest.mark.parametrize("size", [0, 1, 7])
def test_which_form_a_stream_has_its_first_byte_tells_and_no_later_one(stray: str, size: int) -> None:
    """A stray byte before an event breaks that event only, wherever the stream is cut."""
    first, lost, last = (sse(chunk({"text": "a"})), sse(chunk({"text": "b"})), sse(chunk({"text": "c"}, finish="STOP")))
    events = decoded(first + stray.encode() + lost + last, size)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "ac"


def test_a_whole_answer_is_the_stream_that_it_would_have_been() -> None:
    answer = chunk({"text": "hi"}, CALL, CALL, finish="STOP")
    assert CODEC.decoder(FLASH).whole(json.dumps(answer).encode()) == decoded(sse(answer))


def test_calls_without_ids_get_the_same_ones_each_time_they_are_read() -> None:
    bare = {"functionCall": {"name": "f"}}

    def ids(answer_id: str) -> list[str]:
        stream = sse(chunk(bare, bare, finish="STOP", responseId=answer_id))
        return [event.id for event in decoded(stream) if isinstance(event, ToolStart)]

    assert ids("a") == ids("a")
    assert len({*ids("a"), *ids("b"), *ids("")}) == 6


def test_words_after_a_call_are_a_block_of_their_own() -> None:
    kinds = [type(event).__name__ for event in decoded(sse(chunk(CALL), chunk({"text": "x"}, finish="STOP")))]
    assert kinds == ["Start", "ToolStart", "ArgumentsDelta", "BlockStop", "TextStart", "TextDelta", "BlockStop", "Stop"]


def test_an_empty_thought_with_a_signature_proves_the_thought_before_it() -> None:
    proof = {"text": "", "thought": True, "thoughtSignature": "c2ln"}
    events = decoded(sse(chunk({"text": "hm", "thought": True}), chunk(proof), chunk({"text": "x"}, finish="STOP")))
    assert events[1:5] == [ThinkingStart(), ThinkingDelta("hm"), SignatureDelta("c2ln", "gemini"), BlockStop()]


def test_pictures_and_code_are_googles_own() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1"}}
    events = decoded(sse(chunk({"text": "x"}), chunk(code, finish="STOP")))
    assert Other("gemini", code) in events


@pytest.mark.parametrize(
    ("finish", "reason"),
    [("STOP", "end"), ("MAX_TOKENS", "limit"), ("SAFETY", "refusal"), ("RECITATION", "refusal"), ("SPII", "refusal")],
)
def test_reasons(finish: str, reason: str) -> None:
    assert stop_of(chunk({"text": "x"}, finish=finish)).reason == reason


def test_a_call_that_the_limit_cut_off_ends_by_the_limit() -> None:
    assert stop_of(chunk(CALL, finish="MAX_TOKENS")).reason == "limit"


@pytest.mark.parametrize("finish", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER", "NEW_AND_UNHEARD_OF"])
def test_an_end_that_is_none_is_a_failure_that_names_it(finish: str) -> None:
    with pytest.raises(ProviderGarbage) as caught:
        decoded(sse(chunk({"text": "x"}, finish=finish)))
    assert finish in caught.value.message


def test_a_blocked_prompt_is_a_refusal() -> None:
    blocked = {
        "promptFeedback": {"blockReason": "SAFETY"},
        "usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8},
    }
    stop = stop_of(blocked)
    assert (stop.reason, stop.usage) == ("refusal", Usage(8, output=0))
    assert "SAFETY" in stop.explanation


def test_usage_may_come_after_the_end() -> None:
    first = chunk({"text": "x"}, finish="STOP", usageMetadata=None)
    assert stop_of(first, {"usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 2}}).usage == Usage(
        4, output=2
    )
    assert stop_of(first).usage == Usage()


def test_an_end_before_the_end_is_never_whole() -> None:
    with pytest.raises(ProviderCut):
        decoded(sse(chunk({"text": "x"})))
    with pytest.raises(ProviderCut):
        decoded(sse(chunk(CALL)))
    with pytest.raises(ProviderGarbage):
        decoded(b"")
    with pytest.raises(ProviderGarbage):
        CODEC.decoder(FLASH).whole(json.dumps(chunk({"text": "x"})).encode())


@pytest.mark.parametrize("bare", [False, True])
def test_an_error_inside_a_stream_is_the_providers_own(bare: bool) -> None:
    error = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}
    event = json.dumps(error, indent=1).encode() + b"\n" if bare else sse(error)
    with pytest.raises(ProviderRefused) as caught:
        decoded(sse(chunk({"text": "x"})) + event)
    assert caught.value.status == 503
    assert "overloaded" in caught.value.message


def test_an_error_in_a_whole_answer_is_no_answer() -> None:
    with pytest.raises(ProviderGarbage) as caught:
        CODEC.decoder(FLASH).whole(b'{"error":{"code":500,"message":"boom"}}')
    assert "boom" in caught.value.message


ODD = [b"data: ", b"\n\n", b"[", b",", b"]", b'{"candidates":', b"null", b"}", b'"', b"\\", b"\xff", b"data: {}\n\n"]
ODD += [
    sse(chunk(CALL)),
    b'data: {"candidates":[{"content":{"parts":[{"text":"\\ud83d"}]}}]}\n\n',
    sse(chunk(finish="STOP")),
    json.dumps(chunk(CALL)).encode(),
]


@given(st.binary() | st.lists(st.sampled_from(ODD)).map(b"".join), st.integers(1, 9))
def test_any_bytes_are_an_answer_or_a_failure(stream: bytes, size: int) -> None:
    with suppress(Failure):
        decoded(stream, size)
    with suppress(Failure):
        check(CODEC.decoder(FLASH).whole(stream))
