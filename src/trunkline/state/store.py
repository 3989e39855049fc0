"""The hot state: one LMDB file that all workers of a host share, exact and without a round trip.

Tables, each a named database of the same file, so that one transaction may touch several:

    holds      life + number  → Hold       attempts that may be under way at a provider
    progress   life + number  → Progress   how far a streamed one came
    outbox     time + life + number → Row  attempts that ended and are not in the ledger yet
    meta       boot, clean, generation

A `life` is one process: eight random bytes, and a file lock that it holds until it ends. Writes are not synced one by
one: pages belong to the kernel, so `kill -9` loses nothing; only a power failure does, and then at most what came
after the last `sync` (the folder calls it every two seconds). A file from another boot that was not closed cleanly is
therefore not believed: it is put aside, and the ledger is the truth.

Measured on two cores (2026-11, `python -m bench.state`): a hold and its settlement cost about 10 µs.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lmdb
import msgspec

from trunkline.errors import StoreDown
from trunkline.state.boot import boot_id
from trunkline.state.lock import FileLock
from trunkline.state.types import Hold, Progress, Row

_log = logging.getLogger("trunkline.state")

_SIZE = 64 * 1024 * 1024 if sys.platform == "win32" else 1024 * 1024 * 1024
"""Bytes the file may grow to. It is sparse where file systems can be; Windows allocates what is asked for."""

_pack = msgspec.msgpack.Encoder().encode
_unpack_hold = msgspec.msgpack.Decoder(Hold).decode
_unpack_progress = msgspec.msgpack.Decoder(Progress).decode
_unpack_row = msgspec.msgpack.Decoder(Row).decode

Price = Callable[[Hold, Progress], tuple[int, int, bool]]
"""(hold, progress) → (billed, value, priced): what a dead worker's attempt is settled at."""


@dataclass(frozen=True, slots=True)
class HoldRef:
    """Names a hold to whoever took it."""

    key: bytes


