"""Short HTTP calls that the verbs make: one request, one bounded answer, no redirects followed.

Loopback is never asked through a proxy. Other hosts honour `HTTPS_PROXY`, `NO_PROXY` and `SSL_CERT_FILE`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib.response import addinfourl

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST = 8 * 1024 * 1024


class NoAnswer(Exception):
    """Nobody answered, in a sentence of its own: refused, timed out, name not found, TLS not trusted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body. `json` is None when the body is none."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def json(self) -> Any:
        """The body, decoded."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    return (urlsplit(url).hostname or "").lower() in LOOPBACK


def ask(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    timeout: float = 3.0,
    verify: bool = True,
) -> Answer:
    """A GET, or a POST when there is a body, which is sent as JSON. Seconds. Raises NoAnswer.

    `verify=False` takes any certificate: only for what is told no secret and proves itself otherwise.
    """
    with opened(url, headers=headers, body=body, timeout=timeout, verify=verify) as got:
        return Answer(got.status or 0, got.read(MOST), {k.lower(): v for k, v in got.headers.items()})


@contextmanager
def opened(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    timeout: float = 3.0,
    verify: bool = True,
) -> Iterator[addinfourl]:
    """The same, its body yet to be read; `timeout` is from piece to piece. Raises NoAnswer, in the block as well."""
    import http.client
    import urllib.error
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        """A key must not follow a redirect to another host."""

        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    if urlsplit(url).scheme not in ("http", "https"):
        raise NoAnswer(f"{url} is no http:// or https:// address")
    handlers: list[urllib.request.BaseHandler] = [Stay()]
    if is_loopback(url):
        handlers.append(urllib.request.ProxyHandler({}))
    if not verify:
        import ssl

        handlers.append(urllib.request.HTTPSHandler(context=ssl._create_unverified_context()))  # noqa: S323 - see above
    data = None if body is None else json.dumps(body).encode()
    sent = {"accept": "application/json", "user-agent": "trunkline", **(headers or {})}
    if data is not None:
        sent["content-type"] = "application/json"
    try:
        request = urllib.request.Request(url, data=data, headers=sent)  # noqa: S310 - the scheme is checked above
        try:
            got = urllib.request.build_opener(*handlers).open(request, timeout=timeout)
        except urllib.error.HTTPError as refused:
            got = refused
        with got:
            yield got
    except urllib.error.URLError as failed:
        raise NoAnswer(str(failed.reason)) from failed
    except (OSError, http.client.HTTPException, ValueError) as failed:
        raise NoAnswer(str(failed) or type(failed).__name__) from failed


def bearer(key: str) -> dict[str, str]:
    """The header a gateway's key travels in; none when there is no key."""
    return {"authorization": f"Bearer {key}"} if key else {}
