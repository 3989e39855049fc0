"""The ledger adds up, and says so when it does not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.ledger.making import DAY_ONE, at, ledger, some
from trunkline.ledger import prune
from trunkline.ledger.sqlite import connect
from trunkline.ledger.verify import Difference, verify
from trunkline.state.types import Row

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


def test_others_may_add_a_check(tmp_path: Path) -> None:
    wrong = Difference("key:k1", "settled_nano", 1, 2)

    def check(connection: sqlite3.Connection) -> list[Difference]:
        assert connection.execute("SELECT COUNT(*) FROM attempts").fetchone()[0] == 5
        return [wrong]

    assert verify(some(tmp_path), [check]).differences == (wrong,)