class State:
    """One process's access to the hot state. Made after the fork; `open` is the only way."""

    def __init__(self, env: lmdb.Environment, home: Path, life: bytes, lock: FileLock) -> None:
        self._env = env
        self._home = home
        self._life = life
        self._lock = lock
        self._number = 0
        self._dirty = True
        self._holds = env.open_db(b"holds")
        self._progress = env.open_db(b"progress")
        self._outbox = env.open_db(b"outbox")
        self._meta = env.open_db(b"meta")

    @classmethod
    def open(cls, home: Path) -> State:
        """The state in `home`, which is made if need be. Raises `StoreDown` that says what to do."""
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            (home / "lives").mkdir(mode=0o700, exist_ok=True)
            with _Door(home):
                env = _open_env(home)
                life = os.urandom(8)
                lock = FileLock(_lock_path(home, life))
                lock.obtain()
                state = cls(env, home, life, lock)
                state._begin()
        except (OSError, lmdb.Error) as error:
            raise StoreDown(
                f"The shared state in {home} cannot be opened: {error}.",
                remedy="Give the folder to this user with room on its disk, or set TRUNKLINE_HOME to another.",
            ) from None
        return state

    def _begin(self) -> None:
        with self._env.begin(write=True, db=self._meta) as transaction:
            transaction.put(b"boot", boot_id().encode())
            transaction.put(b"clean", b"0")
        self._env.sync(True)

    def hold(self, hold: Hold) -> HoldRef:
        """Writes down that a request is about to leave. Raises `StoreDown`: then it must not leave."""
        self._number += 1
        key = self._life + self._number.to_bytes(8, "big")
        try:
            with self._env.begin(write=True, db=self._holds) as transaction:
                transaction.put(key, _pack(hold))
        except lmdb.Error as error:
            raise self._down(error) from None
        self._dirty = True
        return HoldRef(key)

    def note(self, ref: HoldRef, progress: Progress) -> None:
        """Writes down how far a streamed answer came. Raises `StoreDown`."""
        try:
            with self._env.begin(write=True, db=self._progress) as transaction:
                transaction.put(ref.key, _pack(progress))
        except lmdb.Error as error:
            raise self._down(error) from None

    def settle(self, ref: HoldRef, row: Row) -> None:
        """Ends a hold: it goes, and its row waits for the ledger. Raises `KeyError` when it has ended already."""
        try:
            with self._env.begin(write=True, db=self._holds) as transaction:
                if not transaction.delete(ref.key):
                    raise KeyError(f"the hold of {row.attempt} has ended already")
                if row.streamed:
                    transaction.delete(ref.key, db=self._progress)
                transaction.put(time.time_ns().to_bytes(8, "big") + ref.key, _pack(row), db=self._outbox)
        except lmdb.Error as error:
            raise self._down(error) from None
        self._dirty = True

    def outbox(self, most: int) -> list[tuple[bytes, Row]]:
        """The oldest rows that are not in the ledger yet."""
        rows: list[tuple[bytes, Row]] = []
        with self._env.begin(db=self._outbox) as transaction, transaction.cursor() as cursor:
            for key, value in cursor:
                if len(rows) == most:
                    break
                rows.append((bytes(key), _unpack_row(value)))
        return rows

    def forget(self, keys: list[bytes]) -> None:
        """Takes rows out of the outbox: they are in the ledger now."""
        try:
            with self._env.begin(write=True, db=self._outbox) as transaction:
                for key in keys:
                    transaction.delete(key)
        except lmdb.Error as error:
            raise self._down(error) from None
        self._dirty = True

    def pending(self) -> int:
        """Rows that are not in the ledger yet."""
        with self._env.begin() as transaction:
            return int(transaction.stat(self._outbox)["entries"])

    def live(self) -> int:
        """Attempts that may be under way, of all workers."""
        with self._env.begin() as transaction:
            return int(transaction.stat(self._holds)["entries"])

    def generation(self) -> int:
        """A number that grows when configuration or keys change."""
        with self._env.begin(db=self._meta) as transaction:
            return int.from_bytes(transaction.get(b"generation") or b"", "big")

    def advance(self) -> int:
        """The next generation; every worker sees it."""
        with self._env.begin(write=True, db=self._meta) as transaction:
            number = int.from_bytes(transaction.get(b"generation") or b"", "big") + 1
            transaction.put(b"generation", number.to_bytes(8, "big"))
        return number

    def reap(self, price: Price, now: float) -> int:
        """Settles what dead workers left, and says how many attempts that were. Safe to be called by all at once.

        A life's holds may be ended by whoever obtains its lock: nobody else can, and its owner is gone.
        """
        count = 0
        for life in self._lives():
            if life == self._life:
                continue
            lock = FileLock(_lock_path(self._home, life))
            if not lock.obtain():
                continue
            try:
                count += self._bury(life, price, now)
            finally:
                lock.release(delete=True)
        return count

    def _lives(self) -> set[bytes]:
        found = {bytes.fromhex(path.stem) for path in (self._home / "lives").glob("*.lock") if _is_life(path.stem)}
        with self._env.begin(db=self._holds) as transaction, transaction.cursor() as cursor:
            more = cursor.first()
            while more:
                life = bytes(cursor.key()[:8])
                found.add(life)
                more = cursor.set_range(_after(life)) if _after(life) else False
        return found

    def _bury(self, life: bytes, price: Price, now: float) -> int:
        count = 0
        with self._env.begin(write=True, db=self._holds) as transaction, transaction.cursor() as cursor:
            more = cursor.set_range(life)
            while more and bytes(cursor.key()[:8]) == life:
                key = bytes(cursor.key())
                hold = _unpack_hold(cursor.value())
                noted = transaction.get(key, db=self._progress)
                progress = _unpack_progress(noted) if noted else Progress(input=hold.estimate_input)
                row = _died(hold, progress, price(hold, progress), now)
                transaction.put(time.time_ns().to_bytes(8, "big") + key, _pack(row), db=self._outbox)
                transaction.delete(key, db=self._progress)
                more = cursor.delete()
                count += 1
        self._dirty = True
        return count

    def sync(self) -> None:
        """Puts everything on the disk, so that a power failure cannot take it."""
        if self._dirty:
            self._dirty = False
            self._env.sync(True)

    def close(self) -> None:
        """Closes cleanly. The last one out says so in the file, which is then believed after another boot."""
        with _Door(self._home):
            others = [life for life in self._lives() if life != self._life and self._is_alive(life)]
            if not others:
                with self._env.begin(write=True, db=self._meta) as transaction:
                    transaction.put(b"clean", b"1")
            self._env.sync(True)
            self._env.close()
            self._lock.release(delete=True)

    def _is_alive(self, life: bytes) -> bool:
        lock = FileLock(_lock_path(self._home, life))
        if not lock.obtain():
            return True
        lock.release()
        return False

    def _down(self, error: lmdb.Error) -> StoreDown:
        _log.error("the shared state in %s cannot be written: %s", self._home, error)
        full = isinstance(error, lmdb.MapFullError | lmdb.DiskError)
        return StoreDown(
            "The gateway's shared state cannot be written, so no request is sent that could not be accounted for.",
            remedy=f"{'Its disk or its file is full' if full else 'Its log tells why'}: see TRUNKLINE_HOME.",
            retry_after=5,
        )


