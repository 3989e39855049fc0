"""What is so at this moment, of all workers, as far as a page of metrics shows it. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

STATES = {"closed": 0, "half": 1, "open": 2}
"""A circuit's standing as LiteLLM numbers a deployment's state: healthy, partial outage, complete outage."""


@dataclass(frozen=True, slots=True)
class Place:
    """A configured deployment."""

    id: str
    provider: str
    model: str
    group: str
    base: str
    state: str = "closed"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so at this moment, of all workers."""

    places: tuple[Place, ...] = ()
    pending: int = 0
    """Rows that the ledger lacks yet."""
    live: int = 0
    """Attempts under way."""
    circuits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name → (standing, kind of failure)."""
    taken: int = 0
    """Places taken where only so many calls may be under way at once."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Requests that wait for a place, by what lets only so many."""
