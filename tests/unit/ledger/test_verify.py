"""The ledger adds up, and says so when it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.ledger.making import DAY_ONE, at, ledger, some
from trunkline.ledger import prune
from trunkline.ledger.migrations import STEPS
from trunkline.ledger.sqlite import FILE, connect
from trunkline.ledger.verify import Difference, verify
from trunkline.model.periods import period_at
from trunkline.state.types import Row, Taken

FIRST = int(DAY_ONE) // 86400


def test_what_the_gateway_wrote_adds_up(tmp_path: Path) -> None:
    found = verify(some(tmp_path))
    assert (found.days, found.attempts, found.differences) == (3, 5, ())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "UPDATE days SET billed_nano = billed_nano + 1 WHERE key = 'k2' AND model = 'gpt-6-sol'",
            Difference("2026-11-18: key k2, group fast, model gpt-6-sol, provider openai", "billed_nano", 500, 501),
        ),
        ("DELETE FROM day_tags WHERE tag = 'blue' AND attempts = 1 AND unpriced = 0",
         Difference("2026-11-18: tag blue", "billed_nano", 2_000_000_000, 0)),
        ("UPDATE day_sessions SET output = 0 WHERE session = ''", Difference("2026-11-20: session (none)", "output", 7, 0)),
        ("DELETE FROM attempts WHERE attempt = 'e-0'", Difference("2026-11-20: user (none)", "attempts", 0, 1)),
        (f"INSERT INTO day_users SELECT day + 2, user, 1,0,0,0,0,0,0,0,0,0,0,0 FROM day_users WHERE day = {FIRST}",
         Difference("2026-11-20: user bob", "attempts", 0, 1)),
    ],
)  # fmt: skip
def test_one_wrong_number_is_found(tmp_path: Path, change: str, told: Difference) -> None:
    some(tmp_path)
    connection = connect(tmp_path)
    connection.execute(change)
    connection.close()
    assert told in verify(tmp_path).differences


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.integers(0, 12), max_size=8), max_size=6))
def test_rows_that_are_handed_over_again_add_up(
    batches: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("ledger")
    for batch in batches:
        ledger(home, [_row(n) for n in batch])
    found = verify(home)
    assert (found.attempts, found.differences) == (len({n for batch in batches for n in batch}), ())


def _row(n: int) -> Row:
    """Names that repeat and numbers that do not; a tag that stands twice; what no provider can have meant."""
    return at(
        n * 7, f"r{n}-0", key=f"k{n % 3}", session=f"s{n % 4}", user="é" * (n % 2), tags=("a", "a", f"t{n % 5}")[: n % 4],
        billed=1 << n, output=2**70 if n == 5 else -3 if n == 6 else n, estimated=n % 3 == 0, priced=n % 4 > 0,
    )  # fmt: skip


def test_pruned_days_are_passed_over(tmp_path: Path) -> None:
    some(tmp_path)
    prune.prune(tmp_path, FIRST + 1)
    found = verify(tmp_path)
    assert (found.days, found.attempts, found.first, found.differences) == (2, 2, FIRST + 1, ())


BOTH: tuple[Taken, ...] = ((b"all||0", "b", 0, 0), (b"key:k1|1mo|1793491200", "v", 0, 1793491200))


def _charged(n: int) -> Row:
    return at(n, f"c{n}-0", billed=n, value=10 * n, funds=BOTH[: n % 3])


def test_what_budgets_have_settled_is_what_their_rows_come_to(tmp_path: Path) -> None:
    ledger(tmp_path, map(_charged, range(6)))
    found = verify(tmp_path)
    assert (found.balances, found.differences) == (2, ())
    connection = connect(tmp_path)
    told = connection.execute("SELECT balance, settled_nano FROM balances").fetchall()
    assert told == [(b"all||0", 1 + 2 + 4 + 5), (b"key:k1|1mo|1793491200", 20 + 50)]
    connection.execute("UPDATE balances SET settled_nano = 13 WHERE settled_nano = 12")
    connection.execute("DELETE FROM balances WHERE settled_nano = 70")
    connection.close()
    assert set(verify(tmp_path).differences) == {
        Difference("the budget of all", "nano-dollars", 12, 13),
        Difference("the budget of key:k1 (1mo) from 2026-11-01", "nano-dollars", 70, 0),
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.integers(0, 99), max_size=8), max_size=6), day=st.integers(-1, 6))
def test_balances_stay_right_through_pruning(
    batches: list[list[int]], day: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("ledger")
    for batch in batches:
        ledger(home, map(_charged, batch))
    before = _settled(home)
    prune.prune(home, FIRST + day)
    assert verify(home).differences == ()
    assert _settled(home) == before
    ledger(home, map(_charged, range(100, 110)))
    assert verify(home).differences == ()


def test_balances_of_periods_that_are_over_go_with_their_rows(tmp_path: Path) -> None:
    ledger(tmp_path, map(_charged, range(6)))
    prune.prune(tmp_path, FIRST + 12)
    assert verify(tmp_path).balances == 2
    prune.prune(tmp_path, FIRST + 13)
    assert _settled(tmp_path) == {b"all||0": 12}


def test_a_balance_of_another_zone_goes_when_its_period_is_over_there(tmp_path: Path) -> None:
    november = period_at("1mo", datetime(2026, 11, 20, tzinfo=UTC).timestamp(), "Asia/Tokyo")[0]
    key = b"all|1mo|%d" % november
    connection = connect(tmp_path)
    connection.execute("INSERT INTO balances VALUES (?,?,?,?)", (key, 5, 1, 5))
    connection.close()
    for day, left in (("2026-11-30", {key: 5}), ("2026-12-03", {})):
        prune.prune(tmp_path, int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) // 86_400)
        assert _settled(tmp_path) == left


def _settled(home: Path) -> dict[bytes, int]:
    if not (home / FILE).exists():
        return {}
    connection = connect(home)
    found = dict(connection.execute("SELECT balance, settled_nano FROM balances").fetchall())
    connection.close()
    return found


def test_balances_of_an_older_version_are_carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("trunkline.ledger.migrations.STEPS", STEPS[:4])
        old = connect(tmp_path)
        old.execute("INSERT INTO balances VALUES (?,?,?)", (b"all||0", 7, 1))
        old.close()
    ledger(tmp_path, map(_charged, range(6)))
    assert _settled(tmp_path)[b"all||0"] == 7 + 12
    assert verify(tmp_path).differences == ()
