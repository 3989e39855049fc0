"""A proxy through which a gateway reaches hosts of the internet that are a fake provider here. Touches loopback only.

Set as `HTTPS_PROXY`; the certificates are an authority's that the gateway is told to trust. So a configuration that
names real hosts is tested as it stands.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Tunnel:
    """`with Tunnel(to) as tunnel:` listens at `tunnel.url`; every host that is asked for is the server at `to`.

    `hosts` holds what was asked for. While `broken(host)` is true, no connection to that host is made.
    """

    def __init__(self, to: str, broken: Callable[[str], bool] = lambda host: False) -> None:
        parts = urlsplit(to)
        self._to = parts.hostname or "", parts.port or 0
        self._broken = broken
        self.hosts: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                piece = line.recv(4096)
                if not piece:
                    return
                head += piece
            host = head.split(b" ", 2)[1].decode().rpartition(":")[0]
            self.hosts.append(host)
            if self._broken(host):
                line.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                return
            with socket.create_connection(self._to) as beyond:
                line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_carry, args=(beyond, line), daemon=True)
                back.start()
                _carry(line, beyond)
                back.join(10)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
