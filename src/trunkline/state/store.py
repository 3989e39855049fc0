"""The hot state: one LMDB file that all workers of a host share, exact and without a round trip.

Tables, each a named database of the same file, so that one transaction may touch several:

    holds      life + number         → Hold      attempts that may be under way at a provider
    progress   life + number         → Progress  how far a streamed one came
    outbox     time + life + number  → Row       attempts that ended and are not in the ledger yet
    meta       boot, clean, generation
    notes      name                  → bytes     small facts that workers learn
    tallies    life                  → bytes     each worker's counters (`tallies`)

More tables (balances, windows, circuits) join them by a name of their own; the layout of these stays.

A `life` is one process (`lives`). `kill -9` loses nothing (`file`); a power failure loses what the ledger had not
synced, at most the two seconds between two looks of the folder: a file from another boot that was not closed cleanly
is not believed, is put aside, and the ledger is the truth.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import lmdb

from trunkline.errors import StoreDown
from trunkline.state.boot import boot_id
from trunkline.state.died import Price, died
from trunkline.state.file import Door, HotFile
from trunkline.state.lives import SIZE, Lives
from trunkline.state.lock import FileLock
from trunkline.state.pack import pack, unpack_hold, unpack_progress, unpack_row
from trunkline.state.tallies import Tallies
from trunkline.state.traces import Traces, find
from trunkline.state.types import Hold, Progress, Row

__all__ = ["HoldRef", "Price", "State"]

_log = logging.getLogger("trunkline.state")

_GROUP = 256
"""Holds of a dead worker that are settled in one transaction."""


@dataclass(frozen=True, slots=True)
class HoldRef:
    """Names a hold to whoever took it."""

    key: bytes


class State:
    """One process's access to the hot state. Made after the fork; `open` is the only way. Threads may share it."""

    def __init__(self, file: HotFile, home: Path, lives: Lives, life: bytes, lock: FileLock) -> None:
        self._file, self._home, self._lives, self._life, self._lock = file, home, lives, life, lock
        self._number = 0
        self._late: list[tuple[bytes, Row]] = []
        self._late_lock = threading.Lock()
        self._holds = file.table(b"holds")
        self._progress = file.table(b"progress")
        self._outbox = file.table(b"outbox")
        self._meta = file.table(b"meta")
        self._notes = file.table(b"notes")
        self.tallies = Tallies(file, lives, life)
        """Each worker's counters."""

    @classmethod
    def open(cls, home: Path) -> State:
        """The state in `home`, which is made if need be. Raises `StoreDown` that says what to do."""
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            lives = Lives(home)
            with Door(home):
                file = HotFile(home, alone=not lives.alive())
                try:
                    state = cls(file, home, lives, *lives.begin())
                    state._mark(clean=False)
                except BaseException:
                    file.close()
                    raise
        except (OSError, lmdb.Error) as error:
            raise StoreDown(
                f"The shared state in {home} cannot be opened: {error}.",
                remedy="Give the folder to this user with room on its disk, or set TRUNKLINE_HOME to another.",
            ) from None
        return state

    def _mark(self, *, clean: bool) -> None:
        def mark(transaction: lmdb.Transaction[bytes]) -> None:
            transaction.put(b"boot", boot_id().encode(), db=self._meta)
            transaction.put(b"clean", b"1" if clean else b"0", db=self._meta)

        self._file.write(mark, "end")
        self._file.sync()

    def hold(self, hold: Hold) -> HoldRef:
        """Writes down that a request is about to leave. Raises `StoreDown`: then it must not leave."""
        if self._late:
            self._settle_late()
        self._number += 1
        key = self._life + self._number.to_bytes(8, "big")
        packed = pack(hold)
        self._file.write(lambda transaction: transaction.put(key, packed, db=self._holds))
        return HoldRef(key)

    def note(self, ref: HoldRef, progress: Progress) -> None:
        """Writes down how far a streamed answer came. Raises `StoreDown`."""
        packed = pack(progress)
        self._file.write(lambda transaction: transaction.put(ref.key, packed, db=self._progress), "end")

    def settle(self, ref: HoldRef, row: Row) -> None:
        """Ends a hold: it goes, and its row waits for the ledger. Raises `KeyError` when it has ended already.

        Where the file takes nothing the row is kept in this process and written when it can be: the provider has been
        called, and refusing would help nobody. Until then no new request is let out.
        """
        try:
            self._end(ref.key, row)
        except StoreDown:
            with self._late_lock:
                self._late.append((ref.key, row))

    def _end(self, key: bytes, row: Row) -> None:
        packed = pack(row)
        at = time.time_ns().to_bytes(8, "big") + key

        def end(transaction: lmdb.Transaction[bytes]) -> bool:
            if not transaction.delete(key, db=self._holds):
                return False
            if row.streamed:
                transaction.delete(key, db=self._progress)
            return transaction.put(at, packed, db=self._outbox)

        if not self._file.write(end, "end"):
            raise KeyError(f"the hold of {row.attempt} has ended already")

    def _settle_late(self) -> None:
        """Writes what could not be written before. Raises `StoreDown` while it still cannot."""
        with self._late_lock:
            while self._late:
                try:
                    self._end(*self._late[0])
                except KeyError as defect:
                    _log.error("%s", defect)
                del self._late[0]

    def outbox(self, most: int) -> list[tuple[bytes, Row]]:
        """The oldest rows that are not in the ledger yet. Raises `StoreDown`."""
        if self._late:
            self._settle_late()

        def first(transaction: lmdb.Transaction[bytes]) -> list[tuple[bytes, bytes]]:
            with transaction.cursor(db=self._outbox) as cursor:
                return [pair for _, pair in zip(range(most), cursor, strict=False)]

        return [(key, unpack_row(value)) for key, value in self._file.read(first)]

    def forget(self, keys: Sequence[bytes]) -> None:
        """Takes rows out of the outbox: they are in the ledger now. Raises `StoreDown`."""

        def drop(transaction: lmdb.Transaction[bytes]) -> None:
            for key in keys:
                transaction.delete(key, db=self._outbox)

        self._file.write(drop, "empty")

    def pending(self) -> int:
        """Rows that are not in the ledger yet."""
        return len(self._late) + self._file.read(lambda transaction: transaction.stat(self._outbox)["entries"])

    def live(self) -> int:
        """Attempts that may be under way, of all workers."""
        return self._file.read(lambda transaction: transaction.stat(self._holds)["entries"])

    def traces(self, request: str) -> Traces:
        """What is known of a request here: the rest is in the ledger. May take long; raises `StoreDown`."""
        tables = {"holds": self._holds, "progress": self._progress, "outbox": self._outbox}
        return find(self._file.read, tables, self._lives, request)

    def generation(self) -> int:
        """A number that grows when configuration or keys change."""
        told = self._file.read(lambda transaction: transaction.get(b"generation", b"", db=self._meta))
        return int.from_bytes(told, "big")

    def advance(self) -> int:
        """The next generation; every worker sees it."""

        def more(transaction: lmdb.Transaction[bytes]) -> int:
            number = int.from_bytes(transaction.get(b"generation", b"", db=self._meta), "big") + 1
            transaction.put(b"generation", number.to_bytes(8, "big"), db=self._meta)
            return number

        return self._file.write(more)

    def remember(self, name: str, value: bytes) -> None:
        """Keeps a small fact for all workers and the next start. Raises `StoreDown`."""
        key = name.encode(errors="replace")[:400]
        self._file.write(lambda transaction: transaction.put(key, value, db=self._notes))

    def recall(self, prefix: str) -> dict[str, bytes]:
        """The facts whose names begin so."""
        beginning = prefix.encode()

        def found(transaction: lmdb.Transaction[bytes]) -> dict[str, bytes]:
            facts: dict[str, bytes] = {}
            with transaction.cursor(db=self._notes) as cursor:
                more = cursor.set_range(beginning)
                while more and cursor.key().startswith(beginning):
                    key, value = cursor.item()
                    facts[key.decode(errors="replace")] = value
                    more = cursor.next()
            return facts

        return self._file.read(found)

    def reap(self, price: Price, now: float) -> int:
        """Settles what dead workers left, and says how many attempts that were. Safe to be called by all at once.

        A life's holds may be ended by whoever obtains its lock: nobody else can, and its owner is gone.
        """
        count = 0
        self._file.sweep()
        for life in self._lives.listed() | self._file.read(self._holders):
            if life == self._life:
                continue
            lock = self._lives.lock(life)
            if not lock.obtain():
                continue
            buried = False
            try:
                while settled := self._bury(life, price, now):
                    count += settled
                buried = True
            finally:
                lock.release(delete=buried)
        return count

    def _holders(self, transaction: lmdb.Transaction[bytes]) -> set[bytes]:
        """Every life that has holds: one jump a life."""
        found: set[bytes] = set()
        with transaction.cursor(db=self._holds) as cursor:
            more = cursor.first()
            while more:
                life = cursor.key()[:SIZE]
                found.add(life)
                more = cursor.set_range(life + b"\xff" * 8)
        return found

    def _bury(self, life: bytes, price: Price, now: float) -> int:
        """Settles some of a dead life's holds. Priced before the transaction: others wait for its end."""

        def left(transaction: lmdb.Transaction[bytes]) -> list[tuple[bytes, bytes, bytes | None]]:
            found: list[tuple[bytes, bytes, bytes | None]] = []
            with transaction.cursor(db=self._holds) as cursor:
                more = cursor.set_range(life)
                while more and cursor.key()[:SIZE] == life and len(found) < _GROUP:
                    key, value = cursor.item()
                    found.append((key, value, transaction.get(key, db=self._progress)))
                    more = cursor.next()
            return found

        at = time.time_ns().to_bytes(8, "big")
        rows: list[tuple[bytes, bytes]] = []
        for key, value, noted in self._file.read(left):
            progress = None if noted is None else unpack_progress(noted)
            rows.append((key, pack(died(unpack_hold(value), progress, price, now))))

        def end(transaction: lmdb.Transaction[bytes]) -> None:
            for key, row in rows:
                transaction.delete(key, db=self._holds)
                transaction.delete(key, db=self._progress)
                transaction.put(at + key, row, db=self._outbox)

        if rows:
            self._file.write(end, "end")
        return len(rows)

    def close(self) -> None:
        """Closes cleanly. The last one out says so in the file, which is then believed after another boot."""
        try:
            if self._late:
                self._settle_late()
            with Door(self._home):
                if not self._lives.alive(but=self._life):
                    self._file.sync()
                    self._mark(clean=True)
        except (StoreDown, OSError) as error:
            _log.error("the shared state in %s was not closed cleanly: %s", self._home, error)
        finally:
            self._file.close()
            self._lock.release(delete=True)
