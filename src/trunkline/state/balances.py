"""Balances that all workers share: what was spent in a period under a name, and what live holds may still cost.

    balances   name|period|start → settled, held, last use

All inside the transaction of the hold that counts on them, so no balance can drift from the holds. Money is
nano-dollars. A balance that is not in the table is not nothing: the ledger has to say first what was spent:
`Unopened`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from struct import Struct

import lmdb

from trunkline.state.file import HotFile
from trunkline.state.names import key_of
from trunkline.state.sweep import Broom
from trunkline.state.types import Cap, Row, Taken

_UNUSED = 3600.0
"""Seconds after which a balance that nobody uses leaves the table; the ledger has it still."""
_MOST = 10**18
"""The most that a sum is believed, nano-dollars: a billion dollars, well inside 64 bits."""

_record = Struct("<QQd")
_pack, _unpack = _record.pack, _record.unpack


class Spent(Exception):
    """A budget has no room for what an attempt may cost. Of several, the one that has least."""

    def __init__(self, budget: Cap, settled: int, held: int) -> None:
        super().__init__(f"{budget.name}: {settled} + {held} + {budget.amount} > {budget.limit}")
        self.budget, self.settled, self.held = budget, settled, held

    @property
    def worst(self) -> int:
        """What the attempt may cost."""
        return self.budget.amount

    @property
    def reset(self) -> int:
        """Unix time at which the budget begins anew; 0: never."""
        return self.budget.reset

    @property
    def free(self) -> int:
        """What is left for it now."""
        return max(0, self.budget.limit - self.settled - self.held)


class Shared(Spent):
    """So much of a budget is spent that a fallback is asked first (`Cap.share`), though it may have room."""


class Unopened(Exception):
    """Balances that are not in the table: the ledger is asked, `State.open_balances` is told, then the hold is tried
    again."""

    def __init__(self, budgets: tuple[Cap, ...]) -> None:
        super().__init__(", ".join(each.name for each in budgets))
        self.budgets = budgets


@lru_cache(maxsize=4096)
def balance_of(name: str, period: str, start: int) -> bytes:
    """The key of a balance, in the table as in the ledger."""
    return b"%b|%b|%d" % (key_of(name), period.encode("ascii", "replace")[:16], start)


def told(file: HotFile, table: lmdb._Database, budgets: Sequence[Cap]) -> list[tuple[int, int] | None]:
    """(settled, held) of each budget, at one moment; None where the table has it not."""

    def read(transaction: lmdb.Transaction[bytes]) -> list[bytes | None]:
        return [transaction.get(balance_of(each.name, each.period, each.start), db=table) for each in budgets]

    return [None if packed is None else _unpack(packed)[:2] for packed in file.read(read)]


class Balances:
    """The table. Methods that are given a transaction are part of it."""

    def __init__(self, file: HotFile, outbox: lmdb._Database) -> None:
        self._file, self._outbox = file, outbox
        self._table = file.table(b"balances")
        self._broom = Broom(file, self._table)

    def take(
        self, transaction: lmdb.Transaction[bytes], budgets: Sequence[Cap], now: float
    ) -> tuple[tuple[Taken, ...], Sequence[Cap]]:
        """Holds one attempt's worst cost against every budget: what it took, and the budgets, where one of them is
        soft. Raises `Unopened`, `Shared` or `Spent`, and then the transaction must be aborted: of several that have no
        room, it names the one whose settled spend leaves least."""
        get, put, table = transaction.get, transaction.put, self._table
        taken: list[Taken] = []
        soft: Sequence[Cap] = ()
        unopened: list[Cap] = []
        spent: Spent | None = None
        shared: Shared | None = None
        for budget in budgets:
            key = budget.key or balance_of(budget.name, budget.period, budget.start)
            packed = get(key, None, table)
            if packed is None:
                unopened.append(budget)
                continue
            settled, held, _ = _unpack(packed)
            amount = budget.amount
            total = held + amount
            if (settled + total > budget.limit or budget.share) and amount:
                if budget.share and settled >= budget.share:
                    shared = Shared(budget, settled, held)
                if settled + total > budget.limit:
                    short = Spent(budget, settled, held)
                    if spent is None or budget.limit - settled < spent.budget.limit - spent.settled:
                        spent = short
            if total > _MOST:
                total = _MOST
            if budget.soft:
                soft = budgets
            put(key, _pack(settled, total, now), True, True, False, table)
            taken.append((key, budget.counts, amount, budget.start))
        if unopened:
            raise Unopened(tuple(unopened))
        if shared is not None:
            raise shared
        if spent is not None:
            raise spent
        return tuple(taken), soft

    def give(
        self, transaction: lmdb.Transaction[bytes], funds: Sequence[Taken], billed: int, value: int, now: float
    ) -> None:
        """Ends what `take` began: what was held goes, what it came to stays, in full also above the hold."""
        get, put, table = transaction.get, transaction.put, self._table
        for key, counts, amount, _ in funds:
            packed = get(key, None, table)
            if packed is None:
                # Never while a hold counts on it; a file that was mended by hand may lack one.
                continue
            settled, held, _ = _unpack(packed)
            settled += billed if counts == "b" else value
            if settled > _MOST:
                settled = _MOST
            put(key, _pack(settled, held - amount if held > amount else 0, now), True, True, False, table)

    def reached(
        self, transaction: lmdb.Transaction[bytes], funds: Sequence[Taken], budgets: Sequence[Cap], row: Row
    ) -> list[tuple[Cap, int]]:
        """Of an attempt's budgets, in the order of its funds, those whose `Cap.soft` is reached by what it is about to
        be charged, with what is spent then."""
        found: list[tuple[Cap, int]] = []
        for (key, counts, _, _), budget in zip(funds, budgets, strict=True):
            packed = transaction.get(key, None, self._table) if budget.soft else None
            if packed is None:
                continue
            before: int = _unpack(packed)[0]
            settled = min(_MOST, before + (row.value if counts == "v" else row.billed))
            if before < budget.soft <= settled:
                found.append((budget, settled))
        return found

    def open(self, opened: Mapping[bytes, int], now: float) -> None:
        """Puts in what the ledger knows was spent; a balance that is there already stays."""

        def write(transaction: lmdb.Transaction[bytes]) -> None:
            for key, settled in opened.items():
                packed = _pack(max(0, min(_MOST, settled)), 0, now)
                transaction.put(key, packed, db=self._table, overwrite=False)

        self._file.write(write)

    def told(self, budgets: Sequence[Cap]) -> list[tuple[int, int] | None]:
        """(settled, held) of each, at one moment; None where the table has it not."""
        return told(self._file, self._table, budgets)

    def sweep(self, now: float) -> None:
        """Forgets some that nobody used for an hour: the ledger has them. Not before every row that was charged to
        them is there, and not while something is held."""

        def oldest(transaction: lmdb.Transaction[bytes]) -> bytes | None:
            with transaction.cursor(db=self._outbox) as cursor:
                return cursor.key() if cursor.first() else None

        first = self._file.read(oldest)
        waiting = now if first is None else int.from_bytes(first[:8], "big") / 1e9

        def stale(_: bytes, packed: bytes) -> bool:
            _, held, used = _unpack(packed)
            # One in the future is from before the clock was set back: it is kept, and used up in time.
            return not held and used < now - _UNUSED and used < waiting - 60

        self._broom.sweep(stale)
