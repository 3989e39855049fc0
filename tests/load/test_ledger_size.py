"""Ten million rows: reports in less than a second, pages that stall nobody, pruning beside a folder that goes on."""

from __future__ import annotations

import math
import sqlite3
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.harness import quickest
from tests.unit.state.making import row
from trunkline.ledger import logs, prune
from trunkline.ledger.logs import Wanted
from trunkline.ledger.period import Period
from trunkline.ledger.read import By, report
from trunkline.ledger.sqlite import connect, id_from, insert
from trunkline.ledger.sums import DAY, TABLES, added_up
from trunkline.ledger.traffic import traffic

pytestmark = pytest.mark.load

DAYS, KEYS, MODELS, TAGS = 90, 200, 10, 40
FIRST = 20_700
STEP_MS = 768
ROWS = DAYS * DAY // STEP_MS

A_DAY = DAY // STEP_MS
# One day's rows; a session's follow each other closely, as an agent's do.
_ONE_DAY = f"""
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {A_DAY - 1}),
r AS (SELECT i, {FIRST * DAY} + i*{STEP_MS} AS t, i*7919 % {KEYS} AS k, i % 3 AS m FROM n)
INSERT INTO attempts SELECT t << 21, printf('%012x-%08x-0', t, i), printf('%012x-%08x', t, i), t, t + 2000, 400,
 'glm', 'glm', 'd1', 'zai', 'model-' || ((k + m) % {MODELS}), 'anthropic', 'messages', 200, 'ok', 'end_turn',
 printf('%016x', k), 'session-' || (i / 1000 * 20 + i % 20), 'user-' || k, '["team-' || (k % {TAGS}) || '"]', 1,
 1000 + i % 5000, 300, 20, 150, 30, 1000 + i % 900000, 1000 + i % 900000, 1, i % 50 = 0, 'the first choice', '', x'' FROM r
"""
_SHIFTED = {
    "id": f"id + (?1 * {DAY} << 21)",
    "attempt": f"printf('%012x', started_ms + ?1 * {DAY}) || substr(attempt, 13)",
    "request": f"printf('%012x', started_ms + ?1 * {DAY}) || substr(request, 13)",
    "started_ms": f"started_ms + ?1 * {DAY}",
    "ended_ms": f"ended_ms + ?1 * {DAY}",
    "session": "?1 || session",
    "day": "day + ?1",
}
"""How another day's rows and sums come from the first one's."""


def build(home: Path) -> None:
    """A day as a gateway would have written it, and copies of it; then the indexes."""
    connection = connect(home)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -100000"):
        connection.execute(f"PRAGMA {pragma}")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'attempts' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("BEGIN")
    connection.execute(_ONE_DAY)
    first = (id_from(FIRST * DAY), id_from((FIRST + 1) * DAY))
    for table in TABLES:
        connection.execute(f"INSERT INTO {table.name} SELECT {FIRST}, * FROM ({added_up(table)})", first)
    for name in ("attempts", *(table.name for table in TABLES)):
        columns = [told[1] for told in connection.execute(f"PRAGMA table_info({name})")]
        shifted = ", ".join(_SHIFTED.get(column, f'"{column}"') for column in columns)
        bound = f"id < {first[1]}" if name == "attempts" else f"day = {FIRST}"
        for day in range(1, DAYS):
            connection.execute(f"INSERT INTO {name} SELECT {shifted} FROM {name} WHERE {bound}", (day,))
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.close()
    connect(home).close()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("large")
    began = time.monotonic()
    build(home)
    size = (home / "ledger.sqlite").stat().st_size / 1e9
    say(f"\n{ROWS:,} rows, {size:.1f} GB, made in {time.monotonic() - began:.0f} s")
    return home


def timed(what: str, ask: Callable[[], Any], within: float = math.inf) -> tuple[float, Any]:
    found: Any = None

    def once() -> float:
        nonlocal found
        began = time.perf_counter()
        found = ask()
        return time.perf_counter() - began

    took = quickest(once, within=within, tries=5)
    say(f"{what}: {took * 1000:.0f} ms")
    return took, found


