"""Where a request goes (scheme, host, port, proxy) and the head it goes with. Pure but for reading the proxy rows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from aiohttp import ClientRequest
from yarl import URL

from trunkline.errors import ProviderUnreachable
from trunkline.upstream.pool_proxy import ProxyVariables

OF_THE_CONNECTION = frozenset(
    (
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection"),
        *("proxy-authorization", "te", "trailer", "upgrade", "expect"),
    )
)
"""Header names that describe one connection (RFC 9110 section 7.6.1) or its framing: the pool writes its own."""

_WITHOUT_BODY = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "DELETE"))


@dataclass(frozen=True, slots=True)
class Origin:
    """One place that connections are opened to. `request` tells the connector where; it is never sent itself.

    `opening` is the start of every head (Host, and what a proxy wants); `target_prefix` stands before each path when
    a proxy is asked in plain HTTP; `name` and `proxy_name` are for messages.
    """

    name: str
    proxy_name: str | None
    request: ClientRequest = field(repr=False)
    target_prefix: str
    opening: str = field(repr=False)


def split_url(url: str) -> tuple[str, str]:
    """`https://host:1/v1?x` → (`https://host:1`, `/v1?x`). The fragment is dropped, as HTTP has none."""
    start = url.find("://") + 3
    end = min((i for i in (url.find("/", start), url.find("?", start), url.find("#", start)) if i >= 0), default=-1)
    if end < 0:
        return url, "/"
    target = url[end:].partition("#")[0]
    if not target.startswith("/"):
        target = "/" + target
    if not target.isascii() or not target.isprintable() or " " in target:
        target = quote(target, safe="/?:@!$&'()*+,;=%-._~[]")
    return url[:end], target


def open_origin(prefix: str, proxies: ProxyVariables, loop: asyncio.AbstractEventLoop) -> Origin:
    """Read the part of a URL before its path. Raises `ProviderUnreachable` for one that cannot be asked."""
    try:
        parts = urlsplit(prefix)
        host, port, user = parts.hostname, parts.port, parts.username
        url = URL(prefix)
        authority = url.host_port_subcomponent
    except ValueError:
        host, port, user, authority, url = None, None, None, None, URL()
    if not host or not authority or url.scheme not in ("http", "https"):
        raise ProviderUnreachable(
            "The provider was not asked: its address is not a valid http:// or https:// URL.",
            remedy="Correct the deployment's api_base.",
        )
    if user is not None:
        raise ProviderUnreachable(
            f"{host} was not asked: its address carries a user name or password.",
            remedy="Take them out of api_base and give them as an Authorization header of the deployment.",
        )
    proxy = proxies.find(url.scheme, host, port or (443 if url.scheme == "https" else 80))
    opening = f"Host: {authority}\r\n"
    if proxy is None:
        return Origin(authority, None, ClientRequest("POST", url, loop=loop), "", opening)
    proxy_headers = {"Host": authority}
    plain = url.scheme == "http"
    if proxy.authorization is not None:
        proxy_headers["Proxy-Authorization"] = proxy.authorization
        if plain:
            opening += f"Proxy-Authorization: {proxy.authorization}\r\n"
    request = ClientRequest("POST", url, loop=loop, proxy=URL(proxy.url), proxy_headers=proxy_headers)
    proxy_name = f"{URL(proxy.url).authority} ({proxy.variable})"
    return Origin(authority, proxy_name, request, f"http://{authority}" if plain else "", opening)


def head_of(method: str, target: str, headers: list[tuple[str, str]], length: int, origin: Origin) -> bytes:
    """The request line and all header lines. Raises `ProviderUnreachable` for what a header cannot carry."""
    lines = [f"{method} {origin.target_prefix}{target} HTTP/1.1\r\n{origin.opening}"]
    lines += [f"{name}: {value}\r\n" for name, value in headers if name.lower() not in OF_THE_CONNECTION]
    expected = origin.opening.count("\n") + len(lines)
    if length or method not in _WITHOUT_BODY:
        lines.append(f"Content-Length: {length}\r\n")
        expected += 1
    text = "".join(lines)
    if text.count("\n") != expected or text.count("\r") != expected or "\0" in text:
        raise _not_sendable(origin.name, headers)
    try:
        return (text + "\r\n").encode("latin-1")
    except UnicodeEncodeError:
        raise _not_sendable(origin.name, headers) from None


def _not_sendable(host: str, headers: list[tuple[str, str]]) -> ProviderUnreachable:
    bad = [name for name, value in headers if set(value) & set("\r\n\0") or max(map(ord, value), default=0) > 255]
    which = f"the header {bad[0]!r}" if bad else "a header name"
    return ProviderUnreachable(
        f"{host} was not asked: {which} holds a line break or a character that HTTP cannot carry.",
        remedy="If it is a key, paste it again as one line; else correct it in the deployment's headers.",
        kind="auth",
    )
