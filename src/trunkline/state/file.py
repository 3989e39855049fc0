"""The LMDB file itself: opening, believing, growing, and one transaction at a time. The only file that knows LMDB.

The file is never sparse. LMDB's map ends where claimed disk space ends, and grows in steps: so a full disk is an error
that can be told, and not a signal that kills the process. Growing moves the map, and no transaction of this process may
be open meanwhile: one lock a process serialises them, as LMDB does with writers anyway.

Pages belong to the kernel, so `kill -9` loses nothing. LMDB's own lock is robust on Linux, undone by the kernel on
macOS and abandoned on Windows, when its holder dies.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, TypeVar

import lmdb

from trunkline.errors import StoreDown
from trunkline.state.boot import boot_id
from trunkline.state.lock import FileLock
from trunkline.state.room import MB, claim, claimed

_log = logging.getLogger("trunkline.state")

T = TypeVar("T")
FIRST = 8 * MB
STEP = 16 * MB
MOST = 1024 * MB
"""Bytes up to which new attempts may let the file grow: some two million rows that wait for the ledger."""
RESERVE = MOST + 64 * MB
"""For ending attempts that are under way already."""

Need = Literal["begin", "end", "empty"]
"""What a transaction is for. Emptying knows no limit: a deletion needs free pages, too, and what cannot be emptied
stays full for ever."""

_DAMAGED = (lmdb.CorruptedError, lmdb.InvalidError, lmdb.VersionMismatchError, lmdb.PageNotFoundError)


class Door:
    """Only one process at a time opens, closes or enlarges the file. Waits up to ten seconds for the others."""

    def __init__(self, home: Path) -> None:
        self._lock = FileLock(home / "open.lock")

    def __enter__(self) -> None:
        until = time.monotonic() + 10
        while not self._lock.obtain():
            if time.monotonic() > until:
                raise OSError(errno.EAGAIN, "another process has been opening it for ten seconds")
            time.sleep(0.01)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()


class HotFile:
    """One process's access. `write` and `read` raise `StoreDown`; the work they are given may be run twice."""

    def __init__(self, home: Path, alone: bool) -> None:
        """Opens or makes the file; the door must be held. `alone`: no other process has it open."""
        self._home, self._path = home, home / "hot.lmdb"
        self._lock = threading.Lock()
        self._obtain, self._release = self._lock.acquire, self._lock.release
        try:
            self._env = self._open()
            self._check()
        except _DAMAGED as error:
            self._put_aside(str(error), alone)
            self._env = self._open()
        if alone:
            self._claim()

    def _open(self) -> lmdb.Environment:
        size = self._path.stat().st_size if self._path.exists() else 0
        return lmdb.open(
            str(self._path),
            subdir=False,
            map_size=max(FIRST, size // MB * MB),
            max_dbs=32,
            max_readers=512,
            mode=0o600,
            sync=False,
            metasync=False,
            writemap=True,
            readahead=False,
            meminit=False,
        )

    def _claim(self) -> None:
        """Claims the disk space of a file that is new, or whose maker died before it could."""
        if claimed(self._path):
            return
        used = (self._env.info()["last_pgno"] + 1) * self._env.stat()["psize"]
        try:
            claim(self._path, used, self._path.stat().st_size)
        except OSError:
            self._env.close()
            raise

    def _check(self) -> None:
        """Raises when the file cannot be believed: from another boot, and not closed cleanly."""
        try:
            meta = self._env.open_db(b"meta")
            with self._env.begin(db=meta) as transaction:
                boot, clean = transaction.get(b"boot"), transaction.get(b"clean")
            if boot is not None and clean != b"1" and boot != boot_id().encode():
                raise lmdb.CorruptedError("the machine went down before it was synced")
        except lmdb.Error:
            self._env.close()
            raise

    def _put_aside(self, why: str, alone: bool) -> None:
        if not alone:
            raise StoreDown(
                f"The shared state {self._path} is damaged ({why}), and other processes have it open.",
                remedy="Stop every Trunkline that uses this TRUNKLINE_HOME, then start again.",
            )
        aside = self._path.with_name(f"hot.lmdb.{time.strftime('%Y%m%d-%H%M%S')}.lost")
        self._path.rename(aside)
        self._path.with_name("hot.lmdb-lock").unlink(missing_ok=True)
        _log.warning(
            "%s cannot be believed (%s): it was put aside as %s, and a fresh one was made. Attempts that were not in "
            "the ledger yet are missing from it.",
            self._path,
            why,
            aside.name,
        )

    def table(self, name: bytes) -> lmdb._Database:
        """A named database, made if need be. At most 32."""
        return self._env.open_db(name)

    def begin(self) -> lmdb.Transaction[bytes]:
        """A write transaction. Whoever has it ends it with `commit` or `abort`, and runs its work anew where those say
        so; this process's other transactions wait for it. Raises `StoreDown`.

        Opened by position, and with the lock's methods at hand: here as in what is done with it, names and `with` cost
        twice that.
        """
        while True:
            self._obtain()
            try:
                return self._env.begin(None, None, True)
            except BaseException as error:  # noqa: BLE001 - told apart there
                self._release()
                self._again(error, "begin")

    def commit(self, transaction: lmdb.Transaction[bytes], need: Need = "begin") -> bool:
        """All of it happens. False: none of it, since the file was full, and now it has room. Raises `StoreDown`."""
        try:
            transaction.commit()
        except BaseException as error:  # noqa: BLE001 - told apart there
            self._release()
            self._again(error, need)
            return False
        self._release()
        return True

    def abort(self, transaction: lmdb.Transaction[bytes], error: BaseException, need: Need = "begin") -> None:
        """Nothing of it happens. Returns when the error was that the file is full, and now it has room; else raises the
        error, or `StoreDown`."""
        try:
            transaction.abort()
        finally:
            self._release()
        self._again(error, need)

    def _again(self, error: BaseException, need: Need) -> None:
        if isinstance(error, lmdb.MapFullError | lmdb.MapResizedError):
            self._grow(error, need)
        elif isinstance(error, lmdb.Error):
            raise self._down(error) from error
        else:
            raise error

    def write(self, work: Callable[[lmdb.Transaction[bytes]], T], need: Need = "begin") -> T:
        """Runs `work` in one write transaction: all of it happens, or nothing."""
        while True:
            transaction = self.begin()
            try:
                told = work(transaction)
            except BaseException as error:  # noqa: BLE001 - it goes on from there
                self.abort(transaction, error, need)
                continue
            if self.commit(transaction, need):
                return told

    def put(self, key: bytes, value: bytes, table: lmdb._Database, need: Need = "begin") -> None:
        """Writes one record, in a transaction of its own."""
        while True:
            transaction = self.begin()
            try:
                transaction.put(key, value, True, True, False, table)
            except BaseException as error:  # noqa: BLE001 - it goes on from there
                self.abort(transaction, error, need)
                continue
            if self.commit(transaction, need):
                return

    def read(self, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
        """Runs `work` in one read transaction: it sees one moment."""
        while True:
            try:
                with self._lock, self._env.begin() as transaction:
                    return work(transaction)
            except lmdb.MapResizedError as error:
                self._grow(error, "begin")
            except lmdb.Error as error:
                raise self._down(error) from error

    def _grow(self, error: lmdb.Error, need: Need) -> None:
        """Takes over the size that another process gave the file, else enlarges it."""
        try:
            with Door(self._home), self._lock:
                now = self._path.stat().st_size // MB * MB
                if now <= self._env.info()["map_size"]:
                    if need != "empty" and now + STEP > (MOST if need == "begin" else RESERVE):
                        raise self._down(error)
                    claim(self._path, now, now + STEP)
                    now += STEP
                self._env.set_mapsize(now)
        except OSError as trouble:
            raise self._down(trouble) from trouble

    def _down(self, error: Exception) -> StoreDown:
        _log.error("the shared state in %s cannot be used: %s", self._home, error)
        if isinstance(error, lmdb.MapFullError):
            remedy = "It is full of rows that the ledger does not take: the log says why."
        elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
            remedy = "The disk is full: make room, or set TRUNKLINE_HOME to another."
        else:
            remedy = "The log says why: see TRUNKLINE_HOME."
        return StoreDown(
            "The gateway's shared state cannot be written, so no request is sent that could not be accounted for.",
            remedy=remedy,
            retry_after=5,
        )

    def sweep(self) -> None:
        """Frees what dead readers pin: without it, a process killed while reading lets the file grow."""
        with self._lock:
            self._env.reader_check()

    def sync(self) -> None:
        """Puts everything on the disk. Slow: only for opening and closing, whose marks must be there in that order."""
        with self._lock:
            self._env.sync(True)

    def close(self) -> None:
        """Closes; nothing may be running."""
        with self._lock:
            self._env.close()
