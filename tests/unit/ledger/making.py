"""A ledger with a few days of calls."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.unit.state.making import row
from trunkline.ledger.sqlite import connect, insert
from trunkline.state.types import Row

DAY_ONE = 1_794_960_000.0
"""2026-11-18, midnight UTC."""
HOUR = 3600.0


def at(hours: float, attempt: str, **more: object) -> Row:
    """A row that began so many hours after `DAY_ONE`."""
    started = DAY_ONE + hours * HOUR
    return row(attempt, **{"started": started, "ended": started + 2, **more})


def ledger(home: Path, rows: Iterable[Row]) -> Path:
    connection = connect(home)
    insert(connection, rows)
    connection.close()
    return home


def some(home: Path) -> Path:
    """Three days: two keys, two models, two sessions, an estimate, a failure, a call without a price."""
    return ledger(
        home,
        [
            at(1, "a-0", key="k1", model="glm-5.3", session="s1", user="ann", tags=("red",), billed=1_000_000_001),
            at(10, "b-0", key="k1", model="glm-5.3", session="s1", user="ann", tags=("red", "blue"), billed=2_000_000_000),
            at(23, "c-0", key="k2", model="gpt-6-sol", provider="openai", group="fast", session="s2", user="bob", tags=(), billed=500, estimated=True),
            at(30, "d-0", key="k2", model="glm-5.3", session="s1", user="ann", tags=("red",), billed=7, outcome="provider_cut"),
            at(50, "e-0", key="k1", model="own", session="", user="", tags=("blue",), billed=0, value=0, priced=False),
        ],
    )  # fmt: skip
