"""The pool: one request out to a provider over HTTP/1.1, one answer back, byte for byte as it arrives.

Touches sockets and the proxy variables, nothing else of ours but `errors`. It knows no provider, no format and no
time-out but the one for connecting: the caller has one timer for everything else, and cancels.

aiohttp's connector (names, TCP, TLS, proxies, keep-alive) and its parser do the work. Its session, request and
response objects are passed by: they would add headers, cookies and redirects that a gateway must not have, and they
cost more than all the rest together (`python -m bench.clients` prints the figures).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

from aiohttp import ClientHttpProxyError, ClientTimeout, TCPConnector
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from trunkline.errors import Draining
from trunkline.upstream.pool_answer import BodyAnswer, drop, idle_seconds
from trunkline.upstream.pool_failure import cut, unreachable
from trunkline.upstream.pool_origin import Origin, head_of, open_origin, split_url
from trunkline.upstream.pool_proxy import ProxyVariables
from trunkline.upstream.pool_search import sought
from trunkline.upstream.pool_socket import is_readable, new_socket

IDLE_SECONDS = 50.0
"""How long an unused connection is kept. Load balancers commonly close after 60 s; being first avoids the race."""

_JOIN_BELOW = 64 * 1024
_HEADER_LIMIT = 64 * 1024
_HEADER_COUNT = 256
_READ_BUFFER = 256 * 1024
_ADDRESSES_KEPT = 1024


@dataclass(slots=True, frozen=True)
class Outgoing:
    """One request. `headers` go out as given, in order and case, after Host and with Content-Length added.

    Headers that speak of one connection only (`pool_origin.OF_THE_CONNECTION`) belong to the pool and are left out.
    `connect_timeout` is in seconds and covers name, TCP, proxy and TLS together.
    """

    method: str
    url: str
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)
    connect_timeout: float = 10.0
    elsewhere: tuple[str, ...] = ()
    """Other origins where the same server may be, if the URL's takes no connection."""


class Answer(Protocol):
    """The provider's answer. `headers` have names in lower case; repeated ones are repeated, in order."""

    status: int
    headers: list[tuple[str, str]]
    lost: tuple[str, ...]
    """Members that the transport left out of the request."""

    async def read(self) -> bytes:
        """The next piece as it arrived, content coding still applied; `b""` at the clean end.

        Raises `ProviderCut` when the body broke off, after all that had arrived was handed out. Cancelling the task
        that waits here drops the connection at once, so do not put a `wait_for` around it to look for silence.
        """

    def close(self) -> None:
        """Give a finished connection back, drop an unfinished one at once. May be called at any time and twice."""


class Pool:
    """The connections of one process. Made inside the running loop; no limit on how many there are.

    `variables` are the environment the proxies are read from, `trust` the certificates to check against; by default
    the process's environment and the system's certificates (or `SSL_CERT_FILE`).
    """

    def __init__(self, *, variables: Mapping[str, str] | None = None, trust: ssl.SSLContext | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._proxies = ProxyVariables(variables)
        self._connector = TCPConnector(
            limit=0,
            ttl_dns_cache=60,
            keepalive_timeout=IDLE_SECONDS,
            ssl=True if trust is None else trust,
            socket_factory=new_socket,
        )
        self._origins: dict[str, Origin] = {}
        self._addresses: dict[str, tuple[Origin, str]] = {}
        self._timeouts: dict[float, ClientTimeout] = {}
        self._found: dict[str, str] = {}
        self._usable_until: WeakKeyDictionary[ResponseHandler, float] = WeakKeyDictionary()
        self._open: WeakSet[BodyAnswer] = WeakSet()

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send the request and wait for the headers of the answer.

        Raises `ProviderUnreachable` when nothing was sent, `ProviderCut` when the request may have been received but
        no answer came, `ProviderGarbage` when what came is not HTTP. Never sends a request a second time.
        """
        if outgoing.elsewhere:
            return await sought(self, outgoing, self._found)
        origin, target = self._addresses.get(outgoing.url) or self._read_address(outgoing.url)
        head = head_of(outgoing.method, target, outgoing.headers, len(outgoing.body), origin)
        connection = await self._connect(origin, outgoing.connect_timeout)
        protocol = connection.protocol
        try:
            assert protocol is not None
            assert protocol.transport is not None
            protocol.set_response_params(
                skip_payload=outgoing.method == "HEAD",
                read_until_eof=True,
                auto_decompress=False,
                read_bufsize=_READ_BUFFER,
                max_line_size=_HEADER_LIMIT,
                max_field_size=_HEADER_LIMIT,
                max_headers=_HEADER_COUNT,
            )
            if len(outgoing.body) < _JOIN_BELOW:
                protocol.transport.write(head + outgoing.body)
            else:
                protocol.transport.writelines((head, outgoing.body))
            message, payload = await protocol.read()
            while 100 <= message.code < 200 and message.code != 101:
                message, payload = await protocol.read()
        except Exception as cause:
            drop(connection)
            raise cut(origin.name, cause, answered=False) from cause
        except BaseException:
            drop(connection)
            raise
        answer = BodyAnswer(origin.name, message, payload, connection, self._open)
        granted = idle_seconds(message.headers.get("Keep-Alive"), IDLE_SECONDS)
        self._usable_until[protocol] = time.monotonic() + granted
        return answer

    def _read_address(self, url: str) -> tuple[Origin, str]:
        """Origin and request target of a URL, remembered: a gateway asks the same few over and over."""
        prefix, target = split_url(url)
        origin = self._origins.get(prefix)
        if origin is None:
            origin = self._origins[prefix] = open_origin(prefix, self._proxies, self._loop)
        if len(self._addresses) >= _ADDRESSES_KEPT:
            self._addresses.clear()
        self._addresses[url] = origin, target
        return origin, target

    async def _connect(self, origin: Origin, seconds: float) -> Connection:
        """A connection on which nothing was sent yet for this request: a live idle one, else a fresh one.

        A provider may close an idle connection at any moment. Its farewell is looked for right before the request is
        written, so such a connection is replaced while the request is still wholly ours. Once written, it is never
        sent again from here: the provider may have received it. `should_close` also tells of an answer that came
        while nothing was asked (a load balancer's 408): it must not be taken for the answer to this request.
        """
        timeout = self._timeouts.get(seconds)
        if timeout is None:
            timeout = self._timeouts[seconds] = ClientTimeout(connect=seconds)
        while True:
            if self._connector.closed:
                raise Draining("The gateway is shutting down.", remedy="Send the request again in a moment.")
            try:
                connection = await self._connector.connect(origin.request, [], timeout)
            except ClientHttpProxyError as cause:  # its repr holds the proxy's password, so it goes no further
                raise unreachable(origin.name, cause, seconds, origin.proxy_name) from None
            except Exception as cause:
                raise unreachable(origin.name, cause, seconds, origin.proxy_name) from cause
            protocol, transport = connection.protocol, connection.transport
            if protocol is not None and transport is not None:
                until = self._usable_until.get(protocol)
                if until is None:
                    return connection
                if time.monotonic() < until and not protocol.should_close and not is_readable(transport):
                    return connection
            drop(connection)

    async def close(self) -> None:
        """Drop every connection, finished or not. Whoever still reads an answer gets `ProviderCut`."""
        for answer in list(self._open):
            answer.close()
        await self._connector.close(abort_ssl=True)
