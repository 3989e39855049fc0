"""Carries ended attempts from the hot state into the ledger, off the event loop. One process of a host does it."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path

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


class Folder:
    """A thread. Each worker has one; whichever holds the lock works, and the others stand by."""

    def __init__(self, state: State, home: Path, price: Price, keep: float | None = None) -> None:
        """`keep`: seconds after which rows are pruned, by whole days; None keeps all."""
        self._state, self._home = state, home
        self.price, self.keep = price, keep
        """Both may be replaced while it runs."""
        self._lock = FileLock(home / "fold.lock")
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
        self._thread.join(_LAST + 2)

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self.once(patient=True)
        # Whoever is last to end finds the lock free: no row of a clean stop waits for the next start.
        until = time.monotonic() + _LAST
        while time.monotonic() < until:
            self.once()
            if self._lock.held or not self._pending():
                break
            time.sleep(0.05)
        self._disconnect()
        self._lock.release()

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
            if not self._lock.obtain():
                return 0
            now = time.monotonic()
            if now - self._reaped > _REAP_EVERY:
                self._reaped = now
                died = self._state.reap(self.price, time.time())
                if died:
                    _log.warning("%d attempts of workers that died were settled upward, as estimates", died)
            carried = 0 if patient and self._waits(now) else self._fold(now)
            self._prune()
            if self._dirty and self._connection is not None and now - self._synced > _SYNC_EVERY:
                self._synced = now
                sync(self._connection)
                self._dirty = False
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
