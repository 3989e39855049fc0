"""An office with a store of its own, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trunkline.roster.office import Office, Rules
from trunkline.roster.ring import Ring
from trunkline.roster.store import Store

SECRET = b"a secret for tests"
NOW = 1_764_000_000.0
"""2025-11-24, a Monday, 16:00 UTC."""


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def office(home: Path, *, clock: Time | None = None, master: str = "sk-test-master", **rules: Any) -> Office:
    """An office; what would tell other workers counts how often it was told."""
    told: list[int] = []
    made = Office(Store(home, SECRET), SECRET, clock or Time(), lambda: told.append(1), Rules(**rules), master.__eq__)
    made.told_times = told  # type: ignore[attr-defined]
    return made


def ring_of(made: Office) -> Ring:
    """What a worker knows now."""
    ring = Ring(SECRET)
    ring.take(*made.store.since(0))
    return ring
