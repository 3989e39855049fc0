"""A file lock that ends with its process: whoever obtains it knows that the last holder is dead. POSIX and Windows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class FileLock:
    """An exclusive lock on a file, held until `release` or the end of the process. Not inherited by children, unless a
    child is given its `handle`: then the lock is held until both have let go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds it."""
        return self._handle is not None

    @property
    def handle(self) -> int | None:
        """The open file behind a lock that is held. Where a child may have it (not on Windows), it can `adopt` it."""
        return self._handle

    def adopt(self, handle: int) -> None:
        """Takes over a lock that a parent holds, by its handle."""
        os.set_inheritable(handle, False)
        self._handle = handle

    def obtain(self) -> bool:
        """Takes the lock if nobody holds it; says whether it is held now. Raises OSError when the file cannot be made.

        A holder may delete the file before letting go: whoever then locked the deleted one holds nothing, and looks
        again.
        """
        while self._handle is None:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
            if not _try_lock(handle):
                os.close(handle)
                return False
            if sys.platform != "win32" and not _is_at(handle, self.path):
                os.close(handle)
                continue
            self._handle = handle
        return True

    def release(self, *, delete: bool = False) -> None:
        """Lets go; with `delete` the file goes, too."""
        if self._handle is None:
            return
        if delete and sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = None


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open file is still the one that the path leads to."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
