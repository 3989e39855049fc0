"""Whether the files that a configuration was read from have changed since. Asks what they are, and opens none of them.

They are looked at rather than listened to: that costs a few microseconds a second, works on network mounts and in
containers, needs no library, and sees by the inode a file that an editor has replaced.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from pathlib import Path

Stamp = tuple[int, ...]
"""What tells one state of a file from another; empty when it is not there."""

_CLOCK = 50_000_000
"""Nanoseconds by which a file's time may be behind the clock: kernels take it from their last tick."""
_UNKNOWN: Stamp = (-1,)
_MOUNTS = Path("/proc/self/mountinfo")


def stamp(path: Path) -> Stamp:
    """The file's times, size and inode. The time of its last change of any kind tells of new permissions, too."""
    try:
        seen = path.stat()
    except (OSError, ValueError):
        return ()
    return seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_ino, seen.st_dev


class Watch:
    """The files of one configuration, as they were when they were read."""

    def __init__(self) -> None:
        self._known: dict[Path, Stamp] = {}
        self._last: dict[Path, Stamp] = {}
        self._before: dict[Path, Stamp] = {}
        self._began = 0

    def begin(self) -> None:
        """The files are about to be read: what is written while they are is a change."""
        self._began = time.time_ns() - _CLOCK
        self._before = {path: stamp(path) for path in self._known}

    def end(self, files: Iterable[Path], *, whole: bool) -> None:
        """These were opened. `whole`: they are all there are; else those from before are looked at as well, since what
        could not be read may have stood in one of them."""
        paths = [*files] if whole else [*self._before, *files]
        self._known = {path: self._before.get(path) or self._fresh(path) for path in dict.fromkeys(paths)}
        self._last = {}

    def due(self) -> bool:
        """Whether something has changed and stands still: it was the same at the look before. Call it once a second."""
        now = {path: stamp(path) for path in self._known}
        still, self._last = now == self._last, now
        return still and now != self._known

    def _fresh(self, path: Path) -> Stamp:
        """Of a file that was not watched: one that is younger than the reading may have been read before its change."""
        now = stamp(path)
        return _UNKNOWN if now and max(now[:2]) >= self._began else now


def mounted_alone(path: Path, mounts: str | None = None) -> bool:
    """Whether a file itself is a mount, as a container engine makes one of `./config.yaml:/app/config.yaml`.

    What is mounted is the file, not its name: when an editor puts a new one in its place, the old one stays mounted.
    `mounts` is in the shape of Linux' `/proc/self/mountinfo` (proc(5)); elsewhere nothing is known and nothing is said.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return False
    own = str(path.absolute())
    points = (line.split(" ")[4] for line in mounts.splitlines() if line.count(" ") >= 5)
    return any(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point) == own for point in points)
