"""The composition root: the one place that names concrete classes and puts them together."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from trunkline.cache.answers import Answers
from trunkline.catalog.models import look_up
from trunkline.config.differences import mended
from trunkline.config.home import home_of
from trunkline.config.keeper import Edition, Keeper, Refused
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid, StoreDown
from trunkline.guard.door import Network
from trunkline.guard.queue import Queue
from trunkline.ledger.balances import opening
from trunkline.ledger.fold import Folder
from trunkline.ledger.price import price_row
from trunkline.model.usage import Usage
from trunkline.observe.board import Board
from trunkline.observe.lines import set_up_logging
from trunkline.observe.log import RequestLog
from trunkline.observe.metrics import Metrics
from trunkline.observe.requests import find
from trunkline.roster import hashes
from trunkline.roster.office import Office, rules
from trunkline.roster.ring import Ring
from trunkline.roster.room import Roster
from trunkline.roster.store import Store
from trunkline.serve import whereabouts
from trunkline.serve.alone import Alone
from trunkline.serve.asgi import App
from trunkline.serve.banner import banner
from trunkline.serve.configured import bound, drain_of, read, tell_mounts
from trunkline.serve.desk import Desk
from trunkline.serve.hangup import Terminal
from trunkline.serve.link import Link
from trunkline.serve.looped import note
from trunkline.serve.models import now_text
from trunkline.serve.networks import neighbours
from trunkline.serve.options import ServeOptions
from trunkline.serve.proof import secret_of
from trunkline.serve.rehearse import Rehearsal, rehearse
from trunkline.serve.server import Listening, Server, serve
from trunkline.serve.sockets import bind, urls
from trunkline.serve.writer import Writer
from trunkline.state.balances import balance_of
from trunkline.state.lock import FileLock
from trunkline.state.memory import MemoryState
from trunkline.state.peek import Peek
from trunkline.state.store import Price, State
from trunkline.state.types import Cap, Hold, Progress
from trunkline.upstream.books import Record
from trunkline.upstream.checkup import Checkup
from trunkline.upstream.embedded import Later
from trunkline.upstream.engine import Engine, Tell
from trunkline.upstream.litellm_sdk import Sdk
from trunkline.upstream.makers import Makers
from trunkline.upstream.pool import Pool
from trunkline.upstream.pots import Pots
from trunkline.upstream.profile import profile_of
from trunkline.upstream.ratios import Ratios
from trunkline.upstream.rests import begin_anew
from trunkline.upstream.timer import Wheel

DEFAULT_PORT = 4000
DEFAULT_LEVEL = "info"

_log = logging.getLogger("trunkline")


def run(options: ServeOptions) -> int:
    """Serves until stopped; the exit code. Raises `ConfigInvalid` and `StoreDown` for what refuses to start."""
    environ = dict(os.environ)  # as it was: LiteLLM's SDK needs some of it changed
    _set_up_logging(options.log_level or DEFAULT_LEVEL)
    terminal = Terminal()
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until somebody listens: it must not end what only just starts
    container = environ.get("TRUNKLINE_IN_IMAGE") == "1"
    near = neighbours(environ) if container else None
    keeper = Keeper(partial(read, options, environ, container), now_text, partial(bound, options, environ))
    snapshot = keeper.edition.snapshot
    if snapshot.log_level and not options.log_level:
        _set_up_logging(snapshot.log_level)
    home = home_of(environ)
    secret = _secret(home)
    for warning in snapshot.warnings:
        _log.warning("%s", warning)
    tell_mounts(snapshot, container=container)
    sockets = bind(options.host, options.ports or (snapshot.port or DEFAULT_PORT,))
    addresses = urls(options.host, sockets, tls=options.ssl_certfile is not None)
    _publish(home, addresses)
    if not options.quiet:
        text = banner(addresses, snapshot, workers=options.workers, neighbours=near)
        sys.stdout.write(text)
        sys.stdout.flush()

    def work(link: Link | Alone) -> int:
        """A process that serves, with the configuration that is kept at this moment."""
        worker = _Worker(options, keeper.edition, keeper.refused, link, environ, home, secret, near)
        return worker.serve(sockets)

    try:
        return _run(options, keeper, terminal, work)
    finally:
        whereabouts.withdraw(home)


def _run(options: ServeOptions, keeper: Keeper, terminal: Terminal, work: Callable[[Link | Alone], int]) -> int:
    """One process, or a parent with its workers."""
    if options.workers == 1:
        return work(Alone(keeper, terminal))
    if sys.platform == "win32":
        raise ConfigInvalid("More than one worker needs fork, which Windows lacks.", remedy="Use --workers 1.")
    from trunkline.serve.workers import Workers

    drain = drain_of(options, keeper.edition.snapshot)
    return Workers(options.workers, lambda line: work(Link(line)), drain, keeper, terminal).supervise()


class _Worker:
    """One process that serves: everything that must be made after the fork, and what each part has of the
    configuration. `link` brings the next one."""

    _state: State
    _folder: Folder
    _checkup: Checkup
    _desk: Desk
    _server: Server

    def __init__(
        self,
        options: ServeOptions,
        edition: Edition,
        refused: Refused | None,
        link: Link | Alone,
        environ: Mapping[str, str],
        home: Path,
        secret: bytes,
        near: tuple[Network, ...] | None,
    ) -> None:
        self._options, self._edition, self._refused, self._link = options, edition, refused, link
        self._environ, self._home, self._secret, self._near = environ, home, secret, near

    def serve(self, sockets: list[socket.socket]) -> int:
        """Until it is stopped; the exit code. Raises the `Failure` that kept it from starting."""
        options, snapshot = self._options, self._edition.snapshot
        listening = Listening(
            drain=drain_of(options, snapshot),
            headers=snapshot.limits.headers,
            keepalive=options.keepalive if options.keepalive is not None else 75,
            ssl_certfile=options.ssl_certfile,
            ssl_keyfile=options.ssl_keyfile,
            ssl_keyfile_password=options.ssl_keyfile_password,
            ciphers=options.ciphers,
        )
        return serve(App(self._open, self._close), sockets, listening, self._begin)

    def _begin(self, server: Server) -> None:
        self._server = server
        self._link.listen(self.stop)

    async def _open(self) -> Desk:
        loop, snapshot, home = asyncio.get_running_loop(), self._edition.snapshot, self._home
        sdk = Sdk(snapshot.variables)
        if _needs_sdk(snapshot):
            await sdk.ready()
        state = self._state = State.open(home)
        folder = self._folder = Folder(state, home, _price_of(snapshot), snapshot.keep_rows, partial(Writer, home))
        try:
            folder.start()
        except StoreDown:
            state.close()
            raise
        try:
            roster = await _roster(snapshot, home, self._environ, state, alone=isinstance(self._link, Alone))
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

        engine = _engine(loop, state, sdk, spent=partial(opening, home), report=report, tell=log.line)
        engine.count = metrics.event
        lock = FileLock(home / "check.lock")
        checkup = self._checkup = Checkup(engine.pool, state, lock, lambda: desk.snapshot, time.time, log.line)
        desk = self._desk = Desk(
            edition=self._edition,
            snapshot=snapshot,
            reload=self._link.reload,
            engine=engine,
            log=log,
            board=Board(metrics, state),
            circuits=state.all_circuits,
            home=home,
            find=lambda request: find(home, state.traces, request, time.time()),
            roster=roster,
            key_ids=roster.ring.ids,
            secret=self._secret,
            refused=self._refused,
            neighbours=self._near,
            insecure=self._options.insecure,
        )
        metrics.in_flight = lambda: desk.calls
        metrics.tasks = lambda: len(asyncio.all_tasks(loop))
        metrics.start(loop)
        checkup.start(loop)
        self._link.follow(self)
        return desk

    async def ready(self, edition: Edition) -> None:
        """Brings LiteLLM's SDK where it is needed from now on. Raises `ConfigInvalid`."""
        if _needs_sdk(edition.snapshot):
            await self._desk.engine.sdk.ready()

    def use(self, edition: Edition) -> None:
        """Every part that was made with a configuration has the next one; requests that have begun keep theirs."""
        desk, snapshot = self._desk, edition.snapshot
        engine, office, old = desk.engine, desk.roster.office, desk.snapshot
        desk.edition, desk.snapshot, desk.refused = edition, snapshot, None
        self._folder.price, self._folder.keep = _price_of(snapshot), snapshot.keep_rows
        office.rules = rules(snapshot.key_defaults, snapshot.key_bounds, snapshot.allowances.zone)
        office.taken = _taken(snapshot)
        engine.sdk.lay(snapshot.variables)
        engine.renew(snapshot)
        if snapshot.version != old.version:
            desk.answers.shelf.clear()  # no call is equal to one under another configuration
        try:
            begin_anew(self._state, mended(old, snapshot))
        except StoreDown as down:
            _log.error("%s Deployments that were mended rest until their time is over.", down.message)
        if old.locked:
            _tell_keys(snapshot, len(desk.roster.ring))
        self._checkup.wake()

    def told(self, refused: Refused | None) -> None:
        """What was read last and is not used."""
        self._desk.refused = refused

    def stop(self) -> None:
        """Finish what runs, and go."""
        self._server.should_exit = True

    async def _close(self, desk: Desk) -> None:
        """Every request has ended or was told to: wait for the last settlements, then close what was opened."""
        desk.draining = True
        until = desk.engine.loop.time() + 2.0
        while desk.in_flight and desk.engine.loop.time() < until:  # noqa: ASYNC110 - at the end only; an event would cost every request
            await asyncio.sleep(0.02)
        await self._link.close()
        await self._checkup.stop()
        desk.engine.wheel.close()
        desk.board.metrics.stop()
        desk.engine.ratios.keep()
        if isinstance(desk.engine.pool, Pool):
            await desk.engine.pool.close()
        await desk.engine.sdk.close()
        await desk.roster.stop()
        await asyncio.to_thread(self._folder.stop)
        self._state.close()
        desk.log.flush()


