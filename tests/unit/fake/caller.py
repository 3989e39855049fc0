"""Small callers for the fake's own tests: one whole call, one stream of events, one raw socket."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fake import GOOD_KEY, FakeProvider

ANTHROPIC = {"x-api-key": GOOD_KEY, "anthropic-version": "2023-06-01", "content-type": "application/json"}
BEARER = {"authorization": f"Bearer {GOOD_KEY}", "content-type": "application/json"}
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The data of each server-sent event, decoded, [DONE] left out."""
        blocks = self.body.decode().replace("\r\n", "\n").split("\n\n")
        data = [line[6:] for block in blocks for line in block.split("\n") if line.startswith("data: ")]
        return [json.loads(one) for one in data if one != "[DONE]"]

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.decode().splitlines()]


def call(
    fake: FakeProvider,
    path: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] = BEARER,
    method: str | None = None,
) -> Reply:
    """One request over a fresh connection; a dict is sent as JSON, bytes as they are."""
    wire = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=10)
    try:
        data = json.dumps(body).encode() if isinstance(body, dict | list) else body
        wire.request(method or ("GET" if body is None else "POST"), path, data, dict(headers))
        answer = wire.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        wire.close()


def messages(fake: FakeProvider, text: str, **more: Any) -> Reply:
    body = {"model": "claude-sonnet-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": text}], **more}
    return call(fake, "/v1/messages", body, headers=ANTHROPIC)


def chat(fake: FakeProvider, text: str, *, path: str = "/v1/chat/completions", **more: Any) -> Reply:
    return call(fake, path, {"model": "gpt-5.6-sol", "messages": [{"role": "user", "content": text}], **more})


def responses(fake: FakeProvider, text: str, **more: Any) -> Reply:
    return call(fake, "/v1/responses", {"model": "gpt-5.6-sol", "input": text, **more})


def ollama(fake: FakeProvider, text: str, **more: Any) -> Reply:
    body = {"model": "qwen3:8b", "messages": [{"role": "user", "content": text}], **more}
    return call(fake, "/api/chat", body, headers={})


def raw(fake: FakeProvider, text: str, *, stream: bool = True) -> socket.socket:
    """A socket on which a chat request was just sent; the caller reads and closes."""
    body = json.dumps(
        {"model": "gpt-5.6-sol", "stream": stream, "messages": [{"role": "user", "content": text}]}
    ).encode()
    made = socket.create_connection(("127.0.0.1", fake.port), timeout=10)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {GOOD_KEY}\r\n"
    head += f"content-length: {len(body)}\r\n\r\n"
    made.sendall(head.encode() + body)
    return made


def read_all(wire: socket.socket) -> tuple[bytes, bool]:
    """Everything until the end, and whether the end was a reset."""
    got = b""
    try:
        while piece := wire.recv(65536):
            got += piece
    except ConnectionResetError:
        return got, True
    return got, False
