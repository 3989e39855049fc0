"""What a Gemini client is sent is what Google's own SDK reads, and reads back to what was said."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.clients import gemini_reads
from tests.property.folding import carried, fold
from tests.property.strategies import ODD_ARGUMENTS, answers, pieces
from tests.unit.wire.gemini.making import FLASH, read, talk, user
from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Thinking, Thought, ToolCall
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
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
from trunkline.wire.codec import Answering
from trunkline.wire.gemini import error
from trunkline.wire.gemini.codec import CODEC
from trunkline.wire.gemini.encode import GeminiEncoder
from trunkline.wire.gemini.stream import GeminiWatch
from trunkline.wire.grammars.gemini import Chunks

THOUGHT: list[Event] = [ThinkingStart(), ThinkingDelta("hm"), SignatureDelta("EqQB", "anthropic"), BlockStop()]
WORDS: list[Event] = [TextStart(), TextDelta("Grü"), TextDelta("ezi 🙂"), BlockStop()]
CALL: list[Event] = [ToolStart("c1", "f"), ArgumentsDelta('{"a":'), ArgumentsDelta(" 1}"), BlockStop()]
END = Stop("tool", usage=Usage(60, 40, output=12, reasoning=7))


def encoder(shown: bool | None = None, **own: Any) -> GeminiEncoder:
    asked = talk(user("hi"), wire="gemini", thought=Thought(shown=shown), own=own)
    return CODEC.encoder(Answering("0123", "alias", 0, 17, asked))


def streamed(events: list[Event], shown: bool | None = None, **own: Any) -> bytes:
    made = encoder(shown, **own)
    return b"".join(made.take(event) for event in events)


def back(body: bytes) -> Conversation:
    """What a client sends when it plays an answer back."""
    content = json.loads(body)["candidates"][0]["content"]
    return read("hi", content, "go on")


def test_a_whole_answer_has_googles_shape() -> None:
    answer = json.loads(encoder(True).whole([Start(), *WORDS, *CALL, END]))
    assert answer == {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "Grüezi 🙂"},
                        {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}},
                    ],
                    "role": "model",
                },
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 100,
            "cachedContentTokenCount": 40,
            "candidatesTokenCount": 5,
            "thoughtsTokenCount": 7,
            "totalTokenCount": 112,
        },
        "modelVersion": "alias",
        "responseId": "0123",
    }


def test_thinking_that_was_asked_for_is_shown_and_comes_back_with_its_signature() -> None:
    body = encoder(True).whole([Start(), *THOUGHT, *CALL, END])
    assert json.loads(body)["candidates"][0]["content"]["parts"][0]["thought"] is True
    assert back(body).turns[1].parts == [Thinking("hm", "EqQB", "anthropic"), ToolCall("c1", "f", '{"a":1}')]


def test_thinking_that_was_not_asked_for_rides_unseen_and_comes_back_whole() -> None:
    redacted: list[Event] = [ThinkingStart(redacted=True), SignatureDelta("cmVk", "anthropic"), BlockStop()]
    events = [Start(), *THOUGHT, *redacted, *WORDS, *CALL, END]
    body = encoder(False).whole(events)
    assert "hm" not in "".join(part.get("text", "") for part in json.loads(body)["candidates"][0]["content"]["parts"])
    parts = back(body).turns[1].parts
    assert parts[:2] == [Thinking("hm", "EqQB", "anthropic"), Thinking("", "cmVk", "anthropic", redacted=True)]
    seen = gemini_reads(streamed(events, False), True)
    assert (seen.text, seen.thinking, seen.calls) == ("Grüezi 🙂", "", [("f", {"a": 1})])


def test_redacted_thinking_comes_back_as_such() -> None:
    events: list[Event] = [ThinkingStart(redacted=True), SignatureDelta("cmVk", "anthropic"), BlockStop(), *WORDS]
    assert back(encoder(True).whole([Start(), *events, END])).turns[1].parts[0] == Thinking(
        "", "cmVk", "anthropic", redacted=True
    )


def test_googles_own_signature_stays_on_its_call() -> None:
    events: list[Event] = [Start(), ToolStart("c1", "f", signature="c2ln"), BlockStop(), END]
    part = json.loads(encoder().whole(events))["candidates"][0]["content"]["parts"][0]
    assert part == {"functionCall": {"id": "c1", "name": "f", "args": {}}, "thoughtSignature": "c2ln"}


def test_without_sse_a_stream_is_one_array() -> None:
    body = streamed([Start(), *WORDS, *CALL, END], array=True)
    chunks = json.loads(body)
    assert [one["candidates"][0]["content"]["parts"][0].get("text") for one in chunks] == ["Grü", "ezi 🙂", None, ""]
    begun = encoder(array=True).take(TextDelta("x"))
    failed = json.loads(begun + error.element(error.render(InvalidRequest("no"), "r", "t", "no")))
    assert failed[-1]["error"]["message"] == "no"


def test_a_provider_that_never_told_is_estimated() -> None:
    usage = json.loads(encoder().whole([Start(), *WORDS, Stop("end")]))["usageMetadata"]
    assert usage == {"promptTokenCount": 17, "candidatesTokenCount": 2, "totalTokenCount": 19}


def test_numbers_that_json_has_no_word_for_do_not_get_out() -> None:
    for text in ('{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}'):
        events: list[Event] = [Start(), ToolStart("c", "f"), ArgumentsDelta(text), BlockStop(), END]
        machine = Chunks()
        machine.take(streamed(events))
        assert machine.ended


@settings(deadline=None)
@given(st.data())
def test_what_is_said_is_what_is_read(data: st.DataObject) -> None:
    events = data.draw(answers("gemini", origins=("gemini", "anthropic"), arguments=ODD_ARGUMENTS))
    stream = streamed(events)
    machine, watch, decoder = Chunks(), GeminiWatch(), CODEC.decoder(FLASH)
    machine.take(stream)
    assert machine.ended
    out: list[Event] = []
    passed = b""
    for piece in data.draw(pieces(stream)):
        passed += watch.feed(piece)
        out += decoder.feed(piece)
    assert passed + watch.end() == stream
    check(out)
    expected = carried("gemini", fold(events))
    assert carried("gemini", fold(out)) == expected
    whole = encoder().whole(events)
    assert carried("gemini", fold(CODEC.decoder(FLASH).whole(whole))) == expected
    seen = gemini_reads(stream, True)
    assert seen == gemini_reads(whole, False)
    assert (seen.text, seen.thinking) == (expected.texts("text"), expected.texts("thinking"))
    assert seen.calls == [(call.name, call.value) for call in expected.calls]