async def _roster(snapshot: Snapshot, home: Path, environ: Mapping[str, str], state: State, *, alone: bool) -> Roster:
    """Who may ask. Raises `StoreDown`, `ConfigInvalid`."""

    def make() -> Roster:
        secret = hashes.secret(home, {**snapshot.variables, **environ})
        store = Store(home, secret)
        bounds = rules(snapshot.key_defaults, snapshot.key_bounds, snapshot.allowances.zone)
        office = Office(store, secret, time.time, state.advance, bounds, _taken(snapshot))
        return Roster(office, Ring(secret), state, alone=alone)

    roster = await asyncio.to_thread(make)
    await roster.start()
    _tell_keys(snapshot, len(roster.ring))
    return roster


def _taken(snapshot: Snapshot) -> Callable[[str], bool]:
    """Whether a key that somebody wants to make is one of the configuration's."""
    own = [key.value.encode() for key in (snapshot.master_key, snapshot.client_key) if key is not None]

    def taken(key: str) -> bool:
        return any(hmac.compare_digest(key.encode(), each) for each in own)

    return taken


def _tell_keys(snapshot: Snapshot, count: int) -> None:
    if not snapshot.locked and count:
        _log.warning(
            "%d keys were made for this gateway, and nobody is asked for one: it has no master key. "
            "Set LITELLM_MASTER_KEY.",
            count,
        )


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
    set_up_logging(level)
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
                spent=partial(opening, home, begin=False),
                makers=Makers(nowhere, time.time),
                count=_undone,
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
        self.balances = seen.balances

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a rehearsal does nothing, but was asked for `{name}`")


