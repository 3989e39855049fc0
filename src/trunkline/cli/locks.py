"""File locks that tell who is alive: a lock is held for as long as a process (or what it became) lives.

The operating system frees a lock when its holder dies, however it dies, so nothing here can go stale.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, *, wait: bool) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(handle: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True


class Held:
    """An exclusive lock on a file, held until `free` is called or the process ends."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle: int | None = handle

    def outlive_exec(self) -> None:
        """The program that this process turns into goes on holding it."""
        if self._handle is not None:
            os.set_inheritable(self._handle, True)

    def free(self, *, remove: bool = False) -> None:
        """Lets go of it; with `remove` the file goes too, while it is still held."""
        if self._handle is None:
            return
        if remove and sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = None

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        self.free()


def take(path: Path, *, wait: bool = False) -> Held | None:
    """The lock of a file, which is made when it is missing; None when another holds it and `wait` is false."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if _lock(handle, wait=wait):
        return Held(path, handle)
    os.close(handle)
    return None


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock of this file now. A file that is gone is held by nobody."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _lock(handle, wait=False)
    finally:
        os.close(handle)
