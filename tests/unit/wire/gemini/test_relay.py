"""A Gemini stream that is only passed on: not one byte changes, and the ledger learns what it must."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire.gemini.making import chunk, sse
from trunkline.errors import InvalidRequest, ProviderCut, ProviderGarbage, ProviderRefused
from trunkline.model.usage import Usage
from trunkline.wire.framing import events
from trunkline.wire.gemini import error
from trunkline.wire.gemini.stream import GeminiWatch
from trunkline.wire.gemini.whole import counted, read_counted, read_embedded, read_generated
from trunkline.wire.junk import readable

ERROR = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}


def fed(stream: bytes, size: int) -> tuple[GeminiWatch, bytes]:
    watch = GeminiWatch()
    passed = b"".join(watch.feed(stream[at : at + size]) for at in range(0, len(stream), size))
    return watch, passed + watch.end()


@pytest.mark.parametrize("size", [1, 3, 10_000])
@pytest.mark.parametrize("array", [False, True])
def test_a_stream_passes_unchanged_in_either_form(size: int, array: bool) -> None:
    chunks = [chunk({"text": "Grüezi }{ "}), chunk({"text": '"]'}), chunk(finish="MAX_TOKENS")]
    stream = json.dumps(chunks, indent=1, ensure_ascii=False).encode() if array else sse(*chunks)
    watch, passed = fed(stream, size)
    assert passed == stream
    assert (watch.stop, watch.model, watch.finished, watch.committed) == ("MAX_TOKENS", "gemini-x", True, True)
    assert watch.usage == Usage(10, output=5)


def test_an_empty_chunk_says_nothing_and_a_signature_does() -> None:
    watch = GeminiWatch()
    watch.feed(sse(chunk({"text": ""}), chunk({"text": "", "thought": True})))
    assert not watch.committed
    watch.feed(sse(chunk({"text": "", "thoughtSignature": "c2ln"})))
    assert watch.committed


def test_a_blocked_prompt_is_an_end() -> None:
    watch, _ = fed(sse({"promptFeedback": {"blockReason": "OTHER"}, "usageMetadata": {"promptTokenCount": 3}}), 5)
    assert (watch.stop, watch.finished) == ("OTHER", True)


def test_an_end_without_a_reason_is_a_cut() -> None:
    watch = GeminiWatch()
    watch.feed(sse(chunk({"text": "x"})))
    with pytest.raises(ProviderCut):
        watch.end()


@pytest.mark.parametrize("stream", [sse(ERROR), json.dumps([chunk({"text": "x"}), ERROR]).encode()])
def test_an_error_is_a_failure_with_the_status_it_would_have_had(stream: bytes) -> None:
    watch = GeminiWatch()
    assert watch.feed(stream) + watch.end() + watch.error == stream
    assert b"slow down" in watch.error
    assert isinstance(watch.failure, ProviderRefused)
    assert watch.failure.status == 429
    assert json.loads(watch.failure.answer.body) == ERROR


def test_whole_answers_are_read() -> None:
    whole = read_generated(json.dumps(chunk({"text": "x"}, finish="STOP")).encode())
    assert (whole.stop, whole.model, whole.usage) == ("STOP", "gemini-x", Usage(10, output=5))
    assert counted(b'{"totalTokens": 31}') == 31
    assert read_counted(b'{"totalTokens": 31}').usage == Usage(0, output=0)
    assert read_embedded(b'{"embedding": {"values": [1]}}').usage.output == 0
    for body in (b"{}", b"[]", b"<html>", b'{"candidates": []}', json.dumps(ERROR).encode()):
        with pytest.raises(ProviderGarbage):
            read_generated(body)
        with pytest.raises(ProviderGarbage):
            read_counted(body)
        with pytest.raises(ProviderGarbage):
            read_embedded(body)


def test_failures_are_told_in_googles_words() -> None:
    failure = InvalidRequest("No such thing.", remedy="Ask otherwise.", param="contents", retry_after=17)
    body = error.render(failure, "r-1", "2026-11-21T00:00:00Z", failure.code)
    told = json.loads(body)["error"]
    assert (told["code"], told["status"]) == (400, "INVALID_ARGUMENT")
    assert told["message"] == "No such thing. Ask otherwise."
    assert told["details"][0]["metadata"]["request_id"] == "r-1"
    assert told["details"][1]["retryDelay"] == "17s"
    assert error.is_own(body)
    assert error.is_own(b"[" + body + b"]")
    assert not error.is_own(b'{"error":{"message":"x","type":"server_error","code":null}}')
    watch = GeminiWatch()
    watch.feed(error.event(body))
    assert watch.failure is not None


def test_junk_is_left_out_and_never_taken_for_an_end() -> None:
    junk = b"data: {not json\n\n"
    watch = GeminiWatch()
    assert watch.feed(junk) == b""
    assert not watch.finished
    with pytest.raises(ProviderCut):
        watch.end()


@given(
    st.lists(st.sampled_from([b"[", b",", b"]", b"{", b"}", b'"', b"\\", b"\n", b"data: ", b"x", b"\r"])),
    st.integers(1, 4),
)
def test_any_bytes_pass_unchanged_but_for_events_that_are_no_json(parts: list[bytes], size: int) -> None:
    stream = b"".join(parts)
    watch = GeminiWatch()
    passed = b"".join(watch.feed(stream[at : at + size]) for at in range(0, len(stream), size))
    # In the form of an array there are no events to leave out.
    array = stream.lstrip().startswith(b"[")
    kept = stream if array else b"".join(raw for raw, _, data in events(stream) if not data or readable(data))
    # To which of two events a blank line between them belongs, nobody can say.
    assert kept.translate(None, b"\r\n").startswith(passed.translate(None, b"\r\n"))
    assert stream.startswith(passed) or watch.dropped
    if watch.failure is None:
        with pytest.raises(ProviderCut):
            watch.end()
