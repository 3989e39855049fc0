"""Carries ended attempts from the hot state into the ledger, off the event loop. One process of a host does it.

While there is little to write, a thread of a process that serves does it, as one of a few milliseconds a second. Where
there is much, that thread and the event loop would wait for each other, so it starts a process for it (`Writer`) and
hands over its lock.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from trunkline.errors import StoreDown
from trunkline.ledger import prune
from trunkline.ledger.sqlite import FILE, connect, insert, sync
from trunkline.state.lock import FileLock
from trunkline.state.store import Price, State

_log = logging.getLogger("trunkline.ledger")

EVERY = 0.2
"""Seconds between two looks into the outbox."""
_REAP_EVERY = 1.0
_SYNC_EVERY = 2.0
"""Seconds of rows that a power failure may take: what SQLite has not synced by then is."""
_PATIENCE = 1.0
"""Seconds that rows wait for company where the ledger was written just now: a sum that many of them add to is written
once for all."""
_BATCH = 1000
_AT_ONCE = 10_000
"""Rows carried over in one look: what dead workers hold is not to wait for a long backlog."""
_LAST = 3.0
"""Seconds that the outbox is emptied for at the end; what is left then waits for the next start."""
_MUCH = 250
"""Rows of one look, or so many a second, that are too many for a thread beside an event loop: some 4 ms of work."""
_HIRE_EVERY = 60.0
"""Seconds between two starts of a writer: one that cannot live costs little."""


class Writer(Protocol):
    """A process that folds in the place of this one."""

    pid: int

    def ended(self) -> int | None:
        """Its exit code; None while it lives."""

    def tell(self, keep: float | None) -> None:
        """How long rows are kept from now on, seconds."""

    def stop(self, within: float) -> None:
        """Lets it empty the outbox and end, which takes at most so many seconds."""


Hire = Callable[[FileLock, float | None], Writer]
"""(lock that is held, how long rows are kept) → a writer, which has the lock from then on. Raises `OSError`."""


class Folder:
    """A thread. Each worker has one; whichever holds the lock works, and the others stand by."""

    def __init__(
        self,
        state: State,
        home: Path,
        price: Price | None = None,
        keep: float | None = None,
        hire: Hire | None = None,
        lock: FileLock | None = None,
    ) -> None:
        """`price`: what dead workers' attempts are settled at; without it they are left to others. `keep`: seconds
        after which rows are pruned, by whole days; None keeps all. `hire`: starts a process that writes where there is
        much. `lock`: the one that is held already."""
        self._state, self._home, self._hire = state, home, hire
        self.price, self.keep = price, keep
        """Both may be replaced while it runs."""
        self._lock = lock or FileLock(home / "fold.lock")
        self._reaping = FileLock(home / "reap.lock")
        self._writer: Writer | None = None
        self._hired = -_HIRE_EVERY
        self._told: float | None = None
        self._stop = threading.Event()
        self._connection: sqlite3.Connection | None = None
        self._identity: os.stat_result | None = None
        self._trouble = ""
        self._dirty = False
        self._reaped = self._synced = self._folded = 0.0
        self._pruned = 0
        self._thread = threading.Thread(target=self._run, name="fold", daemon=True)

    def start(self) -> None:
        """Begins. Opens the ledger at once, so that one that cannot be used stops the start. Raises `StoreDown`."""
        try:
            connect(self._home).close()
        except (sqlite3.Error, OSError) as error:
            raise StoreDown(
                f"The ledger in {self._home} cannot be opened: {error}.",
                remedy="Mend or move the file ledger.sqlite, or set TRUNKLINE_HOME to another folder.",
            ) from None
        self._thread.start()

    def stop(self) -> None:
        """Empties the outbox as far as time allows, and ends."""
        self._stop.set()
        self._thread.join(2 * _LAST + 2)

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self.once(patient=True)
        if self._writer is not None:
            self._writer.stop(_LAST + 1)
            self._writer = None
        # Whoever is last to end finds the lock free: no row of a clean stop waits for the next start.
        until = time.monotonic() + _LAST
        while time.monotonic() < until:
            self.once()
            if self._lock.held or not self._pending():
                break
            time.sleep(0.05)
        self._disconnect()
        self._lock.release()
        self._reaping.release()

    def _pending(self) -> int:
        try:
            return self._state.pending()
        except StoreDown as error:
            self._fail(error)
            return 0

    def once(self, *, patient: bool = False) -> int:
        """One look: reaps, folds, syncs, prunes. How many rows were carried over. Never raises: the thread goes on.

        `patient`: few rows may wait for more, up to a second after the last ones were written.
        """
        try:
            now = time.monotonic()
            self._reap(now)
            if self._writes_elsewhere() or not self._lock.obtain():
                return 0
            carried = 0 if patient and self._waits(now) else self._fold(now)
            self._prune()
            if self._dirty and now - self._synced > _SYNC_EVERY:
                self._sync(now)
            if patient and carried > _MUCH:
                self._hand_over(now)
        except (sqlite3.Error, OSError, StoreDown) as error:
            self._fail(error)
            return 0
        except Exception as error:  # noqa: BLE001 - a defect must not end the one thread that holds the lock
            self._fail(error)
            return 0
        if self._trouble:
            self._trouble = ""
            _log.warning("the ledger takes rows again")
        return carried

    def _reap(self, now: float) -> None:
        """Settles what dead workers left: whoever folds, this needs the prices of a process that serves."""
        if self.price is None or now - self._reaped <= _REAP_EVERY or not self._reaping.obtain():
            return
        self._reaped = now
        died = self._state.reap(self.price, time.time())
        if died:
            _log.warning("%d attempts of workers that died were settled upward, as estimates", died)

    def _writes_elsewhere(self) -> bool:
        """Whether a writer of ours is at work; one that has died is told of, and this takes its place."""
        if self._writer is None:
            return False
        code = self._writer.ended()
        if code is not None:
            _log.warning("the process that wrote the ledger ended (%d); a thread of this one writes it", code)
            self._writer = None
            return False
        if self._told != self.keep:
            self._told = self.keep
            self._writer.tell(self._told)
        return True

    def _hand_over(self, now: float) -> None:
        """Lets a process of its own write from now on, which has the lock before this lets go of it."""
        if self._hire is None or now - self._hired < _HIRE_EVERY:
            return
        self._hired, self._told = now, self.keep
        if self._dirty:
            self._sync(now)
        self._disconnect()
        try:
            self._writer = self._hire(self._lock, self._told)
        except OSError as error:
            _log.warning("no process could be started to write the ledger (%s); a thread of this one goes on", error)
            return
        _log.debug("process %d writes the ledger from now on", self._writer.pid)
        self._lock.release()

    def _sync(self, now: float) -> None:
        if self._connection is not None:
            self._synced = now
            sync(self._connection)
            self._dirty = False

    def _waits(self, now: float) -> bool:
        return now - self._folded < _PATIENCE and self._state.pending() < _BATCH

    def _fold(self, now: float) -> int:
        carried = 0
        while batch := self._state.outbox(_BATCH):
            insert(self._connected(), (row for _, row in batch))
            self._dirty, self._folded = True, now
            # A crash here hands the same rows over again, and the ledger takes none of them twice.
            self._state.forget([key for key, _ in batch])
            carried += len(batch)
            if len(batch) < _BATCH or carried >= _AT_ONCE:
                break
        return carried

    def _prune(self) -> None:
        """Some rows that are too old, at each look: few enough that nobody waits."""
        keep = self.keep
        if keep is None or (day := prune.first_kept(time.time(), keep)) == self._pruned:
            return
        if prune.step(self._connected(), day) == 0:
            self._pruned = day

    def _connected(self) -> sqlite3.Connection:
        """The ledger; opened again where its file was deleted or replaced, which SQLite would not notice."""
        path = self._home / FILE
        if self._connection is not None and self._identity is not None:
            if path.exists() and os.path.samestat(self._identity, path.stat()):
                return self._connection
            _log.warning("%s was replaced: rows go into the new one", path)
            self._disconnect()
        self._connection = connect(self._home)
        self._identity = path.stat()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _fail(self, error: Exception) -> None:
        """Rows stay in the outbox; said once a trouble, not five times a second."""
        self._disconnect()
        if self._trouble != str(error):
            self._trouble = str(error)
            expected = isinstance(error, sqlite3.Error | OSError | StoreDown)
            _log.error(
                "the ledger takes no rows: %s. They wait in the shared state; nothing is lost.",
                error,
                exc_info=None if expected else error,
            )
