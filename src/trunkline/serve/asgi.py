"""The door: one bare ASGI application. Finds the route, asks the guard, and sees to it that every request ends once."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

from trunkline.errors import Draining, Failure, Internal, TooBusy
from trunkline.guard.door import check_unlocked
from trunkline.model.wires import WIRE_OF
from trunkline.route.plan import Candidate
from trunkline.serve.calls import answer_call
from trunkline.serve.capitals import in_capitals
from trunkline.serve.cors import Page
from trunkline.serve.desk import Desk
from trunkline.serve.pages import PAGES
from trunkline.serve.paths import Target, find
from trunkline.serve.protocol import GONE, SEVER
from trunkline.serve.pump import Pump, Send
from trunkline.serve.request import ClientGone, Receive, Request
from trunkline.serve.stored import answer_stored
from trunkline.serve.who import must_be_known, who
from trunkline.upstream.drive import Unanswered

_log = logging.getLogger("trunkline")

Scope = dict[str, Any]

_PREFLIGHT = b"access-control-request-method"

_GONE = 499
"""The status under which a request is counted whose client went away, as nginx has it."""


class App:
    """Called by uvicorn for each request. `open_desk` and `close_desk` bracket the life of the process."""

    def __init__(self, open_desk: Callable[[], Awaitable[Desk]], close_desk: Callable[[Desk], Awaitable[None]]) -> None:
        self._open, self._close = open_desk, close_desk
        self._desk: Desk | None = None
        self.failure: Failure | None = None
        """Why the process could not start."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            assert self._desk is not None
            await self._http(self._desk, scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._desk = await self._open()
        except Failure as failure:
            self.failure = failure
            await send({"type": "lifespan.startup.failed", "message": failure.sentence})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._close(self._desk)
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, desk: Desk, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, desk.snapshot)
        loop = desk.engine.loop
        pump = Pump(send, new_id(), request.family, loop, scope.get(SEVER, _nothing))
        if b"origin" in request.table:
            pump.page = Page(request.snapshot, request.table[b"origin"])
        task = asyncio.current_task()
        assert task is not None

        def on_gone() -> None:
            pump.gone = True
            task.cancel()

        scope[GONE] = on_gone
        desk.in_flight += 1
        began = loop.time()
        try:
            await self._answer(desk, request, receive, pump)
        except Unanswered as unanswered:
            # Told before it is answered: whoever sees the answer finds the line.
            desk.log.failed(pump, request, unanswered.failure)
            await _fail(request, pump, unanswered.failure, unanswered.candidate)
        except Failure as failure:
            desk.log.failed(pump, request, failure)
            await _fail(request, pump, failure)
        except ClientGone:
            pump.still()
        except asyncio.CancelledError:
            task.uncancel()
            if not pump.gone:
                closing = Draining("The gateway is shutting down.", remedy="Send the request again.", retry_after=1)
                await _fail(request, pump, closing)
        except Exception:  # noqa: BLE001 - the outermost frame of a request: logged, and answered with an id
            _log.exception("request %s: a defect of Trunkline", pump.id)
            defect = Internal(
                f"Trunkline failed at this request; its log tells why under {pump.id}.",
                remedy="Please report it with what the log says.",
            )
            await _fail(request, pump, defect)
        finally:
            pump.still()
            desk.in_flight -= 1
            if pump.operation:
                desk.calls -= 1
                _count(desk, pump, loop.time() - began)

    async def _answer(self, desk: Desk, request: Request, receive: Receive, pump: Pump) -> None:
        snapshot = request.snapshot
        if request.repeated:
            request.check()
        if request.method == "OPTIONS" and pump.page is not None and _PREFLIGHT in request.table:
            head = pump.page.preflight(request.table.get(b"access-control-request-headers", b""))
            await pump.start(204, [*head, (b"x-litellm-call-id", pump.id.encode())])
            await pump.finish()
            return
        target = find(request.method, request.path)
        if target.operation is not None:
            pump.wire, pump.operation = WIRE_OF[target.operation], target.operation
            desk.calls += 1
        self._guard(desk, request, target, pump.page)
        if target.page is not None:
            if not target.open and not (target.page == "metrics" and snapshot.metrics_open):
                must_be_known(await who(desk, request), target.page)
            await PAGES[target.page](desk, request, receive, pump, target.name)
            return
        caller = await who(desk, request)
        if desk.in_flight > snapshot.limits.streams:
            raise TooBusy(
                f"{snapshot.limits.streams} requests are in flight already.",
                remedy="Send it again shortly, or raise `global_max_parallel_requests` of general_settings.",
                retry_after=1,
            )
        answer = answer_stored if target.operation == "stored" else answer_call
        await answer(desk, snapshot, request, receive, pump, target, caller)

    def _guard(self, desk: Desk, request: Request, target: Target, page: Page | None) -> None:
        if not request.snapshot.locked and not (target.open and request.method in ("GET", "HEAD")):
            check_unlocked(
                request.table,
                request.peer,
                has_body=request.method == "POST",
                neighbours=desk.neighbours,
                insecure=desk.insecure,
                named=page is not None and page.allowed,
            )


async def _fail(request: Request, pump: Pump, failure: Failure, candidate: Candidate | None = None) -> None:
    pump.capitals = in_capitals(request.snapshot, request.path)
    await pump.fail(failure, candidate)


def _count(desk: Desk, pump: Pump, took: float) -> None:
    """A request for a model has ended. A name that led to no attempt is whatever the client made up: it is not kept."""
    call = pump.call
    asked = call.asked if call is not None and call.asked_group else ""
    key = call.caller.label if call is not None else ""
    desk.board.metrics.request(pump.operation, asked, _GONE if pump.gone else pump.status, key, took)


def new_id() -> str:
    """A request's id: a UUID of version 7 (RFC 9562). It begins with the time, so ids that are written together stand
    together in every index, however long the ledger is."""
    digits = f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _nothing() -> None:
    """Where no server of ours is below, there is nothing to sever."""
