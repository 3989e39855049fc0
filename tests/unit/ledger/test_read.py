"""Reports: what was spent, by whatever name, in whatever period."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.ledger.making import DAY_ONE, HOUR, at, ledger, some
from trunkline.errors import StoreDown
from trunkline.ledger import prune
from trunkline.ledger.migrations import STEPS
from trunkline.ledger.period import Period
from trunkline.ledger.read import By, report, totals
from trunkline.ledger.sqlite import connect


def hours(start: float, end: float) -> Period:
    return Period(round((DAY_ONE + start * HOUR) * 1000), round((DAY_ONE + end * HOUR) * 1000))


def billed(home: Path, by: By, period: Period) -> dict[str, int]:
    return {row[by]: row["billed_nano"] for row in report(home, by, period).rows}


def test_the_same_money_stands_under_every_name(tmp_path: Path) -> None:
    some(tmp_path)
    assert billed(tmp_path, "key", Period()) == {"k1": 3_000_000_001, "k2": 507}
    assert billed(tmp_path, "user", Period()) == {"ann": 3_000_000_008, "bob": 500, "": 0}
    assert billed(tmp_path, "model", Period()) == {"glm-5.3": 3_000_000_008, "gpt-6-sol": 500, "own": 0}
    assert billed(tmp_path, "group", Period()) == {"glm": 3_000_000_008, "fast": 500}
    assert billed(tmp_path, "provider", Period()) == {"zai": 3_000_000_008, "openai": 500}
    assert billed(tmp_path, "session", Period()) == {"s1": 3_000_000_008, "s2": 500, "": 0}
    assert billed(tmp_path, "tag", Period()) == {"red": 3_000_000_008, "blue": 2_000_000_000, "": 500}
    assert list(billed(tmp_path, "day", Period())) == ["2026-11-20", "2026-11-19", "2026-11-18"]


def test_what_was_estimated_failed_or_had_no_price_is_told(tmp_path: Path) -> None:
    total = report(some(tmp_path), "tag").total
    assert (total["attempts"], total["failed"], total["unpriced"]) == (5, 1, 1)
    assert (total["estimated"], total["estimated_nano"], total["billed_nano"]) == (1, 500, 3_000_000_508)


def test_a_period_that_cuts_through_days_counts_the_rows_in_it(tmp_path: Path) -> None:
    some(tmp_path)
    assert billed(tmp_path, "model", hours(5, 31)) == {"glm-5.3": 2_000_000_007, "gpt-6-sol": 500}
    assert billed(tmp_path, "day", hours(10, 10.001)) == {"2026-11-18": 2_000_000_000}
    assert billed(tmp_path, "session", hours(10.001, 60)) == {"s1": 7, "s2": 500, "": 0}
    assert billed(tmp_path, "key", hours(31, 49)) == {}


def test_one_key_can_be_looked_at_alone(tmp_path: Path) -> None:
    found = report(some(tmp_path), "model", only={"key": "k2"})
    assert [(row["model"], row["billed_nano"]) for row in found.rows] == [("gpt-6-sol", 500), ("glm-5.3", 7)]
    assert found.total["billed_nano"] == 507
    assert report(tmp_path, "day", hours(1, 24), {"group": "fast"}).total["attempts"] == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times=st.lists(st.integers(0, 95), max_size=12),
    start=st.integers(0, 95),
    long=st.integers(1, 96),
    by=st.sampled_from(get_args(By)),
)
def test_whatever_the_period_it_is_the_sum_of_its_rows(
    times: list[int], start: int, long: int, by: By, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("ledger")
    ledger(home, [at(hour, f"r{n}-0", billed=1 << n, tags=("t",)) for n, hour in enumerate(times)])
    expected = sum(1 << n for n, hour in enumerate(times) if start <= hour < start + long)
    found = report(home, by, hours(start, start + long))
    assert found.total["billed_nano"] == expected
    assert sum(row["billed_nano"] for row in found.rows) == expected


def test_days_of_which_rows_are_gone_are_counted_whole_and_it_is_said(tmp_path: Path) -> None:
    some(tmp_path)
    prune.prune(tmp_path, int(DAY_ONE) // 86400 + 1)
    found = report(tmp_path, "key", hours(5, 31))
    assert found.total["billed_nano"] == 3_000_000_508
    assert found.period.since == "2026-11-18"
    assert found.notes == ("Rows of before 2026-11-19 were pruned: whole days are counted there.",)


def test_rows_of_one_millisecond_stand_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trunkline.ledger.batch.randrange", lambda _: 3)
    ledger(tmp_path, [at(1, f"r{n}-0") for n in range(5)])
    ledger(tmp_path, [at(1, f"r{n}-0") for n in range(8)])
    assert totals(tmp_path, "day")[0]["attempts"] == 8
    assert report(tmp_path, "key", hours(0.5, 1.5)).total["attempts"] == 8


def test_a_ledger_of_an_older_version_is_only_read_by_its_gateway(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    connection.execute(f"PRAGMA user_version = {len(STEPS) - 1}")
    connection.close()
    with pytest.raises(StoreDown, match="older Trunkline") as raised:
        report(tmp_path, "key")
    assert "Start this version's gateway once" in raised.value.sentence
