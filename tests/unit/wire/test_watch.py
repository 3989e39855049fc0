"""What is learned of a stream that passes by: usage, stop reason, the commit point, and whether it was whole."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from trunkline.errors import ProviderCut, ProviderGarbage, ProviderRefused
from trunkline.model.wires import Wire
from trunkline.wire.anthropic.stream import MessagesWatch
from trunkline.wire.formats import FORMATS, READERS
from trunkline.wire.gemini.stream import GeminiWatch
from trunkline.wire.ollama.stream import OllamaWatch
from trunkline.wire.openai_chat.stream import ChatWatch
from trunkline.wire.openai_responses.stream import ResponsesWatch
from trunkline.wire.openai_responses.whole import read_response
from trunkline.wire.watch import Watch


def sse(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def data(document: Any) -> bytes:
    return f"data: {json.dumps(document)}\n\n".encode()


def start(**usage: int) -> bytes:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": [], "usage": usage}
    return sse("message_start", message=message)


TEXT = sse("content_block_start", index=0, content_block={"type": "text", "text": ""})
HELLO = sse("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hé"})
STOP = sse("content_block_stop", index=0)
ENDS = sse("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9}) + sse("message_stop")


def fed(watch: Watch, *pieces: bytes) -> bytes:
    return b"".join(watch.feed(piece) for piece in pieces)


def test_an_anthropic_stream_passes_unchanged_and_tells_what_it_used() -> None:
    watch = MessagesWatch()
    usage = {"input_tokens": 12, "cache_read_input_tokens": 2048, "cache_creation_input_tokens": 7, "output_tokens": 1}
    stream = start(**usage) + sse("ping") + TEXT + HELLO + STOP + ENDS
    assert fed(watch, *(stream[n : n + 1] for n in range(len(stream)))) + watch.end() == stream
    used = watch.usage
    assert (used.input, used.cache_read, used.cache_write, used.output) == (12, 2048, 7, 9)
    assert (watch.stop, watch.model, watch.finished) == ("end_turn", "m-1", True)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (start(input_tokens=1), False),
        (sse("ping"), False),
        (TEXT, False),
        (
            sse("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""}),
            False,
        ),
        (sse("content_block_delta", index=0, delta={"type": "text_delta", "text": ""}), False),
        (HELLO, True),
        (sse("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "hm"}), True),
        (sse("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "s"}), True),
        (sse("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": "{"}), True),
        (sse("content_block_delta", index=0, delta={"type": "some_new_delta", "x": 1}), True),
        (sse("content_block_start", index=0, content_block={"type": "tool_use", "id": "t", "name": "f"}), True),
        (sse("content_block_start", index=0, content_block={"type": "redacted_thinking", "data": "x"}), True),
        (sse("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 0}), True),
    ],
)
def test_the_commit_point_is_the_first_thing_said(event: bytes, says: bool) -> None:
    watch = MessagesWatch()
    watch.feed(event)
    assert watch.committed is says


def test_zeros_in_message_start_are_replaced_and_nothing_else() -> None:
    watch = MessagesWatch(estimate=4321)
    out = fed(watch, start(input_tokens=0, output_tokens=0), TEXT, HELLO, STOP, ENDS)
    first, rest = out.split(b"\n\n", 1)
    assert json.loads(first.split(b"data: ")[1])["message"]["usage"]["input_tokens"] == 4321
    assert rest == (TEXT + HELLO + STOP + ENDS)
    assert watch.usage.input is None, "an estimate is no report"


def test_true_numbers_in_message_start_are_left_alone() -> None:
    watch = MessagesWatch(estimate=4321)
    assert watch.feed(start(input_tokens=0, cache_read_input_tokens=5)) == start(
        input_tokens=0, cache_read_input_tokens=5
    )


def test_counts_that_come_only_at_the_end_are_taken() -> None:
    watch = MessagesWatch(estimate=10)
    end = sse("message_delta", delta={"stop_reason": "tool_use"}, usage={"input_tokens": 50, "output_tokens": 6})
    fed(watch, start(input_tokens=0, output_tokens=0), HELLO, end)
    assert (watch.usage.input, watch.usage.output, watch.stop) == (50, 6, "tool_use")


def test_an_error_event_is_a_failure_with_the_status_it_would_have_had() -> None:
    watch = MessagesWatch()
    event = sse("error", error={"type": "overloaded_error", "message": "Overloaded"})
    assert watch.feed(HELLO + event) == HELLO
    assert watch.error == event
    assert isinstance(watch.failure, ProviderRefused)
    assert watch.failure.status == 529
    assert json.loads(watch.failure.answer.body)["error"]["message"] == "Overloaded"


CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt"}


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    return data({**CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more})


USED = {
    "prompt_tokens": 120,
    "completion_tokens": 30,
    "total_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 64},
}


def test_a_usage_chunk_nobody_asked_for_is_hidden_and_read() -> None:
    watch = ChatWatch(hide_usage=True)
    shown = chunk({"role": "assistant", "content": ""}, usage=None) + chunk({"content": "é"}) + chunk({}, "stop")
    hidden = data({**CHUNK, "choices": [], "usage": USED})
    assert fed(watch, shown + hidden, b"data: [DONE]\n\n") == shown + b"data: [DONE]\n\n"
    assert (watch.usage.input, watch.usage.cache_read, watch.usage.output) == (56, 64, 30)
    assert watch.stop == "stop"


def test_a_usage_chunk_that_was_asked_for_goes_on() -> None:
    watch = ChatWatch(hide_usage=False)
    stream = chunk({"content": "x"}) + chunk({}, "stop") + data({**CHUNK, "choices": [], "usage": USED})
    assert fed(watch, stream) == stream


def test_usage_inside_the_last_chunk_is_never_hidden() -> None:
    watch = ChatWatch(hide_usage=True)
    last = chunk({"role": "assistant", "content": ""}, "stop", usage=USED)
    assert fed(watch, chunk({"content": "x"}), last) == chunk({"content": "x"}) + last
    assert watch.usage.output == 30


@pytest.mark.parametrize(
    ("delta", "says"),
    [
        ({"role": "assistant", "content": ""}, False),
        ({"role": "assistant", "content": None}, False),
        ({}, False),
        ({"content": "x"}, True),
        ({"reasoning_content": "x"}, True),
        ({"reasoning": "x"}, True),
        ({"refusal": "no"}, True),
        ({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]}, True),
    ],
)
def test_a_role_alone_says_nothing(delta: dict[str, Any], says: bool) -> None:
    watch = ChatWatch()
    watch.feed(chunk(delta))
    assert watch.committed is says


def test_a_chat_stream_without_a_reason_is_cut_even_if_it_closed_cleanly() -> None:
    watch = ChatWatch()
    fed(watch, chunk({"content": "x"}))
    with pytest.raises(ProviderCut):
        watch.end()


def test_an_error_chunk_is_a_failure() -> None:
    watch = ChatWatch()
    fed(watch, chunk({"content": "x"}), data({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}))
    assert watch.failure is not None
    assert watch.failure.status == 429
    nothing = ChatWatch()
    nothing.feed(chunk({"content": 'the word "error": {'}, error=None))
    assert nothing.failure is None


def test_a_responses_stream_ends_with_completed_only() -> None:
    watch = ResponsesWatch()
    created = sse("response.created", response={"id": "r", "status": "in_progress", "model": "gpt-6"})
    said = sse("response.output_text.delta", item_id="m", output_index=0, content_index=0, delta="Hi")
    usage = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 64},
        "output_tokens": 20,
        "total_tokens": 120,
    }
    done = sse("response.completed", response={"id": "r", "status": "completed", "usage": usage})
    assert watch.feed(created) == created
    assert not watch.committed
    assert watch.feed(said + done) == said + done
    assert watch.end() == b""
    assert (watch.usage.input, watch.usage.cache_read, watch.usage.output) == (36, 64, 20)
    cut = ResponsesWatch()
    fed(cut, created, said)
    with pytest.raises(ProviderCut):
        cut.end()


@pytest.mark.parametrize(("store", "known"), [({}, "r"), ({"store": True}, "r"), ({"store": False}, "")])
def test_what_a_provider_keeps_is_known_by_its_id(store: dict[str, bool], known: str) -> None:
    response = {"id": "r", "object": "response", "status": "completed", **store}
    watch = ResponsesWatch()
    watch.feed(sse("response.created", response=response))
    assert watch.stored == known
    assert read_response(json.dumps(response).encode()).stored == known


def test_an_odd_id_does_not_spoil_an_answer() -> None:
    for odd in (7, None, ""):
        response = {"id": odd, "object": "response", "status": "completed", "store": "yes"}
        watch = ResponsesWatch()
        watch.feed(sse("response.completed", response=response))
        assert watch.finished
        assert read_response(json.dumps(response).encode()).stop == "completed"


def test_a_failed_response_is_a_failure_in_openais_shape() -> None:
    watch = ResponsesWatch()
    failed = {"id": "r", "status": "failed", "error": {"code": "rate_limit_exceeded", "message": "try again in 2s"}}
    watch.feed(sse("response.failed", response=failed))
    assert isinstance(watch.failure, ProviderRefused)
    assert watch.failure.status == 429
    assert json.loads(watch.failure.answer.body)["error"]["message"] == "try again in 2s"


def test_an_ollama_stream_ends_with_done() -> None:
    watch = OllamaWatch()
    first = b'{"model":"q","message":{"role":"assistant","content":""},"done":false}\n'
    said = b'{"model":"q","message":{"role":"assistant","content":"Hi"},"done":false}\n'
    last = b'{"model":"q","message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":26,"eval_count":290}\n'
    assert watch.feed(first) == first
    assert not watch.committed
    assert fed(watch, said[:9], said[9:], last) == said + last
    assert (watch.usage.input, watch.usage.output, watch.finished) == (26, 290, True)
    broken = OllamaWatch()
    broken.feed(said + b'{"error":"model runner died"}\n')
    assert broken.failure is not None
    assert "runner died" in broken.failure.message


@pytest.mark.parametrize(
    ("watch", "event"),
    [
        (MessagesWatch(), b'event: error\ndata: {"error":{"message":"Overloaded"}}\n\n'),
        (MessagesWatch(), b'data: {"error":{"message":"Overloaded"}}\n\n'),
        (ChatWatch(), b'data: {"code":"1302","message":"Overloaded"}\n\n'),
        (ChatWatch(), b'data: {"object":"error","message":"Overloaded"}\n\n'),
        (ChatWatch(), b'event: error\ndata: {"detail":"Overloaded"}\n\n'),
        (ResponsesWatch(), b'data: {"error":{"message":"Overloaded","code":"slow_down"}}\n\n'),
        (OllamaWatch(), b'{"error":{"message":"Overloaded"}}\n'),
        (GeminiWatch(), b'data: {"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}\r\n\r\n'),
    ],
)
def test_an_error_is_known_in_whatever_shape_it_comes(watch: Watch, event: bytes) -> None:
    assert watch.feed(event) == b""
    assert isinstance(watch.failure, ProviderRefused)
    assert "Overloaded" in watch.failure.message


@pytest.mark.parametrize(
    ("watch", "said", "end"),
    [
        (MessagesWatch(), TEXT + HELLO, sse("message_stop")),
        (ChatWatch(), chunk({"content": "Hi"}), b"data: [DONE]\n\n"),
    ],
)
def test_the_last_event_is_no_reason_to_end(watch: Watch, said: bytes, end: bytes) -> None:
    assert watch.feed(said + end) == said
    assert isinstance(watch.failure, ProviderCut)


def test_a_reason_that_is_a_failure_is_told_as_an_error() -> None:
    watch = ChatWatch()
    said = chunk({"content": "Hi"})
    assert watch.feed(said + chunk({}, "network_error") + b"data: [DONE]\n\n") == said
    assert isinstance(watch.failure, ProviderRefused)
    told = watch.error.split(b"\n\n")
    assert json.loads(told[0].removeprefix(b"data: "))["error"]["code"] == "network_error"
    assert told[1:] == [b"data: [DONE]", b""]


@pytest.mark.parametrize("watch", [MessagesWatch(5), ChatWatch(True), ResponsesWatch(), OllamaWatch()])
def test_junk_is_left_out_and_never_taken_for_an_end(watch: Watch) -> None:
    junk = b'{"half": \n' if isinstance(watch, OllamaWatch) else b"data: {not json\n\n"
    assert watch.feed(junk) == b""
    assert watch.dropped == 1
    assert not watch.finished
    with pytest.raises(ProviderCut):
        watch.end()


STRAY = b'"\xff\xc3("'
WATCHES = [MessagesWatch, ChatWatch, ResponsesWatch, OllamaWatch, GeminiWatch]


@pytest.mark.parametrize("make", WATCHES)
@pytest.mark.parametrize(
    "event",
    [
        b'{"model":%b,"type":%b,"error":%b,"modelVersion":%b}' % (STRAY, STRAY, STRAY, STRAY),
        b'{"error":{"message":%b,"code":%b}}' % (STRAY, STRAY),
        b'{"type":"message_start","message":{"model":%b}}' % STRAY,
        b'{"type":"message_start","message":0.5}',
        b'{"type":"message_start","message":{"usage":{"input_tokens":"null"}}}',
        b'{"type":"message_start","message":{"id":%b,"usage":{"input_tokens":0}}}' % STRAY,
        b'{"x":' * 5000,
    ],
)
def test_what_cannot_be_read_passes_all_the_same(make: Callable[[], Watch], event: bytes) -> None:
    """Stray bytes, members of another type, nesting without end: they are between the provider and its client."""
    watch = make()
    stream = event + b"\n" if make is OllamaWatch else b"data: " + event + b"\n\n"
    # What is no JSON at all is left out: it says nothing to anybody.
    assert watch.feed(stream) + watch.error == (b"" if event.startswith(b'{"x":{"x"') else stream)
    assert not watch.finished


def test_zeros_beside_stray_bytes_are_not_mended() -> None:
    watch = MessagesWatch(17)
    stream = b'data: {"type":"message_start","message":{"id":%b,"usage":{"input_tokens":0}}}\n\n' % STRAY
    assert watch.feed(stream) == stream


@pytest.mark.parametrize(
    "body", [b'{"model":%b}' % STRAY, b"\xff", b"[" * 5000, b'{"a":' * 5000, b'{"error":%b}' % STRAY]
)
def test_a_whole_answer_that_cannot_be_read_is_none(body: bytes) -> None:
    for operation, read in READERS.items():
        if operation in ("other", "stored"):  # of which nothing is demanded
            read(body)
            continue
        with pytest.raises(ProviderGarbage):
            read(body)
    assert not any(form.is_own_error(body) for form in FORMATS.values())


@pytest.mark.parametrize("wire", FORMATS)
def test_a_providers_error_ends_a_stream_whatever_stands_beside_its_words(wire: Wire) -> None:
    form = FORMATS[wire]
    inner = b'{"type":"x","code":%b,"message":"Overloaded","status_code":[1],"request_id":{}}'
    for code in (b"529", STRAY, b"[1]"):
        for body in (b'{"type":"error","error":' + inner % code + b"}", b'{"error":"Overloaded","x":%b}' % STRAY):
            if form.is_own_error(body):
                assert b"Overloaded" in form.error_event(body, b"")


@pytest.mark.parametrize(
    ("before", "number"),
    [
        (b"", 0),
        (sse("response.output_text.delta", sequence_number=7, delta='"sequence_number": 99'), 8),
        (b'data: {"sequence_number":3}\n\ndata: {"sequence_number" : 4}\n\n', 5),
    ],
)
def test_an_error_in_a_responses_stream_has_the_next_number(before: bytes, number: int) -> None:
    event = FORMATS["openai_responses"].error_event(b'{"error":{"message":"gone"}}', before)
    assert json.loads(event.partition(b"data: ")[2])["sequence_number"] == number


def test_what_stood_before_junk_that_ends_a_stream_goes_on_wherever_it_was_cut() -> None:
    said = start(input_tokens=7) + sse("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hi"})
    stream = said + b'data: {"half\n\n' * 9
    for pieces in ([stream], [stream[at : at + 1] for at in range(len(stream))]):
        watch = MessagesWatch()
        assert b"".join(watch.feed(piece) for piece in pieces) == said
        assert isinstance(watch.failure, ProviderGarbage)
        assert watch.usage.input == 7
        assert watch.end() == b""


@pytest.mark.parametrize(
    ("make", "junk", "nothing"),
    [(MessagesWatch, b'data: {"half\n\n', b": ping\n\n"), (OllamaWatch, b'{"half\n', b"\n")],
)
def test_what_says_nothing_between_junk_is_no_sign_of_sense(
    make: Callable[[], Watch], junk: bytes, nothing: bytes
) -> None:
    watch = make()
    for _ in range(5):
        watch.feed(nothing)
        watch.feed(junk)
    assert isinstance(watch.failure, ProviderGarbage)