def _undone(*_: Any, **__: Any) -> None:
    raise AssertionError("a rehearsal does nothing")


def _engine(
    loop: asyncio.AbstractEventLoop,
    state: State,
    sdk: Sdk,
    *,
    spent: Callable[[Sequence[Cap]], dict[bytes, int]],
    report: Callable[[Record], None],
    tell: Tell,
) -> Engine:
    """An engine with connections, whose books and all else that is shared are that state's."""
    return Engine(
        pool=Pool(),
        demo=Later(),
        sdk=sdk,
        books=state,
        wheel=Wheel(loop),
        loop=loop,
        now=time.time,
        chance=random.random,
        ratios=Ratios(state),
        health=state,
        queue=Queue(state.lines, loop),
        pots=Pots(state),
        makers=Makers(state.responses, time.time),
        spent=spent,
        report=report,
        tell=tell,
    )


@dataclass(slots=True)
class Embedded:
    """The engine without a door, for an SDK in the process of its program."""

    engine: Engine
    pool: Pool
    board: Board
    answers: Answers
    state: State
    folder: Folder | None
    """None: nothing is written down."""

    async def close(self) -> None:
        """What is under way has ended: closes connections. For the engine's own loop; `finish` comes after it."""
        self.engine.wheel.close()
        await self.pool.close()
        await self.engine.sdk.close()

    def finish(self) -> None:
        """Writes the last rows. Blocks, and needs no loop."""
        if self.folder is not None:
            self.engine.ratios.keep()
            self.folder.stop()
        self.state.close()


async def embedded(
    home: Path | None, variables: Mapping[str, str], report: Callable[[Record], None], tell: Tell
) -> Embedded:
    """An engine in the running loop. With a `home` it shares its state and its ledger with whatever Trunkline runs
    there; without one, both are this process's memory, and go with it. Raises `StoreDown`."""
    loop = asyncio.get_running_loop()
    state = MemoryState.make() if home is None else State.open(home)
    folder: Folder | None = None
    if home is not None:
        folder = Folder(state, home, _price_of(Snapshot({})))
        try:
            folder.start()
        except StoreDown:
            state.close()
            raise
    spent = _unspent if home is None else partial(opening, home)
    engine = _engine(loop, state, Sdk(variables), spent=spent, report=report, tell=tell)
    pool = engine.pool
    assert isinstance(pool, Pool)
    return Embedded(engine, pool, Board(Metrics(time.time), state), Answers(), state, folder)


def _unspent(budgets: Sequence[Cap]) -> dict[bytes, int]:
    """What was spent before, where nothing is written down: nothing."""
    return {balance_of(each.name, each.period, each.start): 0 for each in budgets}
