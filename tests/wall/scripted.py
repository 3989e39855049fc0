"""A provider that answers every request with the same prepared bytes: for what no proper HTTP server would say."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class Scripted:
    """`with Scripted(b"HTTP/1.1 200 OK…") as provider:` listens on `provider.url` and closes after each answer.

    `pause` seconds pass between the pieces, when the answer is a list of them.
    """

    def __init__(self, *pieces: bytes, pause: float = 0.02) -> None:
        self.pieces = pieces
        self.pause = pause
        self.requests = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                wire, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(wire,), daemon=True).start()

    def _answer(self, wire: socket.socket) -> None:
        with wire, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += wire.recv(65536)
            before, _, body = head.partition(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in before.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            while len(body) < length:
                body += wire.recv(65536)
            self.requests += 1
            for piece in self.pieces:
                wire.sendall(piece)
                self._ended.wait(self.pause)
            wire.shutdown(socket.SHUT_WR)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._socket.close()


def whole(body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """One whole HTTP answer."""
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n{more}\r\n"
    )
    return head.encode("latin-1") + body
