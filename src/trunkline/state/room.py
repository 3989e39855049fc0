"""Disk space, claimed before it is used. Writing to a hole of a mapped file on a full disk kills a process (SIGBUS)."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

MB = 1 << 20


def claim(path: Path, start: int, end: int) -> None:
    """Makes the bytes from `start` to `end` of a file real. Nothing may be stored there yet.

    Raises OSError when the disk is full. Windows claims what is mapped by itself; macOS has no call for it, and zeros
    are written.
    """
    if sys.platform == "win32" or start >= end:
        return
    handle = os.open(path, os.O_RDWR)
    try:
        if hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(handle, start, end - start)
                return
            except OSError as error:
                if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                    raise
        for at in range(start, end, MB):
            os.pwrite(handle, bytes(min(MB, end - at)), at)
    finally:
        os.close(handle)


def claimed(path: Path) -> bool:
    """Whether all of a file's bytes have room on the disk."""
    if sys.platform == "win32":
        return True
    told = path.stat()
    return told.st_blocks * 512 >= told.st_size
