"""Old rows go; what they add up to stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.ledger.making import DAY_ONE, at, ledger, some
from tests.unit.state.making import free, row
from tests.unit.state.making import hold as held
from trunkline.ledger import prune
from trunkline.ledger.fold import Folder
from trunkline.ledger.read import By, latest, totals
from trunkline.ledger.sqlite import connect
from trunkline.state.store import State

FIRST = int(DAY_ONE) // 86400


def test_rows_of_before_a_day_go_and_sums_stay(tmp_path: Path) -> None:
    names: tuple[By, ...] = ("key", "session", "tag", "day")
    some(tmp_path)
    before = {by: totals(tmp_path, by) for by in names}
    assert prune.prune(tmp_path, FIRST + 1) == 3
    assert {each["attempt"] for each in latest(tmp_path)} == {"d-0", "e-0"}
    assert {by: totals(tmp_path, by) for by in names} == before
    assert prune.prune(tmp_path, FIRST + 1) == 0


def test_a_day_goes_when_all_of_it_is_old_enough() -> None:
    assert prune.first_kept(DAY_ONE + 90 * 86400, 90 * 86400) == FIRST
    assert prune.first_kept(DAY_ONE + 90 * 86400 - 1, 90 * 86400) == FIRST - 1


def test_many_rows_go_in_small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "STEP", 7)
    ledger(tmp_path, [at(1, f"r{n}-0") for n in range(30)])
    connection = connect(tmp_path)
    assert [prune.step(connection, FIRST + 1) for _ in range(6)] == [7, 7, 7, 7, 2, 0]
    assert prune.kept_from(connection) == FIRST + 1
    connection.close()


def test_a_gateway_prunes_by_itself_while_it_takes_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger(tmp_path, [at(1, f"r{n}-0") for n in range(prune.STEP + 5)])
    monkeypatch.setattr("trunkline.ledger.fold.time.time", lambda: DAY_ONE + 31 * 86400)
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free, keep=30 * 86400)
    state.settle(state.hold(held("new-0")), row("new-0", started=DAY_ONE + 31 * 86400))
    assert folder.once() == 1
    assert len(latest(tmp_path, 1000)) == 6
    for _ in range(2):
        folder.once()
    assert [each["attempt"] for each in latest(tmp_path)] == ["new-0"]
    assert sum(each["attempts"] for each in totals(tmp_path, "day")) == prune.STEP + 6
    folder._disconnect()
    folder._lock.release()
    state.close()


def test_without_a_ledger_nothing_is_pruned(tmp_path: Path) -> None:
    assert prune.prune(tmp_path, FIRST) == 0
