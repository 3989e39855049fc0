"""What was spent under a budget's name in a period, as the ledger knows it: for a balance that the hot state lacks.

The rows of attempts that counted on budgets name them, and each batch of rows adds to the `balances` table in its own
transaction: so Σ rows = balances (`verify` looks), and a hot file that was lost is rebuilt by looking up. A budget that
is new (and so has no sum here) begins with what its period had cost before, where the ledger's rows know the name: the
whole gateway, providers, model groups, deployments, keys, and users and teams by the keys that are or were theirs. That
is then written down as the sum's beginning. End users and sessions begin with nothing: clients invent their names, and
each would be looked for in all that was ever spent.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from trunkline.errors import StoreDown
from trunkline.ledger.sqlite import FILE, connect, id_from
from trunkline.model.periods import DAY
from trunkline.state.balances import balance_of
from trunkline.state.types import Cap

_ID = "COALESCE(json_extract(record, '$.id'), substr(name, 1, 16))"
_OF_KEYS = f"key IN (SELECT {_ID} FROM roster WHERE kind = 'key' AND"  # noqa: S608 - names of ours
"""Rows of somebody's keys: what is deleted stays in the roster."""
OF_A_USER = f"{_OF_KEYS} user = ?)"
_WHOSE = {
    "all": "TRUE",
    "provider": "provider = ?",
    "deployment": "deployment = ?",
    "group": '"group" = ?',
    "key": "key = ?",
    "user": OF_A_USER,
    "team": f"{_OF_KEYS} team = ?)",
}
"""Which rows are whose, in SQL."""


def opening(home: Path, budgets: Iterable[Cap], *, begin: bool = True) -> dict[bytes, int]:
    """`balance_of` → nano-dollars that were spent. Blocks: not for the event loop. Raises `StoreDown`.

    Without `begin` nothing is written down: for who only looks.
    """
    wanted = {_key(each): each for each in budgets}
    if not (home / FILE).exists():
        return dict.fromkeys(wanted, 0)
    try:
        connection = connect(home, readonly=True)
        try:
            known = {key: _known(connection, key) for key in wanted}
            before = {key: _before(connection, wanted[key]) for key, nano in known.items() if nano is None}
        finally:
            connection.close()
        if begin and any(before.values()):
            _begin(home, before)
    except (sqlite3.Error, OSError) as error:
        raise StoreDown(
            f"The ledger cannot be asked what a budget has spent, so no request is sent that counts on it: {error}.",
            remedy="The log says why: see TRUNKLINE_HOME.",
            retry_after=5,
        ) from error
    return {key: before[key] if nano is None else nano for key, nano in known.items()}


def _key(budget: Cap) -> bytes:
    return balance_of(budget.name, budget.period, budget.start)


def _known(connection: sqlite3.Connection, key: bytes) -> int | None:
    found = connection.execute("SELECT settled_nano FROM balances WHERE balance = ?", (key,)).fetchone()
    return None if found is None else int(found[0])


def _before(connection: sqlite3.Connection, budget: Cap) -> int:
    """What the period had cost before the budget was there."""
    owner, _, group = budget.name.partition("|group:")
    whole, _, member = owner.partition("|user:")
    kind, _, name = whole.partition(":")
    if kind not in _WHOSE:
        return 0
    conditions = [(_WHOSE[kind], name), (_WHOSE["group"], group), (_WHOSE["user"], member)]
    meant = [(condition, value) for condition, value in conditions if value or condition == "TRUE"]
    money = "value_nano" if budget.counts == "v" else "billed_nano"
    if kind != "deployment" and budget.start % DAY == 0:
        table, column, since = "days", "day", budget.start // DAY
    else:
        # Days do not know deployments, and know no hours.
        table, column, since = "attempts", "id", id_from(budget.start * 1000)
    where = " AND ".join([f"{column} >= ?", *(condition for condition, _ in meant)])
    values = [since, *(value for condition, value in meant if "?" in condition)]
    (total,) = connection.execute(f"SELECT SUM({money}) FROM {table} WHERE {where}", values).fetchone()  # noqa: S608
    return int(total or 0)


def _begin(home: Path, sums: Mapping[bytes, int]) -> None:
    connection = connect(home)
    try:
        connection.executemany(
            "INSERT INTO balances VALUES (?,?,?,?) ON CONFLICT (balance) DO NOTHING",
            [(key, nano, round(time.time() * 1000), nano) for key, nano in sums.items() if nano],
        )
    finally:
        connection.close()