class _Door:
    """Only one process at a time opens or closes the file. Waits up to ten seconds for the others."""

    def __init__(self, home: Path) -> None:
        self._lock = FileLock(home / "open.lock")

    def __enter__(self) -> None:
        until = time.monotonic() + 10
        while not self._lock.obtain():
            if time.monotonic() > until:
                raise OSError("another process has been opening it for ten seconds")
            time.sleep(0.01)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _open_env(home: Path) -> lmdb.Environment:
    """The environment, or a fresh one beside the old when that cannot be believed."""
    path = home / "hot.lmdb"
    if path.exists():
        try:
            env = _environment(path)
            if _believable(env):
                return env
            env.close()
            why = "the machine went down before it was synced"
        except (lmdb.CorruptedError, lmdb.InvalidError, lmdb.VersionMismatchError, lmdb.PageNotFoundError) as error:
            why = str(error)
        aside = path.with_name(f"hot.lmdb.{time.strftime('%Y%m%d-%H%M%S')}.lost")
        path.rename(aside)
        path.with_name("hot.lmdb-lock").unlink(missing_ok=True)
        _log.warning(
            "%s cannot be believed (%s): it was put aside as %s, and a fresh one was made. Rows of the last seconds "
            "may be missing from the ledger.",
            path,
            why,
            aside.name,
        )
    return _environment(path)


def _environment(path: Path) -> lmdb.Environment:
    return lmdb.open(
        str(path),
        subdir=False,
        map_size=_SIZE,
        max_dbs=16,
        max_readers=512,
        mode=0o600,
        sync=False,
        metasync=False,
        writemap=True,
        readahead=False,
    )


def _believable(env: lmdb.Environment) -> bool:
    meta = env.open_db(b"meta")
    with env.begin(db=meta) as transaction:
        boot, clean = transaction.get(b"boot"), transaction.get(b"clean")
    return boot is None or clean == b"1" or bytes(boot) == boot_id().encode()


def _died(hold: Hold, progress: Progress, cost: tuple[int, int, bool], now: float) -> Row:
    """The row of an attempt whose worker died: in doubt, so counted upward and marked."""
    billed, value, priced = cost
    return Row(
        attempt=hold.attempt,
        request=hold.request,
        started=hold.started,
        ended=now,
        first_token=0.0,
        asked=hold.asked,
        group=hold.group,
        deployment=hold.deployment,
        provider=hold.provider,
        model=hold.model,
        wire=hold.wire,
        operation=hold.operation,
        status=0,
        outcome="worker_died",
        stop="",
        key=hold.key,
        session=hold.session,
        user=hold.user,
        tags=hold.tags,
        streamed=hold.streamed,
        input=progress.input,
        cache_read=progress.cache_read,
        cache_write=progress.cache_write,
        output=progress.output,
        reasoning=0,
        billed=min(billed, hold.worst) if hold.worst else billed,
        value=value,
        priced=priced,
        estimated=True,
    )


def _lock_path(home: Path, life: bytes) -> Path:
    return home / "lives" / f"{life.hex()}.lock"


def _is_life(stem: str) -> bool:
    return len(stem) == 16 and all(digit in "0123456789abcdef" for digit in stem)


def _after(life: bytes) -> bytes:
    """The first key behind a life's; empty behind the last there can be."""
    number = int.from_bytes(life, "big") + 1
    return number.to_bytes(8, "big") if number < 1 << 64 else b""
