"""The provider that a gateway is measured in front of: cheap enough to stay out of the figures. See `bench.gateway`.

A streamed request is answered with 200 events of its format (Anthropic's Messages or OpenAI's chat): those up to the
first words at once, then each in a chunk and a write of its own, `PACE` seconds apart, as a model writes. Any other is
answered whole and small. Prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import cast

EVENTS = 200
PACE = 0.002
"""Seconds between two events of a stream: far apart enough that each is a read of its own for who relays it."""


def _event(name: str, rest: str) -> bytes:
    event = f'event: {name}\ndata: {{"type":"{name}"{rest}}}\n\n'.encode()
    return b"%x\r\n%s\r\n" % (len(event), event)


def _whole(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nserver: bench\r\nrequest-id: req_1\r\n"
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


_DELTA = ',"index":0,"delta":{"type":"text_delta","text":"a few words"}'
_MESSAGE = (
    '"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","stop_sequence":null,'
    '"usage":{"input_tokens":40000,"output_tokens":1}'
)
_CHUNKS = [
    _event("message_start", f',"message":{{{_MESSAGE},"content":[],"stop_reason":null}}'),
    _event("content_block_start", ',"index":0,"content_block":{"type":"text","text":""}'),
    *[_event("content_block_delta", _DELTA)] * (EVENTS - 5),
    _event("content_block_stop", ',"index":0'),
    _event("message_delta", ',"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":600}'),
    _event("message_stop", ""),
]


def _chunk(delta: str, finish: str = "null", rest: str = "") -> bytes:
    choice = f'{{"index":0,"delta":{delta},"finish_reason":{finish}}}'
    event = (
        f'data: {{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{choice}]{rest}}}\n\n'
    )
    return b"%x\r\n%s\r\n" % (len(event), event.encode())


_CHAT_CHUNKS = [
    _chunk('{"role":"assistant","content":""}'),
    *[_chunk('{"content":"a few words"}')] * (EVENTS - 3),
    _chunk("{}", '"stop"', ',"usage":{"prompt_tokens":40000,"completion_tokens":600,"total_tokens":40600}'),
    b"e\r\ndata: [DONE]\n\n\r\n",
]
_FIRST = 3
_STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nrequest-id: req_1\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_ANTHROPIC = _whole(
    f'{{{_MESSAGE},"content":[{{"type":"text","text":"{"word " * 60}"}}],"stop_reason":"end_turn"}}'.encode()
)
_OPENAI = _whole(
    b'{"id":"c","object":"chat.completion","created":1,"model":"gpt-5.6-sol","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"' + b"word " * 60 + b'"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":100,"completion_tokens":60,"total_tokens":160}}'
)


class Peer(asyncio.Protocol):
    """One connection, requests one after another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.loop = asyncio.get_running_loop()
        self.head = b""
        self.body: list[bytes] = []
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        if not self.missing:
            self.head += data
            head, found, data = self.head.partition(b"\r\n\r\n")
            if not found:
                return
            self.head = head.lower()
            self.missing = int(self.head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        self.body.append(data)
        self.missing -= len(data)
        if self.missing == 0:
            self.answer()

    def answer(self) -> None:
        head, body = self.head, self.body
        self.head, self.body = b"", []
        anthropic = b"/messages" in head.partition(b"\r\n")[0]
        if any(b'"stream":true' in piece for piece in body):
            chunks = _CHUNKS if anthropic else _CHAT_CHUNKS
            self.transport.write(_STREAM + b"".join(chunks[:_FIRST]))
            self.loop.call_later(PACE, self.next, iter(chunks[_FIRST:]))
        else:
            self.transport.write(_ANTHROPIC if anthropic else _OPENAI)

    def next(self, chunks: Iterator[bytes]) -> None:
        chunk = next(chunks, None)
        if self.transport.is_closing():
            return
        self.transport.write(b"0\r\n\r\n" if chunk is None else chunk)
        if chunk is not None:
            self.loop.call_later(PACE, self.next, chunks)


async def serve() -> None:
    """Serves on a free port of loopback until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Peer, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    if sys.platform == "win32":
        asyncio.run(serve())
    else:
        import uvloop

        uvloop.run(serve())
