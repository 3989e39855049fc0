"""One call, from its arguments to the engine: a gateway's door without the door. Runs in the engine's loop."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from trunkline import __version__
from trunkline.config.home import home_of
from trunkline.config.schema import Snapshot
from trunkline.errors import Draining, Failure, Internal
from trunkline.guard.keys import Caller
from trunkline.sdk.asked import Asked
from trunkline.sdk.cache import Cache
from trunkline.sdk.channel import Channel
from trunkline.sdk.faults import exception
from trunkline.sdk.forms import encoded
from trunkline.sdk.runtime import NOTES, Notes, Runtime, runtime
from trunkline.sdk.settings import Settings
from trunkline.sdk.setup import SPOKEN, fitted, router_snapshot, snapshot_of
from trunkline.serve.about import About
from trunkline.serve.asgi import new_id
from trunkline.serve.cached import answer_cached
from trunkline.serve.calls import call_of, chosen, count
from trunkline.serve.paths import Target
from trunkline.serve.pump import Pump
from trunkline.serve.request import Request
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.drive import Unanswered, drive

_log = logging.getLogger("trunkline")

CHAT = Target("chat", "/chat/completions")
EMBEDDINGS = Target("embeddings", "/embeddings")
COUNT = Target("count_tokens", "/v1/messages/count_tokens")

_ANYBODY = Caller()


class Room(NamedTuple):
    """What a router has: its deployments and settings, and its own cache."""

    snapshot: Snapshot
    cache: Cache | None = None


@dataclass(slots=True)
class Doing:
    """A call that is under way."""

    asked: Asked
    channel: Channel
    notes: Notes
    runtime: Runtime
    id: str
    began: float
    """Unix time."""
    task: Future[None] = field(repr=False)

    def cancel(self) -> None:
        """Nobody waits for its answer any more."""
        self.task.cancel()


def begin(asked: Asked, target: Target, settings: Settings, room: Room | None = None) -> Doing:
    """Sends a call on its way, to a router's deployments where it is a router's. Raises the exception that says why it
    cannot be sent."""
    try:
        if room is None:
            used = snapshot_of(asked, settings)
        else:
            used = fitted(room.snapshot, asked, room.cache or settings.cache)
        here = runtime(_home(settings), used.variables)
    except Failure as failure:
        raise exception(failure, asked.model) from None
    raw = encoded(asked.body, asked.model)
    channel, notes, call_id = Channel(), Notes(), asked.call_id or new_id()
    _log.debug("%s asks %s", call_id, asked.model)
    work = _perform(here, used, asked, target, raw, channel, notes, call_id)
    return Doing(asked, channel, notes, here, call_id, time.time(), here.submit(work))


def router_room(overlay: Mapping[str, Any], settings: Settings, model: str = "", cache: Cache | None = None) -> Room:
    """What the words of a configuration come to; what in them has no effect is logged. Raises `BadRequestError`."""
    try:
        snapshot = router_snapshot(overlay, settings)
    except Failure as failure:
        raise exception(failure, model) from None
    for warning in snapshot.warnings:
        if warning.kind != "note":
            _log.warning("%s", str(warning).removeprefix(f"{SPOKEN}: "))
    return Room(snapshot, cache)


def _home(settings: Settings) -> Path | None:
    """Where state and ledger are to be; None: nowhere."""
    asked_for = settings.ledger or os.environ.get("TRUNKLINE_LEDGER", "").strip()
    if not asked_for or asked_for == "0":
        return None
    named = "" if asked_for is True else str(asked_for)
    return home_of(os.environ) if named in ("", "1") else Path(named).expanduser().absolute()


async def _perform(
    here: Runtime,
    snapshot: Snapshot,
    asked: Asked,
    target: Target,
    raw: bytes,
    channel: Channel,
    notes: Notes,
    call_id: str,
) -> None:
    NOTES.set(notes)
    engine = here.engine.engine
    pump = Pump(channel.take, call_id, "openai_chat", engine.loop, _nothing)
    try:
        if any(each.provider.embedded == "litellm" for each in snapshot.deployments()):
            await engine.sdk.ready()
        request = Request(_scope(target), snapshot)
        told = About(asked.user[:256], asked.session[:128], asked.tags)
        call = pump.call = call_of(engine, snapshot, request, raw, call_id, target, _ANYBODY, told)
        await _answer(here, snapshot, call, pump)
        channel.end()
    except Unanswered as unanswered:
        channel.fail(exception(unanswered.failure, asked.model, unanswered.candidate))
    except Failure as failure:
        channel.fail(exception(failure, asked.model))
    except asyncio.CancelledError:
        stopped = Draining("The call was ended before its answer: nobody waits for it, or the SDK was closed.")
        channel.fail(exception(stopped, asked.model))
        raise
    except Exception as defect:  # noqa: BLE001 - the outermost frame of a call: logged, and raised where it was made
        _log.exception("call %s: a defect of Trunkline", call_id)
        channel.fail(exception(Internal(f"Trunkline failed at this call ({defect!r}). Please report it."), asked.model))


async def _answer(here: Runtime, snapshot: Snapshot, call: Call, pump: Pump) -> None:
    engine = here.engine.engine

    async def work(client: Client) -> Record:
        return await drive(engine, call, chosen(engine, call), client)

    if call.operation == "count_tokens":
        await count(engine, call, pump)
    elif snapshot.caching is not None:
        await answer_cached(here.engine, snapshot.caching, call, pump, b"", work)
    else:
        await work(pump)


def _scope(target: Target) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"user-agent", f"trunkline/{__version__}".encode())]
    return {"method": "POST", "path": f"/v1{target.tail}", "query_string": b"", "headers": headers}


def _nothing() -> None:
    """There is no connection to sever."""
