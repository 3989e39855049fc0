"""The composition root: the one place that names concrete classes and puts them together."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from trunkline.catalog.models import look_up
from trunkline.config.home import home_of
from trunkline.config.load import load
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid, StoreDown
from trunkline.guard.door import Network
from trunkline.guard.queue import Queue
from trunkline.ledger.balances import opening
from trunkline.ledger.fold import Folder
from trunkline.ledger.price import price_row
from trunkline.model.usage import Usage
from trunkline.observe.board import Board
from trunkline.observe.log import LineFormatter, RequestLog
from trunkline.observe.metrics import Metrics
from trunkline.observe.requests import find
from trunkline.roster import hashes
from trunkline.roster.office import Office, rules
from trunkline.roster.ring import Ring
from trunkline.roster.room import Roster
from trunkline.roster.store import Store
from trunkline.serve import whereabouts
from trunkline.serve.asgi import App
from trunkline.serve.banner import banner
from trunkline.serve.desk import Desk
from trunkline.serve.looped import note
from trunkline.serve.models import now_text
from trunkline.serve.networks import neighbours
from trunkline.serve.options import ServeOptions
from trunkline.serve.proof import secret_of
from trunkline.serve.rehearse import Rehearsal, rehearse
from trunkline.serve.server import Listening, Server, serve
from trunkline.serve.sockets import bind, check_reach, urls
from trunkline.state.lock import FileLock
from trunkline.state.peek import Peek
from trunkline.state.store import Price, State
from trunkline.state.types import Hold, Progress
from trunkline.upstream.books import Record
from trunkline.upstream.checkup import Checkup
from trunkline.upstream.demo.provider import Demo
from trunkline.upstream.engine import Engine
from trunkline.upstream.litellm_sdk import Sdk
from trunkline.upstream.makers import Makers
from trunkline.upstream.pool import Pool
from trunkline.upstream.pots import Pots
from trunkline.upstream.profile import profile_of
from trunkline.upstream.ratios import Ratios
from trunkline.upstream.timer import Wheel

DEFAULT_PORT = 4000

_log = logging.getLogger("trunkline")


def run(options: ServeOptions) -> int:
    """Serves until stopped; the exit code. Raises `ConfigInvalid` and `StoreDown` for what refuses to start."""
    environ = dict(os.environ)  # as it was: LiteLLM's SDK needs some of it changed
    _set_up_logging(options.log_level)
    container = environ.get("TRUNKLINE_IN_IMAGE") == "1"
    near = neighbours(environ) if container else None
    snapshot = load(options.config, environ, ignore=options.ignore, overlay=options.overlay)
    if options.concurrency is not None:
        snapshot = replace(snapshot, limits=replace(snapshot.limits, streams=options.concurrency))
    check_reach(options.host, snapshot, insecure=options.insecure, container=container)
    home = home_of(environ)
    secret = _secret(home)
    for warning in snapshot.warnings:
        _log.warning("%s", warning)
    sockets = bind(options.host, options.ports or (DEFAULT_PORT,))
    addresses = urls(options.host, sockets, tls=options.ssl_certfile is not None)
    _publish(home, addresses)
    if not options.quiet:
        text = banner(addresses, snapshot, workers=options.workers, neighbours=near)
        sys.stdout.write(text)
        sys.stdout.flush()

    def work(life: int | None) -> int:
        return _work(options, snapshot, environ, home, secret, sockets, life, near)

    try:
        return _run(options, snapshot, work)
    finally:
        whereabouts.withdraw(home)


def _run(options: ServeOptions, snapshot: Snapshot, work: Callable[[int | None], int]) -> int:
    """One process, or a parent with its workers."""
    if options.workers == 1:
        return work(None)
    if sys.platform == "win32":
        raise ConfigInvalid("More than one worker needs fork, which Windows lacks.", remedy="Use --workers 1.")
    from trunkline.serve.workers import Workers

    drain = options.drain if options.drain is not None else snapshot.limits.drain
    return Workers(options.workers, work, drain).supervise()


def _work(
    options: ServeOptions,
    snapshot: Snapshot,
    environ: Mapping[str, str],
    home: Path,
    secret: bytes,
    sockets: list[socket.socket],
    life: int | None,
    near: tuple[Network, ...] | None,
) -> int:
    """One worker: everything that must be made after the fork. `life` is a pipe that closes with the parent."""

    async def open_desk() -> Desk:
        loop = asyncio.get_running_loop()
        sdk = Sdk(snapshot.variables)
        if _needs_sdk(snapshot):
            await sdk.ready()
        state = State.open(home)
        folder = Folder(state, home, _price_of(snapshot), snapshot.keep_rows)
        try:
            folder.start()
        except StoreDown:
            state.close()
            raise
        try:
            roster = await _roster(snapshot, home, environ, state, alone=life is None)
        except (ConfigInvalid, StoreDown):
            await asyncio.to_thread(folder.stop)
            state.close()
            raise
        log = RequestLog(loop)
        metrics = Metrics(time.time, state.tallies)

        def report(record: Record) -> None:
            log.attempt(record)
            metrics.attempt(record)
            note(state.spend, record, time.time())

        engine = Engine(
            pool=Pool(),
            demo=Demo(),
            sdk=sdk,
            books=state,
            wheel=Wheel(loop),
            loop=loop,
            now=time.time,
            chance=random.random,
            report=report,
            ratios=Ratios(state),
            health=state,
            queue=Queue(state.lines, loop),
            pots=Pots(state),
            tell=log.line,
            spent=partial(opening, home),
            makers=Makers(state.responses, time.time),
        )
        checkup = Checkup(engine.pool, state, FileLock(home / "check.lock"), lambda: desk.snapshot, time.time, log.line)
        opened.append((state, folder, checkup))
        desk = Desk(
            snapshot=snapshot,
            engine=engine,
            log=log,
            board=Board(metrics, state),
            circuits=state.all_circuits,
            home=home,
            find=lambda request: find(home, state.traces, request, time.time()),
            roster=roster,
            key_ids=roster.ring.ids,
            secret=secret,
            since=now_text(),
            neighbours=near,
            insecure=options.insecure,
        )
        metrics.in_flight = lambda: desk.calls
        metrics.start(loop)
        checkup.start(loop)
        return desk

    async def close_desk(desk: Desk) -> None:
        """Every request has ended or was told to: wait for the last settlements, then close what was opened."""
        desk.draining = True
        until = desk.engine.loop.time() + 2.0
        while desk.in_flight and desk.engine.loop.time() < until:  # noqa: ASYNC110 - at the end only; an event would cost every request
            await asyncio.sleep(0.02)
        ((state, folder, checkup),) = opened
        await checkup.stop()
        desk.engine.wheel.close()
        desk.board.metrics.stop()
        desk.engine.ratios.keep()
        if isinstance(desk.engine.pool, Pool):
            await desk.engine.pool.close()
        await desk.engine.sdk.close()
        await desk.roster.stop()
        await asyncio.to_thread(folder.stop)
        state.close()
        desk.log.flush()

    opened: list[tuple[State, Folder, Checkup]] = []

    def watch(server: Server) -> None:
        if life is not None:
            asyncio.get_running_loop().add_reader(life, _orphaned, server, life)

    listening = Listening(
        drain=options.drain if options.drain is not None else snapshot.limits.drain,
        headers=snapshot.limits.headers,
        keepalive=options.keepalive if options.keepalive is not None else 75,
        ssl_certfile=options.ssl_certfile,
        ssl_keyfile=options.ssl_keyfile,
        ssl_keyfile_password=options.ssl_keyfile_password,
        ciphers=options.ciphers,
    )
    return serve(App(open_desk, close_desk), sockets, listening, watch)


async def _roster(snapshot: Snapshot, home: Path, environ: Mapping[str, str], state: State, *, alone: bool) -> Roster:
    """Who may ask. Raises `StoreDown`, `ConfigInvalid`."""
    master = snapshot.master_key

    def make() -> Roster:
        secret = hashes.secret(home, {**snapshot.variables, **environ})
        store = Store(home, secret)
        bounds = rules(snapshot.key_defaults, snapshot.key_bounds)

        def taken(key: str) -> bool:
            return master is not None and hmac.compare_digest(key.encode(), master.value.encode())

        office = Office(store, secret, time.time, state.advance, bounds, taken)
        return Roster(office, Ring(secret), state, alone=alone)

    roster = await asyncio.to_thread(make)
    await roster.start()
    if master is None and len(roster.ring):
        _log.warning(
            "%d keys were made for this gateway, and nobody is asked for one: it has no master key. "
            "Set LITELLM_MASTER_KEY.",
            len(roster.ring),
        )
    return roster


def _needs_sdk(snapshot: Snapshot) -> bool:
    return any(each.provider.embedded == "litellm" for each in snapshot.deployments())


def _price_of(snapshot: Snapshot) -> Price:
    """What an attempt of a dead worker is settled at: the price its deployment has now."""
    deployments = {each.id: each for each in snapshot.deployments()}

    def price(hold: Hold, progress: Progress) -> tuple[int, int, bool]:
        deployment = deployments.get(hold.deployment)
        usage = Usage(
            input=progress.input,
            cache_read=progress.cache_read,
            cache_write=progress.cache_write,
            output=progress.output,
        )
        if deployment is None:
            # It is not configured any more: the catalog's price is the best that is known.
            known = look_up(hold.provider, hold.model)
            return price_row(usage, known.price if known is not None else None, "")
        base = next(iter(deployment.doors.values())).base
        return price_row(usage, profile_of(deployment, hold.model, base, snapshot.prices).price, deployment.plan)

    return price


def _orphaned(server: Server, life: int) -> None:
    """The parent is gone: finish what runs, and go."""
    asyncio.get_running_loop().remove_reader(life)
    server.should_exit = True


def _secret(home: Path) -> bytes:
    try:
        return secret_of(home)
    except OSError as error:
        raise StoreDown(
            f"{home} cannot be used: {error}.", remedy="Set TRUNKLINE_HOME to a folder that can be written."
        ) from None


def _publish(home: Path, addresses: list[str]) -> None:
    try:
        whereabouts.publish(home, addresses)
    except OSError as error:
        raise StoreDown(
            f"{home} cannot be written: {error}.", remedy="Set TRUNKLINE_HOME to a folder that can be written."
        ) from None


def _set_up_logging(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # uvicorn's own lines repeat what the banner, the request log and our failures say.
    logging.getLogger("uvicorn").setLevel(logging.DEBUG if level == "debug" else logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def dry_run(snapshot: Snapshot, path: str, raw: bytes, home: Path) -> Rehearsal:
    """What would be done with a body, by the deciding parts of a gateway alone: nothing of it can send anything.

    What workers have learned of tokens is read from `home`. Raises the `Failure` that says what is wrong.
    """
    loop = asyncio.new_event_loop()
    try:
        with Peek(home) as seen:
            nowhere: Any = _Nowhere(seen)
            engine = Engine(
                pool=nowhere,
                demo=nowhere,
                sdk=nowhere,
                spent=nowhere,
                makers=Makers(nowhere, time.time),
                books=nowhere,
                wheel=Wheel(loop),
                loop=loop,
                now=time.time,
                chance=random.random,
                report=_undone,
                ratios=Ratios(seen),
                health=nowhere,
                queue=Queue(nowhere, loop),
                pots=Pots(seen),
                tell=_undone,
            )
            return rehearse(engine, snapshot, path, raw)
    finally:
        loop.close()


class _Nowhere:
    """Stands where a rehearsal has no connections and no books: it may look, and nothing else."""

    def __init__(self, seen: Peek) -> None:
        self.circuits, self.used, self.home_of = seen.circuits, seen.used, seen.home_of

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a rehearsal does nothing, but was asked for `{name}`")


def _undone(*_: Any, **__: Any) -> None:
    raise AssertionError("a rehearsal does nothing")
