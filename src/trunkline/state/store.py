"""The hot state: one LMDB file that all workers of a host share, exact and without a round trip.

Tables, each a named database of the same file, so that one transaction may touch several:

    holds      life + number         → Hold      attempts that may be under way at a provider
    progress   life + number         → Progress  how far one came: of older versions, which wrote it here (`noted`)
    outbox     time + life + number  → Row       attempts that ended and are not in the ledger yet
    meta       boot, clean, generation
    notes      name                  → bytes     small facts that workers learn
    counts     name                  → tally     attempts in flight, requests and tokens of a minute (`counts`)
    places     life + number         → a key of `counts`: calls at a name that lets only so many at once (`lines`)
    lines      name                  → Line      who waits for such a place
    learned    name                  → limit     how many a provider seems to let (`learned`)
    circuits   name                  → Circuit   deployments and keys that failed lately (`circuits`)
    homes      session               → deployment whose prompt cache is warm (`homes`)
    tallies    life                  → bytes     each worker's counters (`tallies`)
    responses, responses_by_age                  who made a response that its provider keeps (`responses`)
    balances   name, period, start   → what was spent, what is held (`balances`)

More tables join them by a name of their own; the layout of these stays.

A `life` is one process (`lives`). `kill -9` loses nothing (`file`); a power failure loses what the ledger had not
synced, at most the two seconds between two looks of the folder: a file from another boot that was not closed cleanly
is not believed, is put aside, and the ledger is the truth.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count, islice
from pathlib import Path

import lmdb
import msgspec

from trunkline.errors import StoreDown
from trunkline.state.balances import Balances, Spent, Unopened
from trunkline.state.boot import boot_id
from trunkline.state.burial import Burial
from trunkline.state.circuits import Change, Circuits
from trunkline.state.counts import Counts, Full
from trunkline.state.died import Price
from trunkline.state.file import Door, HotFile
from trunkline.state.homes import Homes
from trunkline.state.learned import Learned
from trunkline.state.lines import LineFull, Lines
from trunkline.state.lives import Lives
from trunkline.state.lock import FileLock
from trunkline.state.noted import Noted
from trunkline.state.pack import charged, pack, unpack_row
from trunkline.state.responses import Responses
from trunkline.state.slopes import Slopes
from trunkline.state.tallies import Tallies
from trunkline.state.traces import Traces, find
from trunkline.state.types import Cap, Circuit, Hold, Meter, Progress, Rates, Row, Seen, Taken

__all__ = ["Full", "HoldRef", "LineFull", "Price", "Spent", "State", "Unopened"]

_log = logging.getLogger("trunkline.state")


class HoldRef(msgspec.Struct, frozen=True, gc=False):
    """Names a hold to whoever took it."""

    key: bytes
    taken: tuple[Taken, ...] = ()
    """What goes back when it ends."""
    seen: Seen | None = None
    """What its counts came to."""
    funds: tuple[Taken, ...] = ()
    """What it holds of budgets."""
    soft: Sequence[Cap] = ()
    """Those budgets, if it is told of any of them when so much is spent."""


_FORGOTTEN = 50
"""Rows that are taken out of the outbox in one transaction."""


class State:
    """One process's access to the hot state. Made after the fork; `open` is the only way. Threads may share it."""

    def __init__(
        self, file: HotFile, home: Path, lives: Lives, life: bytes, lock: FileLock, clock: Callable[[], float]
    ) -> None:
        self._file, self._home, self._lives, self._life, self._lock = file, home, lives, life, lock
        self._next = count(1).__next__
        self._late: list[tuple[HoldRef, Row, int | None]] = []
        self._late_lock = threading.Lock()
        self._holds = file.table(b"holds")
        self._progress = file.table(b"progress")
        self._noted = Noted(lives.noted(life))
        self._outbox = file.table(b"outbox")
        self._meta = file.table(b"meta")
        self._notes = file.table(b"notes")
        self._counts = Counts(file, clock)
        self._circuits = Circuits(file, life)
        self._homes = Homes(file)
        self._slopes = Slopes(file)
        self._learned = Learned(file, self._counts, clock)
        self.lines = Lines(file, life, self._counts, self._learned, clock, self._next)
        self._balances = Balances(file, self._outbox)
        self._burial = Burial(file, lives, life, self._counts, self._circuits, self.lines, self._balances)
        self.tallies = Tallies(file, lives, life)
        """Each worker's counters."""
        self.responses = Responses(file)

    @classmethod
    def open(cls, home: Path, clock: Callable[[], float] = time.monotonic) -> State:
        """The state in `home`, which is made if need be. Raises `StoreDown` that says what to do.

        `clock` is what windows run on: monotonic seconds, the same in all processes of the machine.
        """
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            lives = Lives(home)
            with Door(home):
                file = HotFile(home, alone=not lives.alive())
                try:
                    state = cls(file, home, lives, *lives.begin(), clock)
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

    def hold(self, hold: Hold, counts: Sequence[Meter] = (), budgets: Sequence[Cap] = ()) -> HoldRef:
        """Writes down that a request is about to leave, counts it, and holds what it may cost: all of it, or nothing.

        Raises `Spent` when a budget has no room, `Shared` when a fallback is to be asked first, `Unopened` when the
        ledger has to tell first what was spent, `Full` when a limit is reached, and `StoreDown`: then it must not
        leave. Fills in `hold.taken` and `hold.funds`.
        """
        if self._late:
            self._settle_late()
        key = self._life + self._next().to_bytes(8, "big")
        file, holds = self._file, self._holds
        if not counts and not budgets:
            file.put(key, pack(hold), holds)
            return HoldRef(key)
        now, seen = time.time(), None
        soft: Sequence[Cap] = ()
        while True:
            transaction = file.begin()
            try:
                if budgets:
                    hold.funds, soft = self._balances.take(transaction, budgets, now)
                else:
                    hold.funds = ()
                if counts:
                    hold.taken, seen = self._counts.take(transaction, counts)
                transaction.put(key, pack(hold), True, True, False, holds)
            except BaseException as error:  # noqa: BLE001 - it goes on from there
                file.abort(transaction, error)
                continue
            if file.commit(transaction):
                return HoldRef(key, hold.taken, seen, hold.funds, soft)

    def note(self, ref: HoldRef, progress: Progress) -> None:
        """Writes down how far a streamed answer came: some stores into memory. Raises `StoreDown`."""
        self._noted.put(ref.key, progress)

    def settle(self, ref: HoldRef, row: Row, tokens: int | None = None) -> Sequence[tuple[Cap, int]]:
        """Ends a hold: it goes, what it counted goes back, and its row waits for the ledger. Raises `KeyError` when it
        has ended already. Gives the budgets whose `Cap.soft` is reached by it, with what is spent of them.

        `tokens`: what was really used, put in the place of what the counts held; None: that stands.
        Where the file takes nothing the row is kept in this process and written when it can be: the provider has been
        called, and refusing would help nobody. Until then no new request is let out.
        """
        try:
            return self._end(ref, row, tokens)
        except StoreDown:
            with self._late_lock:
                self._late.append((ref, row, tokens))
            return ()

    def _end(self, ref: HoldRef, row: Row, tokens: int | None) -> Sequence[tuple[Cap, int]]:
        row.charged = charged(ref.funds)
        file, key, packed = self._file, ref.key, pack(row)
        now = time.time_ns()
        reached: Sequence[tuple[Cap, int]] = ()
        while True:
            transaction = file.begin()
            try:
                if not transaction.delete(key, b"", self._holds):
                    raise KeyError(f"the hold of {row.attempt} has ended already")
                if ref.taken:
                    self._counts.give(transaction, ref.taken, tokens)
                if ref.funds:
                    if ref.soft:
                        reached = self._balances.reached(transaction, ref.funds, ref.soft, row)
                    self._balances.give(transaction, ref.funds, row.billed, row.value, now / 1e9)
                transaction.put(now.to_bytes(8, "big") + key, packed, True, True, False, self._outbox)
            except BaseException as error:  # noqa: BLE001 - it goes on from there
                file.abort(transaction, error, "end")
                continue
            if file.commit(transaction, "end"):
                self._noted.end(key)
                return reached

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
                return list(islice(cursor, most))

        return [(key, unpack_row(value)) for key, value in self._file.read(first)]

    def forget(self, keys: Sequence[bytes]) -> None:
        """Takes rows out of the outbox: they are in the ledger now. Some at a time, since a request that is about to
        leave waits for a transaction of this. Raises `StoreDown`."""
        for at in range(0, len(keys), _FORGOTTEN):
            some = keys[at : at + _FORGOTTEN]

            def drop(transaction: lmdb.Transaction[bytes], some: Sequence[bytes] = some) -> None:
                # They stand in a row, and after a deletion the cursor stands on the next one. One that settled just now
                # may have an earlier time, and stand between them.
                with transaction.cursor(self._outbox) as cursor:
                    key, delete = cursor.key, cursor.delete
                    cursor.set_range(some[0])
                    for each in some:
                        if key() == each or (cursor.set_range(each) and key() == each):
                            delete()

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
        return find(self._file.read, tables, self._lives, request, self._noted)

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

    def used(self, names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """For each name: attempts in flight, requests and tokens of the last minute. One moment of all."""
        return self._counts.used(names)

    def rates(self, names: Sequence[str]) -> dict[str, Rates]:
        """The same, and in how many seconds the minute will be empty if nothing is added."""
        return self._counts.rates(names)

    def open_balances(self, opened: Mapping[bytes, int]) -> None:
        """Puts in what the ledger says was spent (`balance_of` → nano-dollars); what is there already stays."""
        self._balances.open(opened, time.time())

    def balances(self, budgets: Sequence[Cap]) -> list[tuple[int, int] | None]:
        """(settled, held) of each budget, nano-dollars, at one moment; None: not used lately, so the ledger knows."""
        return self._balances.told(budgets)

    def circuits(self, names: Sequence[str]) -> dict[str, Circuit]:
        """Those of the names that have a circuit. An empty table costs nothing, and is up to 20 ms old."""
        return self._circuits.found(names)

    def all_circuits(self) -> dict[str, Circuit]:
        """Every circuit there is."""
        return self._circuits.every()

    def mend(self, name: str, change: Change) -> tuple[Circuit | None, Circuit | None]:
        """Changes a circuit as one: before and after. `change` may be called twice; None deletes it."""
        return self._circuits.mend(name, change)

    def probe(self, name: str, now: float) -> bool:
        """Takes the single probe of a circuit: whether the caller may try it out. `now` is unix time."""
        return self._circuits.probe(name, now)

    def unprobe(self, name: str, now: float) -> None:
        """Gives back a probe, taken at `now`, that came to no verdict: its client left, say."""
        self._circuits.unprobe(name, now)

    def home_of(self, session: str) -> str | None:
        """The deployment whose prompt cache is warm for the session."""
        return self._homes.of(session)

    def settle_in(self, session: str, deployment: str, now: float) -> None:
        """From now on the session is at home there. Written when that changes, else once a minute."""
        self._homes.settle(session, deployment, now)

    def spent_lately(self, session: str, now: float) -> int:
        """Nano-dollars that the session spent within the last hour, as far as `spend` was told."""
        return self._slopes.of(session, now)

    def spend(self, session: str, nano: int, now: float) -> None:
        """The session spent that much. Raises `StoreDown`."""
        self._slopes.add(session, nano, now)

    def learned(self, name: str) -> int:
        """The limit of calls at once that the name's refusals taught; 0: none."""
        return self._learned.of(name)

    def crowded(self, name: str) -> int:
        """One of the calls in flight there was refused for being too many: the limit that is learned from it."""
        return self._learned.lower(name)

    def reap(self, price: Price, now: float) -> int:
        """Settles what dead workers left, and says how many attempts that were; then tidies a little. `now` is unix
        time. Safe to be called by all at once."""
        self._file.sweep()
        settled = self._burial.reap(price, now)
        self._counts.sweep()
        self._balances.sweep(now)
        self._circuits.sweep(now)
        self._homes.sweep(now)
        self._slopes.sweep(now)
        self._learned.sweep()
        return settled

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
            self._noted.close()
            self._lock.release(delete=True)
