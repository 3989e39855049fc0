"""Who is alive: each process that opens the hot state is a life, eight random bytes and a file lock held to its end."""

from __future__ import annotations

import os
from pathlib import Path

from trunkline.state.lock import FileLock

SIZE = 8
"""Bytes of a life's name. Random, so that a name never comes back, not even in a file made afresh."""


class Lives:
    """The lock files in `lives/`."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "lives"
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def begin(self) -> tuple[bytes, FileLock]:
        """A new life and its lock. Whoever sweeps up may win the race for a file just made: then another name."""
        while True:
            life = os.urandom(SIZE)
            lock = self.lock(life)
            if lock.obtain():
                return life, lock

    def lock(self, life: bytes) -> FileLock:
        """The lock of a life: who obtains it knows that the process is dead."""
        return FileLock(self._folder / f"{life.hex()}.lock")

    def noted(self, life: bytes) -> Path | None:
        """Where a life writes down how far its answers came (`noted`); None: nowhere but in its memory."""
        return self._folder / f"{life.hex()}.noted"

    def listed(self) -> set[bytes]:
        """Every life that has a lock file, dead or alive, or has left notes."""
        stems = {path.stem for path in self._folder.iterdir() if path.suffix in (".lock", ".noted")}
        return {bytes.fromhex(stem) for stem in stems if _is_life(stem)}

    def alive(self, but: bytes = b"") -> int:
        """How many processes are alive, one not counted."""
        return sum(self.is_alive(life) for life in self.listed() if life != but)

    def is_alive(self, life: bytes) -> bool:
        """Whether the process is alive. Leaves no file behind for one that has none."""
        lock = self.lock(life)
        made = not lock.path.exists()
        if not lock.obtain():
            return True
        lock.release(delete=made)
        return False


def _is_life(stem: str) -> bool:
    return len(stem) == 2 * SIZE and all(digit in "0123456789abcdef" for digit in stem)
