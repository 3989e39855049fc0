"""Places: calls in flight at one name, at most so many over all workers, and who waits for one.

    places   life + number → the count that it is counted in
    lines    name → `Line`, while somebody waits

A place is a flight of the name's count. Where nobody waits, taking one is one small write and giving it back another.
Those who wait are told by nobody: they look (`ready`), and take (`take`) what is theirs to take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import lmdb
import msgspec

from trunkline.state.counts import Counts
from trunkline.state.file import HotFile
from trunkline.state.learned import Learned
from trunkline.state.line import Line, Ticket
from trunkline.state.names import key_of

_GRACE = 5.0
"""Seconds after its deadline that a ticket is left to its owner."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Line).decode


class LineFull(Exception):
    """So many wait already that nobody else may. `waiting`: how many."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} wait already")
        self.waiting = waiting


class Lines:
    """The tables. `clock` is monotonic, `number` gives numbers that this life has not used."""

    def __init__(
        self,
        file: HotFile,
        life: bytes,
        counts: Counts,
        learned: Learned,
        clock: Callable[[], float],
        number: Callable[[], int],
    ) -> None:
        self._file, self._life, self._counts, self._learned = file, life, counts, learned
        self._clock, self._number = clock, number
        self.places = file.table(b"places")
        self._lines = file.table(b"lines")

    def enter(self, name: str, limit: int, session: str, most: int, wait: float) -> tuple[int, bool]:
        """A place, or a ticket in the line: its number, and whether it is a place. Raises `LineFull`, `StoreDown`.

        `limit` 0: as many as a learned limit allows. `most` may wait, each at most `wait` seconds.
        """
        number = self._number()

        def write(transaction: lmdb.Transaction[bytes]) -> tuple[int, bool]:
            line = self._line(transaction, name)
            free = self._free(transaction, name, limit)
            if free is None or free > len(line):
                # There is a place for each who waits, and one more.
                self._place(transaction, name, number)
                return number, True
            if len(line) >= most:
                raise LineFull(len(line))
            line.join(key_of(session), Ticket(self._life, number, self._clock() + wait + _GRACE))
            self._put(transaction, name, line)
            return number, False

        return self._file.write(write)

    def ready(self, name: str, limit: int, numbers: Sequence[int]) -> list[int]:
        """Which of this process's tickets have a place now. Writes nothing."""

        def read(transaction: lmdb.Transaction[bytes]) -> list[int]:
            free = self._free(transaction, name, limit)
            if free is not None and free <= 0:
                return []
            first = list(self._line(transaction, name).order())[:free]
            own = {ticket.number for ticket in first if ticket.life == self._life}
            return [number for number in numbers if number in own]

        return self._file.read(read)

    def take(self, name: str, limit: int, number: int) -> bool:
        """Makes a ticket a place under the same number, if it is its turn."""

        def write(transaction: lmdb.Transaction[bytes]) -> bool:
            line = self._line(transaction, name)
            free = self._free(transaction, name, limit)
            if free is not None and free <= 0:
                return False
            if not any(each.number == number and each.life == self._life for each in list(line.order())[:free]):
                return False
            line.serve(self._life, number)
            self._put(transaction, name, line)
            self._place(transaction, name, number)
            return True

        return self._file.write(write, "end")

    def leave(self, name: str, number: int) -> None:
        """Takes a ticket out of the line."""

        def write(transaction: lmdb.Transaction[bytes]) -> None:
            line = self._line(transaction, name)
            line.leave(self._life, number)
            self._put(transaction, name, line)

        self._file.write(write, "empty")

    def give(self, number: int) -> None:
        """Gives a place back; one that was given back already stays so."""

        def write(transaction: lmdb.Transaction[bytes]) -> None:
            counted = transaction.pop(self._life + number.to_bytes(8, "big"), db=self.places)
            if counted is not None:
                self._counts.land(transaction, counted)

        self._file.write(write, "empty")

    def taken(self) -> int:
        """How many places are taken, of all names."""
        return self._file.read(lambda transaction: transaction.stat(self.places)["entries"])

    def waiting(self) -> dict[str, int]:
        """How many wait, by name."""

        def read(transaction: lmdb.Transaction[bytes]) -> list[bytes]:
            with transaction.cursor(db=self._lines) as cursor:
                return [packed for _, packed in cursor]

        lines = [_decode(packed) for packed in self._file.read(read)]
        return {line.name.decode("utf-8", "surrogatepass"): len(line) for line in lines}

    def lives(self, transaction: lmdb.Transaction[bytes]) -> set[bytes]:
        """Who has tickets in a line."""
        with transaction.cursor(db=self._lines) as cursor:
            lines = [_decode(packed) for _, packed in cursor]
        return {ticket.life for line in lines for session in line.ring for ticket in session.tickets}

    def bury(self, transaction: lmdb.Transaction[bytes], life: bytes) -> None:
        """Gives back what a dead life had, and takes its tickets out."""
        with transaction.cursor(db=self.places) as cursor:
            more = cursor.set_range(life)
            while more and cursor.key().startswith(life):
                self._counts.land(transaction, cursor.value())
                more = cursor.delete() and bool(cursor.key())
        with transaction.cursor(db=self._lines) as cursor:
            found = [_decode(packed) for _, packed in cursor]
        for line in found:
            if line.leave(life):
                self._put(transaction, line.name.decode("utf-8", "surrogatepass"), line)

    def _line(self, transaction: lmdb.Transaction[bytes], name: str) -> Line:
        packed = transaction.get(key_of(name), db=self._lines)
        if packed is None:
            return Line(name.encode("utf-8", "surrogatepass"), [])
        line = _decode(packed)
        line.expire(self._clock())
        return line

    def _put(self, transaction: lmdb.Transaction[bytes], name: str, line: Line) -> None:
        if line.ring:
            transaction.put(key_of(name), _encode(line), db=self._lines)
        else:
            transaction.delete(key_of(name), db=self._lines)

    def _free(self, transaction: lmdb.Transaction[bytes], name: str, limit: int) -> int | None:
        """Places that are free; None: as many as anybody wants."""
        learned = self._learned.limit(transaction, name)
        most = min(limit, learned) if limit and learned else limit or learned
        return most - self._counts.flights(transaction, key_of(name)) if most else None

    def _place(self, transaction: lmdb.Transaction[bytes], name: str, number: int) -> None:
        counted = key_of(name)
        self._counts.fly(transaction, counted)
        transaction.put(self._life + number.to_bytes(8, "big"), counted, db=self.places)
