"""The faults of the fake, seen from the socket."""

from __future__ import annotations

import gzip
import http.client
import json
import time
import zlib
from collections.abc import Callable

import pytest
import zstandard

from tests.fake import FakeProvider
from tests.unit.fake.caller import call, chat, messages, ollama, raw, read_all, responses


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500, 503, 529])
def test_every_wire_refuses_in_its_own_shape(fake_provider: FakeProvider, status: int) -> None:
    words = f"ERR={status} MSG=why"
    anthropic, openai = messages(fake_provider, words), chat(fake_provider, words)
    assert {anthropic.status, openai.status, responses(fake_provider, words).status} == {status}
    assert anthropic.json["type"] == "error"
    assert openai.json["error"].keys() == {"message", "type", "param", "code"}
    assert ollama(fake_provider, words).json == {"error": "why"}
    assert ("retry-after" in openai.headers) == (status == 429)


def test_retry_after_has_all_its_forms(fake_provider: FakeProvider) -> None:
    assert chat(fake_provider, "ERR=429 RETRY=1.5").headers["retry-after"] == "1.5"
    assert chat(fake_provider, "ERR=503 RETRY=date:3").headers["retry-after"].endswith("GMT")
    assert chat(fake_provider, "ERR=429 RETRY=ms:250").headers["retry-after-ms"] == "250"
    assert "retry-after" not in chat(fake_provider, "ERR=429 RETRY=none").headers


def test_answers_that_are_no_answers(fake_provider: FakeProvider) -> None:
    page = chat(fake_provider, "HTML=502")
    assert (page.status, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
    with pytest.raises(json.JSONDecodeError):
        json.loads(chat(fake_provider, "JUNK").body.decode("utf-8", "replace"))
    assert "error" in chat(fake_provider, "ERR200").json
    assert chat(fake_provider, "EMPTY", stream=True).body == b""
    assert chat(fake_provider, "CTYPE=text/plain SAY=x", stream=True).headers["content-type"] == "text/plain"


def test_a_key_can_be_echoed(fake_provider: FakeProvider) -> None:
    assert "sk-fake-good" in chat(fake_provider, "ERR=401 ECHOKEY").json["error"]["message"]


def test_an_error_event_first_and_in_the_middle(fake_provider: FakeProvider) -> None:
    assert [event["type"] for event in messages(fake_provider, "ERRFIRST", stream=True).events] == ["error"]
    events = messages(fake_provider, "LONG=9 ERRMID=4", stream=True).events
    assert [event["type"] for event in events].count("content_block_delta") == 4
    assert events[-1]["type"] == "error"
    assert ollama(fake_provider, "LONG=9 ERRMID=4 MSG=why").lines[-1] == {"error": "why"}
    assert messages(fake_provider, "SAY=x ERRMID=4").status == 200


def test_a_cut_ends_the_connection_without_the_last_chunk(fake_provider: FakeProvider) -> None:
    with raw(fake_provider, "LONG=9 CUT=4") as wire:
        got, was_reset = read_all(wire)
    assert not was_reset
    assert got.count(b'"content":"w') + got.count(b'"content":"w\xc3\xb6') >= 4
    assert not got.endswith(b"0\r\n\r\n")
    assert fake_provider.talks[-1].deltas == 4


def test_a_reset_is_a_reset(fake_provider: FakeProvider) -> None:
    with raw(fake_provider, "LONG=9 RST=4") as wire:
        got, was_reset = read_all(wire)
    assert was_reset
    assert b"w3" in got


def test_a_cut_beyond_the_end_still_cuts(fake_provider: FakeProvider) -> None:
    with raw(fake_provider, "SAY=x CUT=999") as wire:
        got, _ = read_all(wire)
    assert b"[DONE]" not in got


def test_a_stream_can_end_properly_but_too_soon(fake_provider: FakeProvider) -> None:
    kinds = [event["type"] for event in messages(fake_provider, "LONG=9 END=4", stream=True).events]
    assert kinds.count("content_block_delta") == 4
    assert kinds[-1] == "content_block_delta"


def test_a_connection_can_close_unannounced_after_an_answer(fake_provider: FakeProvider) -> None:
    with raw(fake_provider, "SAY=x CLOSE", stream=False) as wire:
        got, was_reset = read_all(wire)
    assert not was_reset
    assert b"connection: close" not in got
    assert b'"content":"x"' in got


def test_pings_fill_the_silence(fake_provider: FakeProvider) -> None:
    body = messages(fake_provider, "SAY=x HUSH=0.3 PINGS", stream=True).body
    assert body.partition(b"content_block_delta")[0].count(b"event: ping") > 4


def test_a_whole_answer_can_be_cut_too(fake_provider: FakeProvider) -> None:
    with pytest.raises(http.client.IncompleteRead):
        chat(fake_provider, "TRUNC SAY=x")
    with pytest.raises(http.client.IncompleteRead):
        chat(fake_provider, "CUT=1 SAY=x")


def test_silence_lasts_as_long_as_told(fake_provider: FakeProvider) -> None:
    for words in ("DELAY=0.2", "HUSH=0.2", "STALL=1 STALLFOR=0.2", "SLOW=100"):
        begun = time.monotonic()
        assert chat(fake_provider, f"SAY=ab-cd-ef {words}", stream=True).events
        assert 0.2 <= time.monotonic() - begun < 2


def test_a_client_that_leaves_is_seen(fake_provider: FakeProvider) -> None:
    with raw(fake_provider, "LONG=99 STALL=3") as wire:
        assert wire.recv(100)
    fake_provider.wait_for(lambda fake: fake.talks[-1].gone)
    assert fake_provider.talks[-1].ended is not None


def test_encodings_are_true(fake_provider: FakeProvider) -> None:
    plain = chat(fake_provider, "SAY=✓✓ ID=a").json["choices"]
    undo: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.decompress,
        "deflate": zlib.decompress,
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    }
    for name, decode in undo.items():
        reply = chat(fake_provider, f"SAY=✓✓ ENC={name}")
        assert reply.headers["content-encoding"] == name
        assert plain[0]["message"]["content"].encode() in decode(reply.body)
    stored = chat(fake_provider, "SAY=✓✓ ENC=br").body
    assert stored.endswith(b"\x03")
    assert "✓✓".encode() in stored


