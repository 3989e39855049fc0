"""The shared state of a process that shares it with nobody and is to leave nothing on the disk: the embedded SDK's.

The same tables and the same code on top of them; what stands below is this process's memory in place of LMDB's file.
Rows that await a ledger are not kept, since nobody carries them there.
"""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import lmdb

from trunkline.state.file import HotFile, Need
from trunkline.state.lives import SIZE, Lives
from trunkline.state.lock import FileLock
from trunkline.state.store import State

T = TypeVar("T")

_UNKEPT = b"outbox"


class Table:
    """Keys and values, in the order of the keys where that is asked for."""

    __slots__ = ("_sorted", "kept", "values")

    def __init__(self, *, kept: bool = True) -> None:
        self.values: dict[bytes, bytes] = {}
        self.kept = kept
        self._sorted: list[bytes] | None = None

    def ordered(self) -> list[bytes]:
        """All keys in order. Sorted anew only when a key came or went since."""
        if self._sorted is None:
            self._sorted = sorted(self.values)
        return self._sorted

    def put(self, key: bytes, value: bytes) -> None:
        if key not in self.values:
            self._sorted = None
        self.values[key] = value

    def drop(self, key: bytes) -> None:
        if self.values.pop(key, None) is not None:
            self._sorted = None


class Transaction:
    """What `state` uses of `lmdb.Transaction`, its arguments by LMDB's names and places. `undo` takes back what it
    wrote."""

    def __init__(self) -> None:
        self._before: list[tuple[Table, bytes, bytes | None]] = []

    def get(self, key: bytes, default: bytes | None = None, db: Table | None = None) -> bytes | None:
        assert db is not None
        return db.values.get(key, default)

    def put(
        self,
        key: bytes,
        value: bytes,
        dupdata: bool = True,
        overwrite: bool = True,
        append: bool = False,
        db: Table | None = None,
    ) -> bool:
        assert db is not None
        if not overwrite and key in db.values:
            return False
        if db.kept:
            self._before.append((db, key, db.values.get(key)))
            db.put(key, bytes(value))
        return True

    def delete(self, key: bytes, value: bytes = b"", db: Table | None = None) -> bool:
        return self.pop(key, db) is not None

    def pop(self, key: bytes, db: Table | None = None) -> bytes | None:
        assert db is not None
        value = db.values.get(key)
        if value is not None:
            self._before.append((db, key, value))
            db.drop(key)
        return value

    def stat(self, db: Table) -> dict[str, int]:
        return {"entries": len(db.values)}

    def cursor(self, db: Table) -> Cursor:
        return Cursor(self, db)

    def undo(self) -> None:
        for table, key, value in reversed(self._before):
            if value is None:
                table.drop(key)
            else:
                table.put(key, value)


class Cursor:
    """What `state` uses of `lmdb.Cursor`. It stands on a key; after a deletion, on the next one."""

    def __init__(self, transaction: Transaction, table: Table) -> None:
        self._transaction, self._table = transaction, table
        self._at = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._at = b""

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return iter([(key, self._table.values[key]) for key in self._table.ordered()])

    def iternext(self, keys: bool = True, values: bool = True) -> Iterator[Any]:
        return iter(self) if values else iter(list(self._table.ordered()))

    def first(self) -> bool:
        return self.set_range(b"")

    def set_range(self, key: bytes) -> bool:
        """Goes to the first key that is not below `key`; whether there is one."""
        keys = self._table.ordered()
        place = bisect_left(keys, key)
        self._at = keys[place] if place < len(keys) else b""
        return place < len(keys)

    def next(self) -> bool:
        return self.set_range(self._at + b"\0")

    def key(self) -> bytes:
        return self._at

    def value(self) -> bytes:
        return self._table.values.get(self._at, b"")

    def item(self) -> tuple[bytes, bytes]:
        return self._at, self.value()

    def delete(self) -> bool:
        gone = self._transaction.delete(self._at, b"", self._table)
        self.next()
        return gone


class MemoryFile(HotFile):
    """`HotFile` without a file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: dict[bytes, Table] = {}

    def table(self, name: bytes) -> lmdb._Database:
        return cast("lmdb._Database", self._tables.setdefault(name, Table(kept=name != _UNKEPT)))

    def begin(self) -> lmdb.Transaction[bytes]:
        self._lock.acquire()
        return cast("lmdb.Transaction[bytes]", Transaction())

    def commit(self, transaction: lmdb.Transaction[bytes], need: Need = "begin") -> bool:
        self._lock.release()
        return True

    def abort(self, transaction: lmdb.Transaction[bytes], error: BaseException, need: Need = "begin") -> None:
        cast("Transaction", transaction).undo()
        self._lock.release()
        raise error

    def read(self, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
        with self._lock:
            return work(cast("Any", Transaction()))

    def sweep(self) -> None:
        """No reader can have died."""

    def sync(self) -> None:
        """There is no disk."""

    def close(self) -> None:
        """What was in memory goes with it."""


class _OneLife(Lives):
    """This process's only."""

    def __init__(self) -> None:
        self._life = os.urandom(SIZE)

    def begin(self) -> tuple[bytes, FileLock]:
        return self._life, FileLock(Path(os.devnull))

    def noted(self, life: bytes) -> Path | None:
        return None

    def listed(self) -> set[bytes]:
        return {self._life}

    def is_alive(self, life: bytes) -> bool:
        return life == self._life


class MemoryState(State):
    """The state of one process, in its memory."""

    @classmethod
    def make(cls, clock: Callable[[], float] = time.monotonic) -> MemoryState:
        """A fresh one."""
        lives = _OneLife()
        return cls(MemoryFile(), Path(os.devnull), lives, *lives.begin(), clock)

    def tidy(self, now: float) -> None:
        """Forgets what is stale; balances stay, since no ledger could bring them back. `now` is unix time."""
        self._counts.sweep()
        self._circuits.sweep(now)
        self._homes.sweep(now)
        self._slopes.sweep(now)
        self._learned.sweep()

    def close(self) -> None:
        """Nothing is open but what notes stand in."""
        self._noted.close()
