"""The client's side of one request: writes status, headers and bytes, keeps a quiet stream alive, ends it honestly."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from trunkline.errors import Failure, ProviderRefused
from trunkline.model.wires import Wire
from trunkline.route.plan import Candidate
from trunkline.route.verdict import crossed, retry_after
from trunkline.serve.capitals import capital
from trunkline.serve.cors import Page
from trunkline.upstream.answer_head import RATES, own_headers, printable
from trunkline.upstream.call import Call
from trunkline.upstream.headers import downward
from trunkline.upstream.timer import Entry, Wheel
from trunkline.wire.formats import FORMATS

Send = Callable[[dict[str, Any]], Awaitable[None]]

PING_EVERY = 10.0
"""Seconds of silence between two signs of life, once the first was sent."""

_JSON = (b"content-type", b"application/json")


class Pump:
    """Implements `upstream.call.Client`. `wire` says how errors look; it may be set once the route is known."""

    __slots__ = (
        "_entry",
        "_loop",
        "_piece",
        "_pings",
        "_send",
        "_wheel",
        "call",
        "capitals",
        "committed",
        "finished",
        "gone",
        "id",
        "opaque",
        "operation",
        "page",
        "sever",
        "started",
        "status",
        "wire",
    )

    def __init__(
        self, send: Send, call_id: str, wire: Wire, loop: asyncio.AbstractEventLoop, sever: Callable[[], None]
    ) -> None:
        self._send = send
        self._loop = loop
        self._entry: Entry | None = None
        self._wheel: Wheel | None = None
        self._pings: set[asyncio.Task[None]] = set()
        self._piece = b""
        self.id = call_id
        self.wire = wire
        self.call: Call | None = None
        self.operation = ""
        """What is asked of a model; empty for a page of the gateway's own."""
        self.started = self.committed = self.finished = self.gone = self.opaque = False
        self.status = 0
        self.page: Page | None = None
        """The page that asks, where one does: its browser wants word in every answer's head."""
        self.capitals = False
        """Whether an error's code is told in capitals."""
        self.sever = sever
        """Drops the connection at once: for what was begun and can be neither finished nor explained."""

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        self.status = status
        if self.page is not None:
            headers = self.page(headers)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(self, piece: bytes) -> None:
        self._piece = piece
        if self._entry is not None:
            self._entry.due = self._loop.time() + PING_EVERY
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def finish(self, piece: bytes = b"") -> None:
        self.finished = True
        self.still()
        await self._send({"type": "http.response.body", "body": piece, "more_body": False})

    async def json(self, document: Any, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        """A whole JSON answer of the gateway's own."""
        await self.whole(msgspec.json.encode(document), status, [_JSON, *(headers or ())])

    async def whole(self, body: bytes, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """A whole answer of the gateway's own."""
        length = (b"content-length", b"%d" % len(body))
        if not any(name == b"x-litellm-call-id" for name, _ in headers):
            headers = [*headers, (b"x-litellm-call-id", self.id.encode())]
        await self.start(status, [*headers, length])
        await self.finish(body)

    def keep_alive(self, wheel: Wheel, after: float) -> None:
        """From now on, silence of `after` seconds begins the answer with a ping, and each further one has another."""
        self._wheel = wheel
        self._entry = wheel.after(after, self._ping)

    def still(self) -> None:
        """No more pings."""
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None
        self._wheel = None

    def _ping(self) -> None:
        if self.finished or self._wheel is None:
            return
        task = self._loop.create_task(self._send_ping())
        self._pings.add(task)
        task.add_done_callback(self._pings.discard)
        self._entry = self._wheel.after(PING_EVERY, self._ping)

    async def _send_ping(self) -> None:
        """Whole events only ever leave this pump, so a ping always stands between two of them."""
        form = FORMATS[self.wire]
        if not self.started:
            head = own_headers(self.call, None) if self.call is not None else []
            await self.start(200, [(b"content-type", form.stream_type), *head])
        if not self.finished:
            await self._send({"type": "http.response.body", "body": form.ping, "more_body": True})

    async def fail(self, failure: Failure, candidate: Candidate | None = None) -> None:
        """Ends the request with an error: an answer of its own or, in a stream that has begun, the last event."""
        if self.finished:
            return
        if self.opaque:
            self.finished = True
            self.still()
            self.sever()
            return
        if candidate is not None and candidate.wire != self.wire:
            failure = crossed(failure, self.wire)
        same = candidate is not None and candidate.wire == self.wire
        if self.started and same and isinstance(failure, ProviderRefused) and failure.event:
            await self.finish(failure.event)
            return
        body, headers = self._error(failure, candidate)
        if self.started:
            await self.finish(FORMATS[self.wire].error_event(body, self._piece))
            return
        await self.whole(body, failure.status, headers)

    def _error(self, failure: Failure, candidate: Candidate | None) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        form = FORMATS[self.wire]
        headers: list[tuple[bytes, bytes]] = [_JSON]
        body, now = b"", datetime.now(UTC)
        if isinstance(failure, ProviderRefused):
            told = downward(list(failure.answer.headers))
            own = self.call is not None and self.call.rates is not None
            headers += [pair for pair in told if not (own and pair[0].startswith(RATES))]
            asked = retry_after(failure.answer.headers, now.timestamp())
            if asked is not None and failure.retry_after is not None and failure.retry_after > asked + 1:
                # Its words name a later time: coming back before that would be in vain.
                headers = [pair for pair in headers if pair[0] not in _WAITS]
            if form.is_own_error(failure.answer.body):
                # On its own wire a provider's error goes through as it is: clients repair themselves by its wording.
                body = failure.answer.body
        if not body:
            when = now.isoformat(timespec="seconds").replace("+00:00", "Z")
            body = form.render(failure, self.id, when, capital(failure) if self.capitals else failure.code)
        if self.call is not None:
            headers += own_headers(self.call, candidate)
        else:
            headers += _NO_ROUTE
        if failure.remedy:
            headers.append((b"x-trunkline-hint", printable(failure.remedy)))
        names = {name for name, _ in headers}
        if failure.hopeless and b"x-should-retry" not in names:
            headers.append((b"x-should-retry", b"false"))
        if failure.retry_after is not None and b"retry-after" not in names:
            headers.append((b"retry-after", b"%d" % max(1, math.ceil(failure.retry_after))))
        return body, headers


_WAITS = frozenset({b"retry-after", b"retry-after-ms"})
_NO_ROUTE: list[tuple[bytes, bytes]] = [
    (b"x-litellm-model-id", b"none"),
    (b"x-litellm-model-api-base", b"none"),
    (b"x-trunkline-route", b"none"),
]
