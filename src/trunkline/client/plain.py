"""The few names of `requests` that the client uses, on the standard library: for where `requests` is not installed.

Names, arguments and the tree of exceptions are those of requests.readthedocs.io/en/latest/api, read 2026-11. A loopback
address is asked without a proxy.
"""

from __future__ import annotations

import http.client
import json as codec
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class RequestException(OSError):
    """Whatever went wrong. `response` is the answer, where there was one."""

    def __init__(self, *args: object, response: Response | None = None) -> None:
        super().__init__(*args)
        self.response = response


class HTTPError(RequestException):
    """The answer's status is 400 or above."""


class ConnectionError(RequestException):
    """No connection was made, or it broke."""


class Timeout(RequestException):
    """It took longer than the time-out."""


class JSONDecodeError(RequestException, ValueError):
    """The answer's body is no JSON."""


class Response:
    """An answer, its body read whole."""

    def __init__(self, url: str, status: int, reason: str, headers: Mapping[str, str], content: bytes) -> None:
        self.url, self.status_code, self.reason, self.content = url, status, reason, content
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body, decoded. Raises `JSONDecodeError`."""
        try:
            return codec.loads(self.content)
        except ValueError as broken:
            raise JSONDecodeError(f"{self.url} answered with no JSON: {broken}", response=self) from None

    def raise_for_status(self) -> None:
        """Raises `HTTPError` for a status of 400 or above."""
        if not self.ok:
            whose = "Client" if self.status_code < 500 else "Server"
            said = f"{self.status_code} {whose} Error: {self.reason} for url: {self.url}"
            raise HTTPError(said, response=self)


def get(url: str, *, headers: Mapping[str, str] | None = None, timeout: float | None = None) -> Response:
    """A GET. Raises `RequestException`."""
    return _asked(url, None, headers, timeout)


def post(url: str, *, json: Any, headers: Mapping[str, str] | None = None, timeout: float | None = None) -> Response:
    """A POST of JSON. Raises `RequestException`."""
    return _asked(url, codec.dumps(json).encode(), headers, timeout)


def _asked(url: str, body: bytes | None, headers: Mapping[str, str] | None, timeout: float | None) -> Response:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RequestException(f"{url!r} is no http:// or https:// address")
    sent = {"Accept": "application/json", "User-Agent": "trunkline", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/json"
    own = [urllib.request.ProxyHandler({})] if parts.hostname in _LOOPBACK else []
    request = urllib.request.Request(url, data=body, headers=sent)  # noqa: S310 - the scheme is checked above
    try:
        try:
            answer = urllib.request.build_opener(*own).open(request, timeout=timeout)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return Response(url, answer.status, answer.reason, dict(answer.headers.items()), answer.read())
    except TimeoutError as late:
        raise _late(url, timeout) from late
    except urllib.error.URLError as failed:
        if isinstance(failed.reason, TimeoutError):
            raise _late(url, timeout) from failed
        raise ConnectionError(f"{url} was not reached: {failed.reason}") from failed
    except (OSError, http.client.HTTPException) as broken:
        raise ConnectionError(f"the connection to {url} broke: {broken or type(broken).__name__}") from broken


def _late(url: str, timeout: float | None) -> Timeout:
    return Timeout(f"{url} did not answer within {timeout:g} s" if timeout else f"{url} did not answer in time")
