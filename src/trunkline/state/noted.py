"""How far each streamed attempt came: a file beside the lock of its life, mapped by the process that writes it.

    lives/<life>.noted   records of 40 bytes: the hold's number, then tokens: input, output, cache read, cache written

A note is a few stores into memory, no transaction: it is needed only when its process dies, and then the kernel has its
pages. It names its hold by its number; one whose hold has ended means nothing, and the next takes its place: writes its
tokens, then its number, so that a process that is killed between two stores leaves no note under a number that is not
its own. Killed within the second note of a hold, it leaves some tokens of the last note and some of the one before.
"""

from __future__ import annotations

import mmap
import os
import threading
from pathlib import Path
from struct import Struct, error, iter_unpack

from trunkline.errors import StoreDown
from trunkline.state.lives import SIZE
from trunkline.state.room import claim
from trunkline.state.types import Progress

_PART = 64 * 1024
"""Bytes by which the file grows: 1,638 streams at once. Windows maps no smaller pieces."""
_RECORD = Struct("<5Q")
_NUMBER = 8
_pack, _unpack_from = Struct("<4Q").pack, _RECORD.unpack_from
_MOST = 10**15
"""The most tokens that are believed, as in `pack`."""

_Place = tuple[mmap.mmap, int]


class Noted:
    """The notes of this process. Without a path they stand in its memory alone."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._places: dict[bytes, _Place] = {}
        self._free: list[_Place] = []
        self._parts: list[mmap.mmap] = []

    def put(self, key: bytes, progress: Progress) -> None:
        """Writes down how far the attempt of a hold (by its key) came. Raises `StoreDown`."""
        told = progress.input, progress.output, progress.cache_read, progress.cache_write
        try:
            packed = _pack(*told)
        except error:
            packed = _pack(*(max(0, min(each, _MOST)) for each in told))
        place = self._places.get(key)
        if place is not None:
            part, at = place
            part[at + _NUMBER : at + _RECORD.size] = packed
            return
        try:
            part, at = place = self._free.pop()
        except IndexError:
            part, at = place = self._grow()
        part[at + _NUMBER : at + _RECORD.size] = packed
        part[at : at + _NUMBER] = key[: -_NUMBER - 1 : -1]
        self._places[key] = place

    def get(self, key: bytes) -> Progress | None:
        """What was noted of an attempt of this process that is under way."""
        place = self._places.get(key)
        return None if place is None else Progress(*_unpack_from(*place)[1:])

    def end(self, key: bytes) -> None:
        """Its hold has ended: the place is free."""
        place = self._places.pop(key, None)
        if place is not None:
            self._free.append(place)

    def close(self) -> None:
        """Takes the file away, unless holds are left whose notes somebody else will want."""
        left = bool(self._places)
        self._places.clear()
        self._free.clear()
        for part in self._parts:
            part.close()
        if self._path is not None and self._parts and not left:
            self._path.unlink(missing_ok=True)
        self._parts.clear()

    def _grow(self) -> _Place:
        with self._lock:
            try:
                part = self._grown()
            except (OSError, ValueError) as trouble:
                raise StoreDown(
                    f"How far answers came cannot be written to {self._path}: {trouble}.",
                    remedy="Make room on the disk, or set TRUNKLINE_HOME to another folder.",
                ) from trouble
            self._parts.append(part)
        places = [(part, at) for at in range(0, _PART - _RECORD.size + 1, _RECORD.size)]
        self._free += places[:0:-1]
        return places[0]

    def _grown(self) -> mmap.mmap:
        if self._path is None:
            return mmap.mmap(-1, _PART)
        start = len(self._parts) * _PART
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            claim(self._path, start, start + _PART)
            return mmap.mmap(handle, _PART, offset=start)
        finally:
            os.close(handle)


def noted(path: Path) -> dict[bytes, Progress]:
    """All that a process noted, by the last eight bytes of its holds' keys; what has ended among it. Empty where it
    noted nothing."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return {}
    found: dict[bytes, Progress] = {}
    whole = _PART // _RECORD.size * _RECORD.size
    for start in range(0, len(written), _PART):
        part = written[start : start + _PART][:whole]
        for number, *told in iter_unpack(_RECORD.format, part[: len(part) // _RECORD.size * _RECORD.size]):
            if number:
                found[number.to_bytes(_NUMBER, "big")] = Progress(*told)
    return found


def number_of(key: bytes) -> bytes:
    """By what `noted` knows the hold of a key."""
    return key[SIZE:]
