"""Carries ended attempts from the hot state into the ledger, off the event loop. One process of a host does it."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from pathlib import Path

from trunkline.errors import StoreDown
from trunkline.ledger.sqlite import connect, insert
from trunkline.state.lock import FileLock
from trunkline.state.store import Price, State

_log = logging.getLogger("trunkline.ledger")

EVERY = 0.2
"""Seconds between two looks into the outbox."""
_REAP_EVERY = 1.0
_SYNC_EVERY = 2.0
_BATCH = 200
_LAST = 3.0
"""Seconds that the outbox is emptied for at the end; what is left then waits for the next start."""


class Folder:
    """A thread. Each worker has one; whichever holds the lock works, and the others stand by."""

    def __init__(self, state: State, home: Path, price: Price) -> None:
        self._state, self._home, self._price = state, home, price
        self._lock = FileLock(home / "fold.lock")
        self._stop = threading.Event()
        self._connection: sqlite3.Connection | None = None
        self._broken = False
        self._reaped = self._synced = 0.0
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
            self.once()
        # Whoever is last to end finds the lock free: no row of a clean stop waits for the next start.
        until = time.monotonic() + _LAST
        while time.monotonic() < until:
            self.once()
            if self._lock.held or self._state.pending() == 0:
                break
            time.sleep(0.05)
        if self._connection is not None:
            self._connection.close()
        self._lock.release()

    def once(self) -> int:
        """One look: reaps, folds, syncs. The number of rows that were carried over."""
        try:
            if not self._lock.obtain():
                return 0
            now = time.monotonic()
            if now - self._reaped > _REAP_EVERY:
                self._reaped = now
                died = self._state.reap(self._price, time.time())
                if died:
                    _log.warning("%d attempts of workers that died were settled upward, as estimates", died)
            carried = self._fold()
            if now - self._synced > _SYNC_EVERY:
                self._synced = now
                self._state.sync()
        except (sqlite3.Error, OSError, StoreDown) as error:
            self._fail(error)
            return 0
        if self._broken and carried:
            self._broken = False
            _log.warning("the ledger takes rows again")
        return carried

    def _fold(self) -> int:
        carried = 0
        while True:
            batch = self._state.outbox(_BATCH)
            if not batch:
                return carried
            if self._connection is None:
                self._connection = connect(self._home)
            insert(self._connection, (row for _, row in batch))
            # A crash here hands the same rows over again, and the ledger takes none of them twice.
            self._state.forget([key for key, _ in batch])
            carried += len(batch)
            if len(batch) < _BATCH:
                return carried

    def _fail(self, error: Exception) -> None:
        """Rows stay in the outbox; said once, not five times a second."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if not self._broken:
            self._broken = True
            _log.error("the ledger takes no rows: %s. They wait in the shared state; nothing is lost.", error)
