"""Plays one answer over the socket: whole or streamed, with the faults that the behaviour asks for.

Knows wires only by their protocol. Every delta that is sent is charged, as a provider would.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.fake.behaviour import Behaviour
from tests.fake.encode import encoder
from tests.fake.http import Exchange, Headers
from tests.fake.openai_rules import ZAI_STATUS
from tests.fake.record import Charge, Seen
from tests.fake.turn import Ask, Turn
from tests.fake.wire import Json, Wire, compact

MESSAGES = {
    400: "The request is malformed.",
    402: "Your credit balance is too low.",
    403: "Not allowed.",
    404: "model: not found",
    413: "Request exceeds the maximum size",
    429: "Rate limit reached. Please try again in 1s.",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Timed out",
    529: "Overloaded",
}
_HTML = "<!DOCTYPE html><html><head><title>{0} Error</title></head><body><h1>{0}</h1><p>cloud front ✗</p></body></html>"


class Answer:
    """One answer: where to, on which wire, how."""

    def __init__(self, exchange: Exchange, wire: Wire, how: Behaviour, seen: Seen) -> None:
        self._exchange = exchange
        self._wire = wire
        self._how = how
        self._seen = seen
        self._encoder = encoder(how.encoding)

    def _headers(self, kind: str, more: Headers) -> Headers:
        made: Headers = [("content-type", self._how.content_type or kind), *more, *self._how.headers]
        if self._how.encoding:
            made.append(("content-encoding", self._how.encoding))
        if self._how.huge_headers:
            made += [(f"x-huge-{at}", "h" * 1000) for at in range(max(1, self._how.huge_headers // 1000))]
        return made

    async def body(self, status: int, kind: str, data: bytes, more: Headers) -> None:
        """Send one whole body, cut or stalled in its middle where the behaviour says so."""
        how, exchange = self._how, self._exchange
        data = self._encoder.piece(data) + self._encoder.end()
        self._seen.status = status
        faults = (how.cut_after, how.reset_after, how.stall_after)
        broken = how.truncate or (status == 200 and any(fault is not None for fault in faults))
        await exchange.start(status, self._headers(kind, more), length=len(data))
        if not broken:
            await exchange.send(data, split=how.split)
            await exchange.finish()
            return
        await exchange.send(data[: len(data) // 2], split=how.split)
        if how.stall_after is not None:
            await exchange.rest(how.stall)
            await exchange.send(data[len(data) // 2 :], split=how.split)
            await exchange.finish()
        else:
            await (exchange.reset() if how.reset_after is not None else _cut(exchange))

    async def error(self, status: int, body: Json, more: Headers | None = None) -> None:
        await self.body(status, "application/json", compact(body).encode(), more or [])

    async def fault(self, *, stream: bool) -> bool:
        """Answer with a fault that needs no turn; False when the behaviour has none."""
        how, wire = self._how, self._wire
        if how.status is None and how.code in ZAI_STATUS:
            how = replace(how, status=ZAI_STATUS[how.code])
        if how.reset_first:
            await self._exchange.reset()
        elif how.html is not None:
            await self.body(how.html, "text/html; charset=utf-8", _HTML.format(how.html).encode(), [])
        elif how.junk:
            await self.body(how.status or 200, "application/json", b'{"id": "x", "choices": [{"mess\xc3', [])
        elif how.status is not None:
            message = how.message or MESSAGES.get(how.status, "Refused by the fake")
            if how.echo_key:
                message += f" Incorrect API key provided: {self._seen.key}"
            body = wire.error(how.status, message, how.code, how.error_type)
            await self.error(how.status, body, [*retry_headers(how), *wire.headers(self._seen.serial, _NOBODY)])
        elif how.error_in_200:
            await self.error(200, wire.error(500, how.message or "Internal server error", how.code, how.error_type))
        elif how.empty:
            await self.body(200, wire.stream_type if stream else "application/json", b"", [])
        else:
            return False
        return True

    async def whole(self, ask: Ask, turn: Turn, charge: Charge) -> None:
        await self._exchange.rest(self._how.hush)
        charge.output += turn.output
        data = compact(self._wire.whole(ask, turn, self._how)).encode()
        await self.body(200, "application/json", data, self._wire.headers(turn.serial, ask))

    async def stream(self, ask: Ask, turn: Turn, charge: Charge) -> None:
        how, wire, exchange = self._how, self._wire, self._exchange
        self._seen.status = 200
        headers = [("cache-control", "no-cache"), *wire.headers(turn.serial, ask)]
        await exchange.start(200, self._headers(wire.stream_type, headers))
        if how.error_first:
            await self._last_error()
            return
        for event in wire.events(ask, turn, how):
            if event.kind in ("delta", "last"):
                if self._seen.deltas == 0:
                    await self._hush()
                if await self._broken(at_end=event.kind == "last"):
                    return
            frame = wire.frame(event, crlf=how.crlf)
            if event.kind == "delta":
                await exchange.rest(how.slow_ms / 1000)
                if await self._garbled(frame):
                    return
                self._seen.deltas += 1
                charge.output += self._seen.deltas <= turn.output
            if how.pings and event.kind != "open":
                await self._send(wire.ping())
            if event.kind == "last":
                charge.output += max(0, turn.output - self._seen.deltas)
            await self._send(frame)
        await exchange.send(self._encoder.end())
        await (_cut(exchange) if how.truncate else exchange.finish())

    async def _hush(self) -> None:
        """Be silent before the first delta; with pings, a ping every 50 ms."""
        end = time.monotonic() + self._how.hush
        while self._how.pings and (left := end - time.monotonic()) > 0:
            await self._send(self._wire.ping())
            await self._exchange.rest(min(0.05, left))
        await self._exchange.rest(end - time.monotonic())

    async def _broken(self, *, at_end: bool) -> bool:
        """Whether the stream ended here; a fault set beyond the last delta strikes before the end of the stream."""
        how, exchange = self._how, self._exchange

        def due(after: int | None) -> bool:
            return after is not None and (self._seen.deltas == after or (at_end and self._seen.deltas < after))

        if due(how.stall_after):
            await exchange.rest(how.stall)
        if due(how.end_after):
            await exchange.send(self._encoder.end())
            await exchange.finish()
        elif due(how.error_after):
            await self._last_error()
        elif due(how.cut_after):
            await _cut(exchange)
        elif due(how.reset_after):
            await exchange.reset()
        else:
            return False
        return True

    async def _garbled(self, frame: bytes) -> bool:
        """Half a delta, cut inside a character where it has one; or a delta's ruin beside it, or ruins for ever."""
        how, deltas = self._how, self._seen.deltas
        if how.half_after is not None and deltas >= how.half_after:
            inside = next((at + 1 for at, byte in enumerate(frame) if byte >= 0xC2), len(frame) // 2)
            await self._exchange.send(self._encoder.piece(frame[:inside]))
            await _cut(self._exchange)
            return True
        ruin = frame[: len(frame) // 2].rstrip() + frame[len(frame.rstrip()) :]
        if how.garble_at is not None and deltas == how.garble_at:
            await self._send(ruin)
        if how.garble_from is None or deltas < how.garble_from:
            return False
        for _ in range(64):
            await self._send(ruin)
        await self._exchange.finish()
        return True

    async def _last_error(self) -> None:
        await self._send(self._wire.frame(self._wire.error_event(self._how), crlf=self._how.crlf))
        await self._exchange.send(self._encoder.end())
        await self._exchange.finish()

    async def _send(self, data: bytes) -> None:
        if data:
            self._seen.sent += len(data)
            await self._exchange.send(self._encoder.piece(data), split=self._how.split)


_NOBODY = Ask(model="", stream=False, prompt="", words=0)


async def _cut(exchange: Exchange) -> None:
    await asyncio.sleep(0.01)
    exchange.cut()


def retry_headers(how: Behaviour) -> Headers:
    """From `retry_after`: "2" or "1.5" s, "date:3" (an HTTP date 3 s ahead), "ms:250", "none"; 429 says 1 unasked."""
    form = how.retry_after or ("1" if how.status == 429 else "none")
    kind, _, value = form.partition(":")
    if kind == "none":
        return []
    if kind == "ms":
        return [("retry-after-ms", value)]
    if kind == "date":
        when = datetime.now(UTC) + timedelta(seconds=float(value or 1))
        return [("retry-after", format_datetime(when, usegmt=True))]
    return [("retry-after", form)]
