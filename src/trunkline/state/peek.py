"""A look into the hot state from outside: read only, without a life, beside a running gateway or without one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import lmdb

from trunkline.errors import StoreDown
from trunkline.state.balances import told
from trunkline.state.boot import boot_id
from trunkline.state.circuits import Circuits
from trunkline.state.counts import Counts
from trunkline.state.file import HotFile
from trunkline.state.homes import Homes
from trunkline.state.lives import Lives
from trunkline.state.traces import Traces, find
from trunkline.state.types import Cap, Circuit

T = TypeVar("T")

_TABLES = ("holds", "progress", "outbox", "notes", "circuits", "counts", "homes", "balances")


class Peek:
    """`with Peek(home) as seen:`. Where there is no hot state, or one that cannot be believed, nothing is seen."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._env: lmdb.Environment | None = None
        self._tables: dict[str, Any] = {}

    def __enter__(self) -> Self:
        path = self._home / "hot.lmdb"
        if not path.exists():
            return self
        try:
            self._env = lmdb.open(
                str(path), subdir=False, readonly=True, create=False, max_dbs=32, max_readers=512, readahead=False
            )
            if not self._believed():
                self._env.close()
                self._env = None
                return self
            for name in _TABLES:
                with contextlib.suppress(lmdb.NotFoundError):
                    self._tables[name] = self._env.open_db(name.encode(), create=False)
        except (lmdb.Error, OSError) as error:
            self.__exit__(None, None, None)
            raise _unreadable(path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._env is not None:
            self._env.close()
            self._env = None

    def _believed(self) -> bool:
        """Whether it was written since the machine started, or closed cleanly before."""
        assert self._env is not None
        meta = self._env.open_db(b"meta", create=False)
        with self._env.begin(db=meta) as transaction:
            return transaction.get(b"clean") == b"1" or transaction.get(b"boot") == boot_id().encode()

    def _read(self, work: Callable[[lmdb.Transaction[bytes]], T], /) -> T:
        assert self._env is not None
        try:
            with self._env.begin() as transaction:
                return work(transaction)
        except lmdb.Error as error:
            raise _unreadable(self._home / "hot.lmdb", error) from error

    def traces(self, request: str) -> Traces:
        """What is known of a request. Raises `StoreDown`."""
        if not {"holds", "progress", "outbox"} <= self._tables.keys():
            return Traces()
        return find(self._read, self._tables, Lives(self._home), request)

    def recall(self, prefix: str) -> dict[str, bytes]:
        """The notes whose names begin so. Raises `StoreDown`."""
        if "notes" not in self._tables:
            return {}
        beginning = prefix.encode()

        def found(transaction: lmdb.Transaction[bytes]) -> dict[str, bytes]:
            facts: dict[str, bytes] = {}
            with transaction.cursor(db=self._tables["notes"]) as cursor:
                more = cursor.set_range(beginning)
                while more and cursor.key().startswith(beginning):
                    key, value = cursor.item()
                    facts[key.decode(errors="replace")] = value
                    more = cursor.next()
            return facts

        return self._read(found)

    def remember(self, name: str, value: bytes) -> None:
        """Nothing: whoever looks leaves no trace."""

    def circuits(self, names: Sequence[str]) -> dict[str, Circuit]:
        """Those of the names that have a circuit. Raises `StoreDown`."""
        return Circuits(self._file, b"").found(names) if self._has("circuits") else {}

    def used(self, names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """For each name: attempts in flight, requests and tokens of the last minute. Raises `StoreDown`."""
        if not self._has("counts"):
            return dict.fromkeys(names, (0, 0, 0))
        return Counts(self._file, time.monotonic).used(names)

    def home_of(self, session: str) -> str | None:
        """The deployment whose prompt cache is warm for the session. Raises `StoreDown`."""
        return Homes(self._file).of(session) if self._has("homes") else None

    def balances(self, budgets: Sequence[Cap]) -> list[tuple[int, int] | None]:
        """(settled, held) of each budget, nano-dollars; None: the ledger knows. Raises `StoreDown`."""
        if not self._has("balances"):
            return [None] * len(budgets)
        return told(self._file, self._tables["balances"], budgets)

    def table(self, name: bytes) -> Any:
        """A named database that is there."""
        return self._tables[name.decode()]

    def read(self, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
        """Runs `work` in one read transaction."""
        return self._read(work)

    def _has(self, table: str) -> bool:
        return table in self._tables

    @property
    def _file(self) -> HotFile:
        """What the tables' own readers take this for: they only read, and this can."""
        return cast(HotFile, self)


def _unreadable(path: Path, error: Exception) -> StoreDown:
    return StoreDown(
        f"The shared state {path} cannot be read: {error}.",
        remedy="Try it again; if it stays so, ask the running gateway with `--url`.",
    )
