"""A small real proxy: CONNECT to the hosts it is told of, each led to a port of this machine."""

from __future__ import annotations

import contextlib
import selectors
import socket
import socketserver
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self


class ConnectProxy:
    """`routes`: `host:port` → a port of 127.0.0.1. Whoever else is asked for gets 502. `asked` is what came."""

    def __init__(self, routes: Mapping[str, int]) -> None:
        self.routes = dict(routes)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                proxy._serve(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, come: socketserver.StreamRequestHandler) -> None:
        words = come.rfile.readline().decode("latin-1").split()
        while come.rfile.readline().strip():
            pass
        if len(words) < 2:  # somebody looked whether anybody is here
            return
        target = words[1]
        self.asked.append(target)
        port = self.routes.get(target)
        if words[:1] != ["CONNECT"] or port is None:
            come.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as there:
            come.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with contextlib.suppress(OSError):
                _pass(come.connection, there)


def _pass(here: socket.socket, there: socket.socket) -> None:
    """Bytes both ways until one side ends."""
    with selectors.DefaultSelector() as ready:
        ready.register(here, selectors.EVENT_READ, there)
        ready.register(there, selectors.EVENT_READ, here)
        while True:
            for key, _ in ready.select():
                source = key.fileobj
                assert isinstance(source, socket.socket)
                piece = source.recv(65536)
                if not piece:
                    return
                key.data.sendall(piece)
