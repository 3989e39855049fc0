"""What dead workers leave: their attempts are settled upward, and what they counted, held or waited for goes back.

A life's belongings may be ended by whoever obtains its lock: nobody else can, and its owner is gone.
"""

from __future__ import annotations

import time

import lmdb

from trunkline.state.balances import Balances
from trunkline.state.circuits import Circuits
from trunkline.state.counts import Counts
from trunkline.state.died import Price, died
from trunkline.state.file import HotFile
from trunkline.state.lines import Lines
from trunkline.state.lives import SIZE, Lives
from trunkline.state.noted import noted, number_of
from trunkline.state.pack import charged, pack, unpack_hold, unpack_progress
from trunkline.state.types import Hold, Progress, Row

_GROUP = 256
"""Holds of a dead worker that are settled in one transaction."""


class Burial:
    """For the lives of others."""

    def __init__(
        self,
        file: HotFile,
        lives: Lives,
        life: bytes,
        counts: Counts,
        circuits: Circuits,
        lines: Lines,
        balances: Balances,
    ) -> None:
        self._file, self._lives, self._life = file, lives, life
        self._counts, self._circuits, self._lines = counts, circuits, lines
        self._balances = balances
        self._holds = file.table(b"holds")
        self._progress = file.table(b"progress")
        self._outbox = file.table(b"outbox")

    def reap(self, price: Price, now: float) -> int:
        """Buries every dead life, and says how many attempts that ended. Safe to be called by all at once."""
        count = 0
        for life in self._lives.listed() | self._file.read(self._owners):
            if life == self._life:
                continue
            lock = self._lives.lock(life)
            if not lock.obtain():
                continue
            buried = False
            try:
                self._release(life)
                path = self._lives.noted(life)
                told = {} if path is None else noted(path)
                while settled := self._settle(life, told, price, now):
                    count += settled
                if path is not None:
                    path.unlink(missing_ok=True)
                buried = True
            finally:
                lock.release(delete=buried)
        return count

    def _owners(self, transaction: lmdb.Transaction[bytes]) -> set[bytes]:
        """Every life that has holds, places or tickets: one jump a life, and a look at each line."""
        found = self._lines.lives(transaction)
        for table in (self._holds, self._lines.places):
            with transaction.cursor(db=table) as cursor:
                more = cursor.first()
                while more:
                    life = cursor.key()[:SIZE]
                    found.add(life)
                    more = cursor.set_range(life + b"\xff" * 8)
        return found

    def _release(self, life: bytes) -> None:
        def write(transaction: lmdb.Transaction[bytes]) -> None:
            self._lines.bury(transaction, life)
            self._circuits.bury(transaction, life)

        self._file.write(write, "empty")

    def _settle(self, life: bytes, told: dict[bytes, Progress], price: Price, now: float) -> int:
        """Settles some of a dead life's holds; `told`: how far they came. Priced before the transaction: others wait
        for its end."""

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
        ended: list[tuple[bytes, bytes, Hold, Row]] = []
        for key, value, older in self._file.read(left):
            hold = unpack_hold(value)
            progress = told.get(number_of(key)) or (unpack_progress(older) if older is not None else None)
            row = died(hold, progress, price, now)
            row.charged = charged(hold.funds)
            ended.append((key, pack(row), hold, row))

        def end(transaction: lmdb.Transaction[bytes]) -> None:
            for key, packed, hold, row in ended:
                if not transaction.delete(key, db=self._holds):
                    continue
                transaction.delete(key, db=self._progress)
                # In doubt, tokens are counted upward: what was held stands, or what was seen, if that is more.
                for each in hold.taken:
                    self._counts.give(transaction, (each,), max(_tokens(row), each[2]))
                if hold.funds:
                    self._balances.give(transaction, hold.funds, row.billed, row.value, now)
                transaction.put(at + key, packed, db=self._outbox)

        if ended:
            self._file.write(end, "end")
        return len(ended)


def _tokens(row: Row) -> int:
    return row.input + row.cache_read + row.cache_write + row.output
