"""The engine of this process: one event loop in one thread, for every thread and every event loop that calls.

Made at the first call, closed at the end of the process or by `close()`. A process that was forked makes its own: what
it inherited belongs to its parent and is left alone.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from trunkline.app import Embedded
    from trunkline.upstream.books import Record
    from trunkline.upstream.pool import Answer, Outgoing

T = TypeVar("T")

_log = logging.getLogger("trunkline")
_TIDY_EVERY = 60.0


@dataclass(slots=True)
class Notes:
    """What becomes known of one call beside its answer."""

    records: list[Record] = field(default_factory=list)
    """The attempts that ended."""
    cost: str = ""
    """What a gateway said that it cost, dollars."""


NOTES: ContextVar[Notes] = ContextVar("NOTES")
"""Those of the call whose task this is."""


class _Overheard:
    """The pool, with an ear for what a gateway at the other end says of the cost."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def send(self, outgoing: Outgoing) -> Answer:
        answer: Answer = await self._pool.send(outgoing)
        notes = NOTES.get(None)
        if notes is not None:
            notes.cost = next((value for name, value in answer.headers if name == "x-litellm-response-cost"), "")
        return answer


class Runtime:
    """An engine in a thread. `home`: where its state and ledger are; None: in memory."""

    def __init__(self, home: Path | None, variables: Mapping[str, str]) -> None:
        self._home, self._variables = home, variables
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._closing = False
        self.engine: Embedded
        self._thread = threading.Thread(target=self._run, name="trunkline", daemon=True)
        self._thread.start()
        self._ready.wait()
        self._raise()

    def _raise(self) -> None:
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            try:
                self._loop.run_until_complete(self._open())
            except BaseException as failure:  # noqa: BLE001 - raised in the thread that asked for it
                self._failure = failure
                return
            finally:
                self._ready.set()
            self._loop.run_forever()
            self._loop.run_until_complete(self._shut())
        finally:
            self._loop.close()

    async def _open(self) -> None:
        from trunkline.app import embedded

        self.engine = await embedded(self._home, self._variables, _report, _tell)
        self.engine.engine.pool = _Overheard(self.engine.pool)
        self._tidy()

    def _tidy(self) -> None:
        """Without a ledger nobody else sweeps the state."""
        from trunkline.state.memory import MemoryState

        state = self.engine.state
        if isinstance(state, MemoryState):
            state.tidy(self.engine.engine.now())
            self._loop.call_later(_TIDY_EVERY, self._tidy)

    async def _shut(self) -> None:
        """Ends what is under way, as if its client had gone, and closes."""
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        await self.engine.close()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Runs `work` in the engine's loop. To cancel the future is to cancel it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def soon(self, work: Callable[[], object]) -> None:
        """Does something in the engine's loop; nothing once that has ended."""
        if not self._closing:
            self._loop.call_soon_threadsafe(work)

    def close(self) -> None:
        """Closes, and waits for the last rows to be written."""
        if self._closing:
            return
        self._closing = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self.engine.finish()


_lock = threading.Lock()
_runtimes: dict[Path | None, Runtime] = {}
_inherited: list[Runtime] = []


def runtime(home: Path | None, variables: Mapping[str, str]) -> Runtime:
    """The engine for that home, made if need be. Raises `StoreDown`."""
    found = _runtimes.get(home)
    if found is None:
        with _lock:
            found = _runtimes.get(home)
            if found is None:
                found = _runtimes[home] = Runtime(home, variables)
    return found


def close() -> None:
    """Closes every engine of this process: calls under way are cancelled, and rows that wait are written. A later call
    makes a new one."""
    with _lock:
        found = list(_runtimes.values())
        _runtimes.clear()
    for each in found:
        each.close()


def _forked() -> None:
    """In the child: the parent's threads are not here, and its sockets and files are not ours to close."""
    global _lock
    _lock = threading.Lock()
    _inherited.extend(_runtimes.values())
    _runtimes.clear()


def _report(record: Record) -> None:
    """An attempt has ended."""
    notes = NOTES.get(None)
    if notes is not None:
        notes.records.append(record)
    if _log.isEnabledFor(logging.DEBUG):
        candidate = record.candidate
        _log.debug(
            "%s attempt %d: %s at %s (%s): %s",
            record.call.id,
            record.number + 1,
            candidate.called,
            candidate.door.base.rpartition("@")[2],
            record.why,
            record.outcome if record.status < 400 else f"{record.status} {record.outcome}",
        )


def _tell(level: str, event: str, fields: list[tuple[str, object]]) -> None:
    names = logging.getLevelNamesMapping()
    _log.log(
        names.get(level.upper(), logging.INFO), "%s %s", event, " ".join(f"{name}={value}" for name, value in fields)
    )


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
