"""A request as it came in: its headers, its body within bounds, and what they say about who asks."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import zstandard

from trunkline.config.schema import Snapshot
from trunkline.errors import InvalidRequest, TooLarge, WrongContentType
from trunkline.model.sizes import said
from trunkline.model.wires import Wire

Receive = Callable[[], Awaitable[dict[str, Any]]]


_ONCE = (b"host", b"origin", b"content-type", b"content-encoding")


class ClientGone(Exception):
    """The client closed its connection while its request was being read."""


class Request:
    """One HTTP request, and the configuration that it began with: it keeps that to its end.

    Header names are in lower case; `table` keeps the last of repeated ones."""

    __slots__ = ("headers", "method", "path", "peer", "query", "repeated", "scope", "snapshot", "table")

    def __init__(self, scope: dict[str, Any], snapshot: Snapshot) -> None:
        self.scope, self.snapshot = scope, snapshot
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: str = scope["query_string"].decode("latin-1")
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.table: dict[bytes, bytes] = dict(self.headers)
        self.repeated: list[tuple[bytes, bytes]] = self.headers if len(self.table) < len(self.headers) else []
        """All headers, where some name stands more than once."""
        self.peer: str = (scope.get("client") or ("", 0))[0]

    def check(self) -> None:
        """Two readers must not believe two different values of what decides who may come in (RFC 9112, 3.2)."""
        names = [name for name, _ in self.repeated]
        for name in _ONCE:
            if names.count(name) > 1:
                raise InvalidRequest(f"The header {name.decode()} stands twice.", remedy="Send it once.")

    def header(self, name: bytes) -> str:
        """A header's value; empty when it is absent."""
        return self.table.get(name, b"").decode("latin-1")

    @property
    def family(self) -> Wire:
        """Whose errors and lists the asker reads, where the path does not tell."""
        table = self.table
        if self.path.startswith(("/v1beta/", "/gemini/")) or b"x-goog-api-key" in table:
            return "gemini"
        if b"anthropic-version" in table or b"anthropic-beta" in table:
            return "anthropic"
        if self.path.startswith("/api/llm"):
            return "openai_chat"
        if self.path.startswith("/anthropic/") or (b"x-api-key" in table and b"authorization" not in table):
            return "anthropic"
        return "ollama" if self.path.startswith("/api/") else "openai_chat"

    async def body(self, receive: Receive, limit: int) -> bytes:
        """The whole body, its content coding undone. Raises `TooLarge`, `WrongContentType`, `ClientGone`."""
        declared = self.table.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > limit:
            raise _too_large(limit)
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        raw: bytes = message["body"]
        if message.get("more_body"):
            pieces, size = [raw], len(raw)
            while message.get("more_body"):
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientGone
                pieces.append(message["body"])
                size += len(pieces[-1])
                if size > limit:
                    raise _too_large(limit)
            raw = b"".join(pieces)
        coding = self.table.get(b"content-encoding", b"").strip().lower()
        return raw if coding in (b"", b"identity") else _decoded(raw, coding, limit)


def _decoded(raw: bytes, coding: bytes, limit: int) -> bytes:
    """A body without its content coding. A small body that unfolds beyond the limit is refused, not unfolded."""
    try:
        if coding in (b"gzip", b"x-gzip", b"deflate"):
            wbits = zlib.MAX_WBITS | (0 if coding == b"deflate" else 16)
            body, whole = _inflated(raw, wbits, limit)
        elif coding == b"zstd":
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw, read_across_frames=True)
            body = reader.read(limit + 1)
            whole = True
        else:
            raise WrongContentType(
                f"The request body is coded as {coding[:40].decode('latin-1')!r}.",
                remedy="Send it plain, or as gzip, deflate or zstd.",
            )
    except (zlib.error, zstandard.ZstdError) as error:
        raise InvalidRequest(f"The request body is not the {coding.decode('latin-1')} it says: {error}.") from None
    if len(body) > limit:
        raise _too_large(limit)
    if not whole:
        raise InvalidRequest("The compressed request body ends too early.", remedy="Send it whole.")
    return body


def _inflated(raw: bytes, wbits: int, limit: int) -> tuple[bytes, bool]:
    """At most `limit + 1` bytes, and whether the end was there. Gzip may have several members (RFC 1952, 2.2)."""
    pieces: list[bytes] = []
    size = 0
    while True:
        inflater = zlib.decompressobj(wbits)
        pieces.append(inflater.decompress(raw, limit + 1 - size))
        size += len(pieces[-1])
        raw = inflater.unused_data
        if not inflater.eof or not raw or size > limit:
            return b"".join(pieces), inflater.eof


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The request body is larger than {said(limit)}.",
        remedy="Send less, or raise `max_request_size_mb` (general_settings) or `limits.body` (trunkline).",
    )
