"""A caller that sees bytes: exact headers out, exact bytes in, and whether the answer was whole. Touches sockets only."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """`cut`: the connection ended before the answer's own end, or without one."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut: bool = False

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The sentence of an error body, on any wire."""
        error = self.json["error"]
        return str(error if isinstance(error, str) else error["message"])

    @property
    def head(self) -> str:
        """All headers as one text, to look for what must not be there."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers)


def _pairs(headers: Headers | None) -> list[tuple[str, str]]:
    if headers is None:
        return []
    return list(headers.items()) if isinstance(headers, Mapping) else list(headers)


def _sent(
    url: str, path: str, body: Any, headers: Headers | None, method: str | None, timeout: float
) -> http.client.HTTPConnection:
    where = urlsplit(url)
    line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=timeout)
    given = _pairs(headers)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.lower() for name, _ in given}
    line.putrequest(
        method or ("GET" if body is None else "POST"), path, skip_host="host" in named, skip_accept_encoding=True
    )
    if data is not None and not named & {"content-length", "transfer-encoding"}:
        line.putheader("content-length", str(len(data)))
    for name, value in given:
        line.putheader(name, value)
    line.endheaders(data)
    return line


def ask(
    url: str,
    path: str,
    body: Any = None,
    *,
    headers: Headers | None = None,
    method: str | None = None,
    timeout: float = 15,
) -> Reply:
    """One request over a fresh connection; bytes are sent as they are, anything else as JSON."""
    line = _sent(url, path, body, headers, method, timeout)
    try:
        answer = line.getresponse()
        kept = [(name.lower(), value) for name, value in answer.getheaders()]
        try:
            return Reply(answer.status, kept, answer.read())
        except http.client.IncompleteRead as partial:
            return Reply(answer.status, kept, partial.partial, cut=True)
        except ConnectionResetError:
            return Reply(answer.status, kept, b"", cut=True)
    finally:
        line.close()


@contextmanager
def streaming(
    url: str, path: str, body: Any, *, headers: Headers | None = None, timeout: float = 15
) -> Iterator[http.client.HTTPResponse]:
    """An answer to be read piece by piece (`read1`); leaving the block closes the connection."""
    line = _sent(url, path, body, headers, None, timeout)
    try:
        answer = line.getresponse()
        yield answer
        answer.close()
    finally:
        line.close()


def raw(url: str, data: bytes, *, within: float = 5, half_close: bool = False) -> bytes:
    """Bytes on a bare socket; all that comes back until the end, or until nothing comes for `within` seconds."""
    where = urlsplit(url)
    got = b""
    with socket.create_connection((where.hostname or "", where.port), timeout=within) as wire:
        try:
            wire.sendall(data)
            if half_close:
                wire.shutdown(socket.SHUT_WR)
            while piece := wire.recv(65536):
                got += piece
        except (TimeoutError, ConnectionError):
            pass
    return got


def waiting(url: str, path: str, body: Any, headers: Headers) -> socket.socket:
    """A socket on which a request was just sent; the caller reads and closes."""
    where = urlsplit(url)
    data = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", f"host: {where.netloc}", f"content-length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in _pairs(headers)]
    wire = socket.create_connection((where.hostname or "", where.port), timeout=10)
    wire.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
    return wire


def until(true: Any, *, within: float = 3, what: str = "") -> Any:
    """What `true()` gives, once it gives anything; AssertionError when it does not in time."""
    end = time.monotonic() + within
    while not (found := true()):
        assert time.monotonic() < end, f"waited {within} s in vain {what}"
        time.sleep(0.01)
    return found
