"""uvicorn's HTTP protocol with what a gateway needs besides: bounded headers, JSON errors, word of a client's end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GONE = "trunkline.gone"
"""Scope key: called with no arguments when the client closes before its answer is complete."""
SEVER = "trunkline.sever"
"""Scope key: drops the connection at once."""


_UPGRADE = re.compile(rb"(?<=\r\n)upgrade(?=[ \t]*:)", re.IGNORECASE)
_IGNORED = b"x-unupg"
_UPGRADE_BEGUN = re.compile(rb"\r(\n(u(p(g(r(a(de?)?)?)?)?)?)?)?\Z", re.IGNORECASE)


class Protocol(HttpToolsProtocol):
    """One client connection. `limit`: bytes that its headers may have together."""

    limit = 64 * 1024
    _in_head = True
    _head = 0
    _unended = 0
    _held = b""

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

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True
        self._unended = -1

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            data = self._without_upgrade(data)
            if not data:
                return
        super().data_received(data)
        if self._unended < 0 or not self._in_head:
            # A head or a whole request ended in this piece.
            self._unended = 0
        elif self.parser is not None:
            # A header without an end is only seen here: the parser keeps it until it is whole.
            self._unended += len(data)
            if self._unended > 2 * self.limit and not self.transport.is_closing():
                self.send_400_response("headers too large")

    def _without_upgrade(self, data: bytes) -> bytes:
        """The head without its offer to speak another protocol, which is ignored (RFC 9110, 7.8).

        The parser would stop there and take the body for that protocol; Java's HttpClient offers h2c with every first
        request. The name is changed, so that no length is; one that is cut in two waits for its other half.
        """
        data, self._held = self._held + data, b""
        head, blank, body = data.partition(b"\r\n\r\n")
        head = _UPGRADE.sub(_IGNORED, head)
        if not blank and (cut := _UPGRADE_BEGUN.search(head)):
            head, self._held = head[: cut.start()], head[cut.start() :]
        return head + blank + body

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
