"""uvicorn's HTTP protocol with what a gateway needs besides: bounded headers, JSON errors, word of a client's end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GONE = "trunkline.gone"
"""Scope key: called with no arguments when the client closes before its answer is complete."""
SEVER = "trunkline.sever"
"""Scope key: drops the connection at once."""


class Protocol(HttpToolsProtocol):
    """One client connection. `limit`: bytes that its headers may have together."""

    limit = 64 * 1024
    _in_head = True
    _head = 0
    _unended = 0

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        cast(dict[str, Any], self.scope)[SEVER] = self._sever

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value) + 4
        if self._head > self.limit:
            raise ValueError("headers too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head = 0
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self.parser is not None:
            # A header without an end is only seen here: the parser keeps it until it is whole.
            self._unended += len(data)
            if self._unended > 2 * self.limit and not self.transport.is_closing():
                self.send_400_response("headers too large")
        else:
            self._unended = 0

    def connection_lost(self, exc: Exception | None) -> None:
        cycle = self.cycle
        super().connection_lost(exc)
        if cycle is not None and not cycle.response_complete:
            gone: Callable[[], None] | None = cast(dict[str, Any], cycle.scope).get(GONE)
            if gone is not None:
                gone()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP request, or one with too many headers, is refused in JSON like everything else."""
        large = self._head > self.limit or msg == "headers too large"
        line = b"431 Request Header Fields Too Large" if large else b"400 Bad Request"
        message = (
            f"The request's headers are larger than {self.limit // 1024} KB. Send fewer."
            if large
            else "This is no valid HTTP/1.1 request. If it was meant for TLS, use http:// here."
        )
        error: dict[str, Any] = {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": message, "code": "bad_http"},
        }
        body = msgspec.json.encode(error)
        self.transport.write(
            b"HTTP/1.1 " + line + b"\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n" % len(body) + body
        )
        self.transport.close()

    def _sever(self) -> None:
        self.transport.abort()
