"""What the hot state knows of one request: attempts that are under way, and ended ones that the ledger lacks yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import lmdb

from trunkline.state.lives import SIZE, Lives
from trunkline.state.noted import Noted, noted, number_of
from trunkline.state.pack import unpack_hold, unpack_progress, unpack_row
from trunkline.state.types import Hold, Progress, Row

T = TypeVar("T")

_PAGE = 2048
"""Records that are looked at in one transaction: the process's other work waits for no more."""


@dataclass(frozen=True, slots=True)
class Live:
    """An attempt that has not been settled. `alive`: so is the process that carries it."""

    hold: Hold
    progress: Progress | None
    alive: bool


@dataclass(frozen=True, slots=True)
class Traces:
    """All of one request."""

    live: list[Live] = field(default_factory=list)
    ended: list[Row] = field(default_factory=list)


class Reader(Protocol):
    """Runs work in one read transaction."""

    def __call__(self, work: Callable[[lmdb.Transaction[bytes]], T], /) -> T: ...


def find(read: Reader, tables: dict[str, Any], lives: Lives, request: str, own: Noted | None = None) -> Traces:
    """Looks through `holds`, then `outbox`, so that an attempt that ends meanwhile is seen at least once. `own`: what
    this process itself has noted.

    Neither is indexed by request: there are few of them, unless the ledger takes no rows. Raises `StoreDown`.
    """
    sought = request.encode("utf-8", "replace")
    live = []
    for key, value in _holding(read, tables["holds"], sought):
        hold = unpack_hold(value)
        if hold.request == request:
            progress = (own and own.get(key)) or _progress(read, tables["progress"], lives, key)
            live.append(Live(hold, progress, lives.is_alive(key[:SIZE])))
    rows = [unpack_row(value) for _, value in _holding(read, tables["outbox"], sought)]
    return Traces(live, [row for row in rows if row.request == request])


def _progress(read: Reader, table: Any, lives: Lives, key: bytes) -> Progress | None:
    path = lives.noted(key[:SIZE])
    if path is not None and (told := noted(path).get(number_of(key))) is not None:
        return told

    def older(transaction: lmdb.Transaction[bytes]) -> bytes | None:
        return transaction.get(key, db=table)

    packed = read(older)
    return None if packed is None else unpack_progress(packed)


def _holding(read: Reader, table: Any, sought: bytes) -> list[tuple[bytes, bytes]]:
    """Records in whose bytes the text stands. Decoding all of a long outbox would take seconds."""
    found: list[tuple[bytes, bytes]] = []
    after = b""

    def page(transaction: lmdb.Transaction[bytes]) -> bytes:
        last = b""
        with transaction.cursor(db=table) as cursor:
            more = cursor.set_range(after) if after else cursor.first()
            if more and after and cursor.key() == after:
                more = cursor.next()
            for _ in range(_PAGE):
                if not more:
                    return b""
                last, value = cursor.item()
                if sought in value and (not found or found[-1][0] != last):
                    found.append((last, value))
                more = cursor.next()
        return last

    while after := read(page):
        pass
    return found
