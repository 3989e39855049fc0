"""The roster's tables in the ledger's file: records, and who changed what. Blocks: it is for a thread, never the loop.

What is deleted stays as a row that says so: those who read only what changed learn of it, and what a deleted key has
spent still has a name.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from trunkline.errors import StoreDown
from trunkline.ledger.sqlite import connect, id_from
from trunkline.roster import hashes
from trunkline.roster.records import KINDS, Key, Kind, Record

T = TypeVar("T")
_DAY = 86_400

_DECODE = {kind: msgspec.json.Decoder(of).decode for kind, of in KINDS.items()}
_PUT = """
    INSERT INTO roster VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (kind, name) DO UPDATE SET
        alias = excluded.alias, user = excluded.user, team = excluded.team, revision = excluded.revision,
        deleted = excluded.deleted, record = excluded.record
"""


class Row(NamedTuple):
    """One record, and the name it is stored under."""

    kind: Kind
    name: str
    record: Any
    deleted: bool


class Store:
    """One process's connection. Threads may share it: each step has it alone."""

    def __init__(self, home: Path, secret: bytes, *, readonly: bool = False) -> None:
        """Opens it. Raises `StoreDown`, and `ConfigInvalid` where keys were stored with another secret."""
        self._home, self._lock = home, threading.RLock()
        try:
            self._db = connect(home, readonly=readonly)
            if not readonly:
                # Unlike rows, which the hot state keeps until they are synced, a key is there once it was told.
                self._db.execute("PRAGMA synchronous = FULL")
            self._check(secret)
        except (sqlite3.Error, OSError) as error:
            raise self._down(error) from None

    def _check(self, secret: bytes) -> None:
        told = hashes.check(secret)
        found = self._db.execute("SELECT value FROM roster_facts WHERE name = 'secret'").fetchone()
        if found is not None and found[0] == told:
            return
        if found is not None and self._db.execute("SELECT 1 FROM roster WHERE kind = 'key' AND NOT deleted").fetchone():
            self._db.close()
            raise hashes.other_secret(self._home)
        self._db.execute("INSERT OR REPLACE INTO roster_facts VALUES ('secret', ?)", (told,))

    def _down(self, error: Exception) -> StoreDown:
        return StoreDown(
            f"The roster of keys in {self._home} cannot be used: {error}.",
            remedy="Send it again; if that does not help, look at the disk.",
            retry_after=2,
        )

    @contextmanager
    def step(self) -> Iterator[None]:
        """All of it happens, or nothing; nobody else writes meanwhile. Raises `StoreDown`."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, OSError) as error:
                raise self._down(error) from None

    def ask(self, question: str, values: Sequence[object] = ()) -> list[Any]:
        """The rows of a question. Raises `StoreDown`."""
        with self._lock:
            try:
                return self._db.execute(question, values).fetchall()
            except (sqlite3.Error, OSError) as error:
                raise self._down(error) from None

    def get(self, kind: Kind, name: str, *, deleted: bool = False) -> Any:
        """The record of that name; None when there is none, or it is deleted and those are not asked for."""
        found = self.ask("SELECT record, deleted FROM roster WHERE kind = ? AND name = ?", (kind, name))
        return _DECODE[kind](found[0][0]) if found and (deleted or not found[0][1]) else None

    def where(
        self, kind: Kind, clauses: Mapping[str, object], *, most: int = -1, skip: int = 0, deleted: bool = False
    ) -> list[Row]:
        """Records whose columns (`alias`, `user`, `team`) are these, in the order of their names."""
        said = "".join(f" AND {column} = ?" for column in clauses)
        rows = self.ask(
            f"SELECT name, record FROM roster WHERE kind = ? AND deleted <= ?{said} ORDER BY name LIMIT ? OFFSET ?",  # noqa: S608
            (kind, deleted, *clauses.values(), most, skip),
        )
        return [Row(kind, name, _DECODE[kind](record), False) for name, record in rows]

    def count(self, kind: Kind, clauses: Mapping[str, object]) -> int:
        """How many there are of those."""
        said = "".join(f" AND {column} = ?" for column in clauses)
        question = f"SELECT COUNT(*) FROM roster WHERE kind = ? AND NOT deleted{said}"  # noqa: S608
        number: int = self.ask(question, (kind, *clauses.values()))[0][0]
        return number

    def beginning(self, prefix: str) -> list[str]:
        """The stored hashes of keys that begin so."""
        rows = self.ask(
            "SELECT name FROM roster WHERE kind = 'key' AND name >= ? AND name < ? AND NOT deleted LIMIT 2",
            (prefix, prefix + "g"),
        )
        return [name for (name,) in rows]

    def made_anew(self, key_id: str) -> list[str]:
        """The stored hashes of keys that go on with an id of another's. Looks at every key."""
        rows = self.ask(
            "SELECT name FROM roster WHERE kind = 'key' AND NOT deleted AND json_extract(record, '$.id') = ? LIMIT 2",
            (key_id,),
        )
        return [name for (name,) in rows]

    def since(self, revision: int) -> tuple[int, list[Row]]:
        """What changed after a revision, and the newest one."""
        rows = self.ask("SELECT kind, name, record, deleted, revision FROM roster WHERE revision > ?", (revision,))
        found = [Row(kind, name, _DECODE[kind](record), bool(gone)) for kind, name, record, gone, _ in rows]
        return max((row[4] for row in rows), default=revision), found

    def put(self, kind: Kind, name: str, record: Record, *, deleted: bool = False) -> None:
        """Writes a record; inside a `step`."""
        (revision,) = self._db.execute("SELECT COALESCE(MAX(revision), 0) + 1 FROM roster").fetchone()
        of_key = (record.user, record.team) if isinstance(record, Key) else ("", "")
        row = (kind, name, record.alias, *of_key, revision, deleted, msgspec.json.encode(record).decode())
        self._db.execute(_PUT, row)

    def tell(self, at: float, who: str, action: str, kind: Kind, name: str, changes: Mapping[str, Any]) -> None:
        """Writes down who changed what; a key is named by its id. Inside a `step`."""
        told = msgspec.json.encode(changes).decode()
        self._db.execute("INSERT INTO audit VALUES (?,?,?,?,?,?)", (int(at * 1000), who, action, kind, name, told))

    def history(self, kind: Kind, name: str, most: int = 50) -> list[dict[str, Any]]:
        """Who changed what of it, newest first; a key is named by its id."""
        rows = self.ask(
            "SELECT at_ms, who, action, changes FROM audit WHERE kind = ? AND name = ? ORDER BY at_ms DESC LIMIT ?",
            (kind, name, most),
        )
        names = ("at_ms", "who", "action", "changes")
        return [{**dict(zip(names, row, strict=True)), "changes": msgspec.json.decode(row[3])} for row in rows]

    def spent(self, keys: Sequence[str], began: float) -> int:
        """Nano-dollars billed to these keys' ids since a moment: out of the days' sums where it begins a day."""
        marks = ",".join("?" * len(keys))
        return self._sum("days", f"key IN ({marks})", keys, began)

    def end_spent(self, name: str, began: float) -> int:
        """Nano-dollars billed for an end user since a moment."""
        return self._sum("day_users", "user = ?", (name,), began)

    def _sum(self, table: str, whose: str, values: Sequence[str], began: float) -> int:
        if began % _DAY:
            table, since, at = "attempts", "id", id_from(int(began * 1000))
        else:
            since, at = "day", int(began // _DAY)
        question = f"SELECT COALESCE(SUM(billed_nano), 0) FROM {table} WHERE {since} >= ? AND {whose}"  # noqa: S608
        total: int = self.ask(question, (at, *values))[0][0]
        return total

    def close(self) -> None:
        """Closes it."""
        with self._lock:
            self._db.close()


def run(store: Store, work: Callable[[], T]) -> T:
    """Runs `work` as one step."""
    with store.step():
        return work()