def test_bytes_come_one_by_one(fake_provider: FakeProvider) -> None:
    with raw(fake_provider, "SAY=✓🙂 BYTES") as wire:
        wire.settimeout(5)
        got = b""
        while not got.endswith(b"0\r\n\r\n"):
            got += wire.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"chunked" in head
    assert b"1\r\n\xf0\r\n1\r\n\x9f\r\n" in body


def test_line_ends_pings_and_headers(fake_provider: FakeProvider) -> None:
    assert b"\r\n\r\n" in messages(fake_provider, "SAY=x CRLF", stream=True).body
    assert b"\n\n" not in messages(fake_provider, "SAY=x CRLF", stream=True).body
    assert messages(fake_provider, "SAY=x PINGS", stream=True).body.count(b"event: ping") > 3
    assert b": keep-alive" in chat(fake_provider, "SAY=x PINGS", stream=True).body
    assert len(chat(fake_provider, "SAY=x HUGE=9000").headers) > 9


def test_the_first_n_requests_fail(fake_provider: FakeProvider) -> None:
    assert [chat(fake_provider, "ERR=500 TIMES=2").status for _ in range(3)] == [500, 500, 200]


def test_a_programme_is_used_up_by_those_it_is_meant_for(fake_provider: FakeProvider) -> None:
    fake_provider.program({"status": 429, "model": "other"}, {"status": 503}, {"say": "from the programme"})
    assert chat(fake_provider, "hi").status == 503
    assert chat(fake_provider, "hi").json["choices"][0]["message"]["content"] == "from the programme"
    assert chat(fake_provider, "hi", model="other").status == 429
    assert chat(fake_provider, "hi", model="other").status == 200


def test_a_programme_can_stay(fake_provider: FakeProvider) -> None:
    fake_provider.program({"status": 500, "times": -1, "path": "/v1/chat"})
    assert [chat(fake_provider, "hi").status for _ in range(3)] == [500, 500, 500]
    assert messages(fake_provider, "hi").status == 200


def test_a_request_is_on_the_bill_as_soon_as_it_has_arrived(fake_provider: FakeProvider) -> None:
    with raw(fake_provider, "ID=early DELAY=5"):
        fake_provider.wait_for(lambda fake: "early" in fake.bill.by_id)
    fake_provider.wait_for(lambda fake: fake.talks[-1].gone)


def test_the_bill_counts_what_was_sent(fake_provider: FakeProvider) -> None:
    chat(fake_provider, "ID=a IN=100 CACHED=40 OUT=7")
    chat(fake_provider, "ID=a IN=10 OUT=3", stream=True)
    chat(fake_provider, "ID=b ERR=500")
    with raw(fake_provider, "ID=c LONG=50 CUT=5 IN=10 OUT=50") as wire:
        read_all(wire)
    bill = fake_provider.bill.by_id
    assert (bill["a"].requests, bill["a"].input, bill["a"].cached, bill["a"].output) == (2, 110, 40, 10)
    assert (bill["b"].requests, bill["b"].input, bill["b"].output) == (1, 0, 0)
    assert (bill["c"].input, bill["c"].output) == (10, 5)
    assert fake_provider.bill.total().requests == 4


def test_the_control_routes_do_the_same(fake_provider: FakeProvider) -> None:
    assert call(fake_provider, "/_fake/program", [{"status": 529}], headers={}).json == {"queued": 1}
    assert chat(fake_provider, "ID=z").status == 529
    seen = call(fake_provider, "/_fake/requests", headers={}).json
    assert seen[0]["json"]["messages"][0]["content"] == "ID=z"
    assert call(fake_provider, "/_fake/bill", headers={}).json["by_id"]["z"]["requests"] == 1
    assert call(fake_provider, "/_fake/reset", b"", headers={}).json == {"ok": True}
    assert fake_provider.requests == []