def days(first: float, end: float) -> Period:
    return Period(round((FIRST + first) * DAY), round((FIRST + end) * DAY))


def test_reports_take_less_than_a_second(large: Path) -> None:
    whole = days(0, DAYS)
    names: tuple[By, ...] = ("day", "key", "model", "group", "provider", "user", "tag")
    for by in names:
        took, found = timed(f"all, by {by}", partial(report, large, by, whole), within=1)
        assert took < 1
        assert found.total["attempts"] == ROWS
    parts: tuple[tuple[By, Period], ...] = (
        ("session", days(60, 90)),
        ("session", days(80.4, 87.4)),
        ("tag", days(83.3, 90)),
        ("tag", days(10, 40)),
    )
    for by, period in parts:
        name = f"{(period.end - period.start) / DAY:.0f} days, by {by}"
        took, found = timed(name, partial(report, large, by, period, None, 50), within=1)
        assert took < 1
        assert len(found.rows) == (50 if by == "session" else TAGS)
        assert found.total["attempts"] == pytest.approx((period.end - period.start) / STEP_MS, abs=2)
    took, found = timed("all, by session", lambda: report(large, "session", whole, None, 50))
    assert len(found.rows) == 50


def test_one_keys_rows_and_one_request_are_found_at_once(large: Path) -> None:
    took, (text, after) = timed("a page of one key", lambda: logs.page(large, Wanted(keys=(f"{7:016x}",))), 0.3)
    assert took < 0.3
    assert after is not None
    assert text.count(b'"request_id"') == logs.PAGE
    at = FIRST * DAY + 5_000_000 * STEP_MS
    asked = f"{at:012x}-{5_000_000 % A_DAY:08x}"
    took, (text, after) = timed("one request", lambda: logs.page(large, Wanted(request=asked)), 0.1)
    assert took < 0.1
    assert text.count(b'"request_id"') == 1
    took, _ = timed(
        "a day's rows, a page", lambda: logs.page(large, Wanted(period=days(50, 51), newest_first=True)), 0.3
    )
    assert took < 0.3


def test_what_it_would_cost_elsewhere_is_answered_in_seconds(large: Path) -> None:
    began = time.process_time()
    _, found = timed("thirty days' tokens", partial(traffic, large, days(60, 90), [100_000, 272_000]))
    assert time.process_time() - began < 20
    assert sum(each.calls for each in found.used) == 30 * A_DAY


def test_rows_are_still_taken_quickly_and_pruning_stalls_nobody(large: Path) -> None:
    connection = connect(large)
    now = (FIRST + DAYS) * DAY / 1000
    fresh = [row(f"{round(now * 1000) + n:012x}-f{n}-0", started=now + n / 1000, key=f"{n % 200:016x}", session=f"s{n % 40}") for n in range(20_000)]  # fmt: skip
    began = time.process_time()
    for at in range(0, 10_000, 200):
        insert(connection, fresh[at : at + 200])
    say(f"folding into {ROWS:,} rows: {(time.process_time() - began) / 10_000 * 1e6:.1f} µs of CPU a row")
    longest = slowest = 0.0
    gone = 0
    cutter = sqlite3.connect(large / "ledger.sqlite", isolation_level=None, timeout=5)
    for at in range(10_000, 20_000, 200):
        began = time.perf_counter()
        gone += prune.step(cutter, FIRST + 30)
        middle = time.perf_counter()
        insert(connection, fresh[at : at + 200])
        longest, slowest = max(longest, middle - began), max(slowest, time.perf_counter() - middle)
    say(f"pruning: {gone:,} rows, the longest step {longest * 1000:.1f} ms, the longest fold {slowest * 1000:.1f} ms")
    assert gone == 50 * prune.STEP
    assert longest < 0.5
    cutter.close()
    connection.close()
    assert report(large, "day", days(0, DAYS)).total["attempts"] == ROWS
