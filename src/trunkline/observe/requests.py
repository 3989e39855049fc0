"""Finds what became of a request: in the ledger, in the outbox, among what is under way. Blocking: for a thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from trunkline.errors import StoreDown
from trunkline.ledger.read import latest
from trunkline.observe.story import Story, story
from trunkline.observe.told import told
from trunkline.state.traces import Traces

MOST = 1000
"""Attempts of one request that are told."""


def find(home: Path, traces: Callable[[str], Traces], request: str, now: float) -> Story | None:
    """The story with its sentences; None where nobody knows the request. Raises `StoreDown`.

    The hot state is asked before the ledger: a row that moves meanwhile is then seen twice, and not never.
    """
    hot = traces(request)
    try:
        rows = latest(home, MOST, request)
    except sqlite3.Error as error:
        raise StoreDown(
            f"The ledger in {home} cannot be read: {error}.", remedy="Try it again; `trunkline doctor` looks closer."
        ) from error
    found = story(request, rows, hot, now)
    return None if found is None else msgspec.structs.replace(found, told=told(found))
