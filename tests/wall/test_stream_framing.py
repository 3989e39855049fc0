"""Streams from servers that are not careful: wrong types, single bytes, odd line ends, odd events."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
import zstandard

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask
from tests.wall.scenes import CHAT, FOUR, KEY, MESSAGES, OLLAMA, SCRIPTED, SIX, Scene, name_of, rows
from tests.wall.scripted import Scripted

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\nconnection: close\r\n\r\n"
SSE = b"text/event-stream"
ANTHROPIC = (
    b'event: message_start\ndata: {"type": "message_start", "message": {"id": "m", "type": "message", "role": '
    b'"assistant", "model": "script-1", "content": [], "usage": {"input_tokens": 7, "output_tokens": 1}}}\n\n'
    b'event: content_block_start\ndata: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", '
    b'"text": ""}}\n\n'
    b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", '
    b'"text": "ok"}}\n\n'
    b'event: message_delta\ndata: {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": '
    b'{"output_tokens": 3}}\n\n'
    b'event: message_stop\ndata: {"type": "message_stop"}\n\n'
)
CHUNK = (
    b'data: {"id": "c", "object": "chat.completion.chunk", "model": "script-1", "choices": [{"index": 0, "delta": '
    b'{"content": "ok"}, "finish_reason": null}]}\n\n'
)
END = b'data: {"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'


def said(wall: Gateway, scripted: Scripted, scene: Scene, *pieces: bytes, kind: bytes = SSE) -> Reply:
    scripted.pieces = (HEAD % kind, *pieces)
    return ask(wall.url, scene.path, scene.body("Hi", stream=True, model=SCRIPTED[scene.asked]), headers=KEY)


@pytest.mark.parametrize("form", ["", "BYTES"], ids=["pieces", "single-bytes"])
@pytest.mark.parametrize("scene", SIX, ids=name_of)
def test_a_stream_under_a_wrong_content_type_is_a_stream_all_the_same(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, form: str
) -> None:
    body = scene.body(f"SAY=ok {form} CTYPE=application/octet-stream", stream=True)
    reply = ask(wall.url, scene.path, body, headers=KEY)
    assert reply.status == 200, reply.body
    right = "application/x-ndjson" if scene.shape == "ollama" else "text/event-stream"
    assert (reply.header("content-type") or "").startswith(right)


@pytest.mark.parametrize("first", [1, 2, 5])
def test_a_mislabelled_stream_is_known_by_its_beginning_however_short_the_first_piece(
    wall: Gateway, scripted: Scripted, first: int
) -> None:
    reply = said(wall, scripted, MESSAGES, ANTHROPIC[:first], ANTHROPIC[first:], kind=b"application/json")
    assert reply.status == 200, reply.body
    assert reply.body == ANTHROPIC


@pytest.mark.parametrize("at", [1, 7, 20, 100, 200, 250, 300, len(ANTHROPIC) - 1])
def test_a_stream_may_be_cut_into_two_anywhere(wall: Gateway, scripted: Scripted, at: int) -> None:
    assert said(wall, scripted, MESSAGES, ANTHROPIC[:at], ANTHROPIC[at:]).body == ANTHROPIC


@pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["crlf", "cr"])
def test_other_line_ends_pass_as_they_are(wall: Gateway, scripted: Scripted, end: bytes) -> None:
    stream = ANTHROPIC.replace(b"\n", end)
    half = stream.index(b"ok") + 40
    reply = said(wall, scripted, MESSAGES, stream[:half], stream[half:])
    assert reply.status == 200, reply.body
    assert reply.body == stream


def test_a_crlf_between_two_pieces_is_no_blank_line(wall: Gateway, scripted: Scripted) -> None:
    stream = ANTHROPIC.replace(b"\n", b"\r\n")
    at = stream.index(b"\r\ndata") + 1
    assert said(wall, scripted, MESSAGES, stream[:at], stream[at:]).body == stream


def test_comments_ids_and_retries_pass(wall: Gateway, scripted: Scripted) -> None:
    stream = (
        b": hello\n\nid: 7\nretry: 100\n" + CHUNK + b":\n\n: \xf0\x9f\x99\x82\n" + CHUNK + END + b"data: [DONE]\n\n"
    )
    reply = said(wall, scripted, CHAT, stream)
    assert reply.status == 200
    assert reply.body == stream


def test_a_byte_order_mark_passes(wall: Gateway, scripted: Scripted) -> None:
    stream = b"\xef\xbb\xbf" + CHUNK + END + b"data: [DONE]\n\n"
    assert said(wall, scripted, CHAT, stream).body == stream


def test_events_nobody_knows_pass(wall: Gateway, scripted: Scripted) -> None:
    new = b'event: brand_new\ndata: {"type": "brand_new", "x": 12345678901234567890123}\n\n'
    stream = new + ANTHROPIC.replace(b"event: message_delta", new + b"event: message_delta")
    assert said(wall, scripted, MESSAGES, stream).body == stream


def test_data_without_a_blank_and_in_several_lines_is_understood(wall: Gateway, scripted: Scripted) -> None:
    stream = (
        b'data:{"choices":[{"index":0,\ndata:"delta":{"content":"ok"},"finish_reason":null}]}\n\n'
        b'data:{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata:[DONE]\n\n'
    )
    reply = said(wall, scripted, CHAT, stream)
    assert reply.status == 200, reply.body
    assert reply.body == stream


def test_an_ending_without_done_but_with_a_reason_is_an_ending_and_is_ended(wall: Gateway, scripted: Scripted) -> None:
    reply = said(wall, scripted, CHAT, CHUNK, END)
    assert reply.status == 200
    assert reply.body == CHUNK + END + b"data: [DONE]\n\n"


def test_a_message_with_its_reason_lacks_only_its_stop(wall: Gateway, scripted: Scripted) -> None:
    stop = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    short = ANTHROPIC[: ANTHROPIC.index(b"event: message_stop")]
    assert said(wall, scripted, MESSAGES, short).body == short + stop
    assert said(wall, scripted, MESSAGES, short + stop[:30]).body == short + stop


@pytest.mark.parametrize("junk", [b"{not json", b'{"half": "', b"\xff"])
def test_an_event_that_nobody_can_read_is_left_out(wall: Gateway, scripted: Scripted, junk: bytes) -> None:
    reply = said(wall, scripted, CHAT, CHUNK, b"data: " + junk + b"\n\n", CHUNK, END, b"data: [DONE]\n\n")
    assert reply.body == CHUNK + CHUNK + END + b"data: [DONE]\n\n"


def test_many_in_a_row_are_no_answer(wall: Gateway, scripted: Scripted) -> None:
    reply = said(wall, scripted, CHAT, CHUNK, *[b"data: {no\n\n"] * 9, CHUNK, END)
    assert reply.body.startswith(CHUNK)
    assert b'finish_reason":"stop' not in reply.body
    assert b"5 events in a row" in reply.body


def test_a_call_that_lacks_its_middle_is_no_call(wall: Gateway, scripted: Scripted) -> None:
    call = b'{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"a\\":"}}'
    begun = (
        b'data: {"id":"x","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[' + call + b"]}}]}\n\n"
    )
    reply = said(wall, scripted, CHAT, CHUNK, begun, b"data: {not json\n\n", CHUNK, END)
    assert b"in the middle of a tool call" in reply.body
    assert reply.body.count(CHUNK) == 1


def test_a_last_event_without_its_blank_line_passes(wall: Gateway, scripted: Scripted) -> None:
    stream = ANTHROPIC.rstrip()
    assert said(wall, scripted, MESSAGES, stream).body == stream


@pytest.mark.parametrize(
    "last", [b'{"message": {"role": "assistant", "content": ""}, "done": true}\n', b'{"done" : true}']
)
def test_ollamas_end_is_known_however_it_is_written(wall: Gateway, scripted: Scripted, last: bytes) -> None:
    stream = b'{"model": "script-1", "message": {"role": "assistant", "content": "ok"}, "done": false}\n' + last
    reply = said(wall, scripted, OLLAMA, stream[:90], stream[90:], kind=b"application/x-ndjson")
    assert reply.status == 200, reply.body
    assert reply.body == stream
    assert not reply.cut


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_whole_answer_to_a_streamed_request_is_passed_on_whole(
    wall: Gateway, scripted: Scripted, scene: Scene
) -> None:
    whole = {
        "messages": b'{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],'
        b'"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}',
        "chat": b'{"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}',
        "responses": b'{"object":"response","status":"completed","model":"m","output":[]}',
        "ollama_chat": b'{"model":"m","message":{"role":"assistant","content":"ok"},"done":true}',
    }[scene.name]
    reply = said(wall, scripted, scene, whole, kind=b"application/json")
    assert reply.status == 200, reply.body
    assert reply.body.rstrip(b"\n") == whole


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_gzip_answer_of_two_members_is_read_to_its_end(wall: Gateway, scripted: Scripted, stream: bool) -> None:
    plain = CHUNK + END + b"data: [DONE]\n\n" if stream else b'{"choices":[{"message":{"content":"ok"}}],"x":1}'
    packed = gzip.compress(plain[:30]) + gzip.compress(plain[30:])
    kind = SSE if stream else b"application/json"
    scripted.pieces = (HEAD.replace(b"connection", b"content-encoding: gzip\r\nconnection") % kind, packed)
    reply = ask(wall.url, CHAT.path, CHAT.body("Hi", stream=stream, model="gpt-script"), headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.body == plain


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_a_coded_answer_that_is_cut_or_garbage_never_looks_whole(
    wall: Gateway, scripted: Scripted, coding: str, stream: bool
) -> None:
    plain = CHUNK * 50 + END + b"data: [DONE]\n\n" if stream else b'{"choices":[{"message":{"content":"ok"}}]}'
    packs: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "zstd": zstandard.ZstdCompressor().compress,
    }
    for packed in (b"not coded at all", packs[coding](plain)[:20]):
        head = HEAD.replace(b"connection", b"content-encoding: " + coding.encode() + b"\r\nconnection")
        scripted.pieces = (head % (SSE if stream else b"application/json"), packed)
        reply = ask(wall.url, CHAT.path, CHAT.body("Hi", stream=stream, model="gpt-script"), headers=KEY)
        assert reply.status == 502, reply.body
        assert CHAT.is_error(reply.json)


@pytest.mark.parametrize("scene", (MESSAGES, CHAT), ids=name_of)
def test_a_provider_that_does_not_hang_up_after_its_end_spoils_nothing(
    wall: Gateway, scripted: Scripted, scene: Scene
) -> None:
    stream = ANTHROPIC if scene is MESSAGES else CHUNK + END + b"data: [DONE]\n\n"
    scripted.pieces = (HEAD % SSE + stream, b"")
    scripted.pause = 2
    reply = ask(wall.url, scene.path, scene.body("Hi", stream=True, model=SCRIPTED[scene.asked]), headers=KEY)
    assert reply.body == stream
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert row["outcome"] == "ok"


@pytest.mark.parametrize("scene", (MESSAGES, CHAT), ids=name_of)
def test_a_provider_that_does_not_hang_up_after_its_error_tells_it_once(
    wall: Gateway, scripted: Scripted, scene: Scene
) -> None:
    if scene is MESSAGES:
        stop = b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "no"}}\n\n'
        stream = ANTHROPIC[: ANTHROPIC.index(b"event: message_delta")] + stop
    else:
        stream = CHUNK + b'data: {"error": {"message": "no", "type": "server_error"}}\n\n'
    scripted.pieces = (HEAD % SSE + stream, b"")
    scripted.pause = 2
    reply = ask(wall.url, scene.path, scene.body("Hi", stream=True, model=SCRIPTED[scene.asked]), headers=KEY)
    assert reply.body == stream


@pytest.mark.parametrize("fault", ["reset", "short"])
def test_a_connection_that_breaks_behind_the_end_spoils_nothing(wall: Gateway, scripted: Scripted, fault: str) -> None:
    head = HEAD.replace(b"connection: close", b"content-length: 99999") if fault == "short" else HEAD
    chunked = HEAD.replace(b"connection: close", b"transfer-encoding: chunked") % SSE
    if fault == "short":
        scripted.pieces = (head % SSE + ANTHROPIC,)
    else:
        scripted.pieces = (chunked + b"%x\r\n%b\r\n" % (len(ANTHROPIC), ANTHROPIC), b"zz\r\n")
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body("Hi", stream=True, model="claude-script"), headers=KEY)
    assert reply.status == 200
    assert reply.body == ANTHROPIC
