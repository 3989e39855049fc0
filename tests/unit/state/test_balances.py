"""Balances: held with an attempt, charged with its end, never over a cap, never lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.roster.making import office
from tests.unit.state.making import elsewhere, hold, row
from trunkline.ledger.balances import opening
from trunkline.ledger.fold import Folder
from trunkline.roster import keys, teams
from trunkline.state.balances import Balances, Shared
from trunkline.state.pack import charged
from trunkline.state.store import HoldRef, Spent, State, Unopened
from trunkline.state.types import Cap, Hold, Meter, Progress

DOLLAR = 1_000_000_000


def cap(amount: int = 0, name: str = "key:1", limit: int = 100, **more: Any) -> Cap:
    return Cap(**{"name": name, "period": "", "start": 0, "reset": 0, "limit": limit, "amount": amount, **more})


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path)


def take(state: State, *budgets: Cap, number: list[int] = [0]) -> HoldRef:  # noqa: B006 - a counter
    """A hold on these budgets, opened at nothing where they are new."""
    number[0] += 1
    made = hold(f"r{number[0]}-0")
    try:
        return state.hold(made, (), budgets)
    except Unopened as new:
        state.open_balances(opening(Path("nowhere"), new.budgets))
        return state.hold(made, (), budgets)


def settle(state: State, ref: HoldRef, billed: int, value: int | None = None) -> None:
    state.settle(ref, row(f"{ref.key.hex()}-0", billed=billed, value=billed if value is None else value))


def test_what_is_held_cannot_be_spent_twice(state: State) -> None:
    one = take(state, cap(60))
    with pytest.raises(Spent) as spent:
        take(state, cap(60))
    told = spent.value
    assert (told.settled, told.held, told.worst, told.free, told.reset) == (0, 60, 60, 40, 0)
    take(state, cap(40))
    settle(state, one, 10)
    assert state.balances([cap()]) == [(10, 40)]
    take(state, cap(50))


def test_exactly_the_cap_may_be_spent(state: State) -> None:
    settle(state, take(state, cap(100)), 100)
    with pytest.raises(Spent):
        take(state, cap(1))
    take(state, cap(0))


def test_from_its_share_on_an_attempt_makes_way_unless_it_costs_nothing(state: State) -> None:
    settle(state, take(state, cap(60, share=80)), 60)
    one = take(state, cap(30, share=80))
    with pytest.raises(Spent) as spent:
        take(state, cap(40, share=80))
    assert not isinstance(spent.value, Shared)
    settle(state, one, 20)
    with pytest.raises(Shared):
        take(state, cap(10, share=80))
    with pytest.raises(Shared):
        take(state, cap(10, share=80), cap(60, "all", 30))
    assert state.balances([cap()]) == [(80, 0)]
    take(state, cap(0, share=80))
    take(state, cap(20))


def test_a_soft_budget_is_told_by_the_one_settlement_that_reaches_it(state: State) -> None:
    soft = cap(30, soft=50)
    first, second, third = (take(state, soft) for _ in range(3))

    def ended(ref: HoldRef, billed: int) -> list[tuple[str, int]]:
        reached = state.settle(ref, row(f"{ref.key.hex()}-0", billed=billed, value=billed))
        return [(each.name, spent) for each, spent in reached]

    assert ended(first, 30) == []
    assert ended(second, 20) == [("key:1", 50)]
    assert ended(third, 20) == []


def test_several_budgets_are_held_together_or_not_at_all(state: State) -> None:
    with pytest.raises(Spent) as spent:
        take(state, cap(60), cap(60, "team:a", 50), cap(60, "all", 30))
    assert spent.value.budget.name == "all"
    assert state.balances([cap(), cap(name="team:a"), cap(name="all")]) == [(0, 0)] * 3
    assert state.live() == 0


def test_a_limit_that_is_full_holds_no_money(state: State) -> None:
    take(state, cap(10))
    flight = Meter("k:1", 1)
    state.hold(hold("a-0"), (flight,), (cap(10),))
    with pytest.raises(Exception, match="flight"):
        state.hold(hold("b-0"), (flight,), (cap(10),))
    assert state.balances([cap()]) == [(0, 20)]


def test_what_costs_more_than_was_held_is_charged_in_full(state: State) -> None:
    settle(state, take(state, cap(10)), 130)
    assert state.balances([cap()]) == [(130, 0)]
    with pytest.raises(Spent) as spent:
        take(state, cap(1))
    assert spent.value.free == 0


def test_the_value_counts_where_the_budget_says_so(state: State) -> None:
    settle(state, take(state, cap(10), cap(10, "all", counts="v")), 0, 7)
    assert state.balances([cap(), cap(name="all")]) == [(0, 0), (7, 0)]


def test_a_call_over_a_reset_is_charged_to_the_period_that_it_began_in(state: State) -> None:
    old = cap(60, period="24h", start=86400, reset=2 * 86400)
    new = cap(60, period="24h", start=2 * 86400, reset=3 * 86400)
    ref = take(state, old)
    take(state, new)
    settle(state, ref, 50)
    assert state.balances([old, new]) == [(50, 0), (0, 60)]


def test_a_balance_that_is_not_there_is_asked_for_and_not_nothing(state: State) -> None:
    with pytest.raises(Unopened) as new:
        state.hold(hold("a-0"), (), (cap(10), cap(10, "all")))
    assert [each.name for each in new.value.budgets] == ["key:1", "all"]
    assert state.live() == 0
    state.open_balances(dict.fromkeys(opening(Path("nowhere"), new.value.budgets), 95))
    with pytest.raises(Spent):
        state.hold(hold("a-0"), (), (cap(10), cap(10, "all")))
    # Whoever asked at the same time changes nothing any more.
    state.open_balances(dict.fromkeys(opening(Path("nowhere"), new.value.budgets), 0))
    assert state.balances([cap()]) == [(95, 0)]


@pytest.mark.parametrize("name", ["", "\udcff", "ß" * 300, "a|b", "\0"])
def test_any_name_can_be_capped(state: State, name: str) -> None:
    settle(state, take(state, cap(10, f"session:{name}")), 3)
    assert state.balances([cap(name=f"session:{name}")]) == [(3, 0)]


def _priced(_hold: Hold, _progress: Progress) -> tuple[int, int, bool]:
    return 500, 500, True


def test_what_a_dead_worker_held_is_settled_and_never_above_its_hold(tmp_path: Path) -> None:
    elsewhere(
        tmp_path,
        "import signal\nfrom trunkline.state.types import Cap\nstate = State.open(home)\n"
        "cap = Cap('key:1', '', 0, 0, 100, 60)\n"
        "state.open_balances({b'key:1||0': 5})\n"
        "state.hold(hold('dead-0', worst=60), (), (cap,))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
    )
    state = State.open(tmp_path)
    assert state.balances([cap()]) == [(5, 60)]
    assert state.reap(_priced, 5.0) == 1
    assert state.balances([cap()]) == [(65, 0)]
    ((_, buried),) = state.outbox(9)
    assert (buried.billed, buried.estimated, buried.charged) == (60, True, charged([(b"key:1||0", "b", 60, 0)]))


def _folded(state: State, home: Path) -> None:
    folder = Folder(state, home, _priced)
    folder.once()
    folder._disconnect()
    folder._lock.release()


def test_a_lost_hot_file_is_rebuilt_from_the_ledger(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    budgets = cap(60), cap(60, "session:x"), cap(60, "end:y", period="1mo", start=5)
    settle(state, take(state, *budgets), 40)
    settle(state, take(state, *budgets), 7)
    _folded(state, tmp_path)
    state._file.close()
    for found in tmp_path.glob("hot.lmdb*"):
        found.unlink()
    fresh = State.open(tmp_path)
    with pytest.raises(Unopened) as new:
        fresh.hold(hold("z-0"), (), budgets)
    assert set(opening(tmp_path, new.value.budgets).values()) == {47}


def test_an_older_hot_file_that_comes_back_after_a_power_failure_is_not_believed(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    settle(state, take(state, cap(60)), 10)
    _folded(state, tmp_path)
    state.close()
    older = (tmp_path / "hot.lmdb").read_bytes()
    state = State.open(tmp_path)
    settle(state, take(state, cap(60)), 30)
    _folded(state, tmp_path)
    state.close()
    (tmp_path / "hot.lmdb").write_bytes(older)
    state = State.open(tmp_path)
    state._file.write(lambda transaction: transaction.put(b"boot", b"another", db=state._meta))
    state._file.close()
    state._lock.release(delete=True)
    fresh = State.open(tmp_path)
    assert list(tmp_path.glob("hot.lmdb.*.lost"))
    with pytest.raises(Unopened) as new:
        fresh.hold(hold("z-0"), (), (cap(60),))
    fresh.open_balances(opening(tmp_path, new.value.budgets))
    fresh.hold(hold("z-0"), (), (cap(60),))
    assert fresh.balances([cap()]) == [(40, 60)]
    with pytest.raises(Spent):
        fresh.hold(hold("y-0"), (), (cap(1),))


def test_a_new_budget_begins_with_what_its_period_had_cost(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    for number, started in enumerate((1000.0, 90_000.0, 95_000.0)):
        told = row(f"r{number}-0", started=started, billed=10, value=20, key="1", deployment="d")
        state.settle(state.hold(hold(f"r{number}-0")), told)
    _folded(state, tmp_path)
    day: dict[str, Any] = {"period": "24h", "start": 86_400, "reset": 172_800}
    wanted = [
        cap(),
        cap(name="all", **day),
        cap(name="key:2"),
        cap(name="deployment:d", period="7s", start=91_000),
        cap(name="session:x"),
        cap(name="all", counts="v"),
    ]
    assert [opening(tmp_path, [each]).popitem()[1] for each in wanted] == [30, 20, 0, 10, 0, 60]
    # That stays the sum's beginning, whatever is added to it.
    state.open_balances(opening(tmp_path, [cap()]))
    settle(state, take(state, cap(5)), 4)
    _folded(state, tmp_path)
    assert opening(tmp_path, [cap()]) == {b"key:1||0": 34}


def test_a_new_budget_of_a_user_or_a_team_begins_with_what_their_keys_had_cost(tmp_path: Path) -> None:
    state, made = State.open(tmp_path), office(tmp_path)
    teams.new(made, {"team_id": "red"}, "master")
    told = [
        keys.generate(made, {"user_id": user, "team_id": team}, "master")
        for user, team in (("ada", "red"), ("ada", None), ("bob", "red"))
    ]
    for number, (each, nano) in enumerate(zip(told, (1, 20, 300), strict=True)):
        ended = row(f"r{number}-0", billed=nano, key=each["id"], group="g" if number else "h")
        state.settle(state.hold(hold(f"r{number}-0")), ended)
    _folded(state, tmp_path)
    keys.regenerate(made, {"key": told[0]["key"]}, "master")
    keys.delete(made, {"keys": [told[2]["key"]]}, "master")
    names = (
        "user:ada",
        "team:red",
        "team:red|user:ada",
        "user:ada|group:g",
        f"key:{told[0]['id']}|group:g",
        "user:eve",
    )
    assert [opening(tmp_path, [cap(name=name)]).popitem()[1] for name in names] == [21, 301, 1, 20, 0, 0]


def test_balances_leave_the_table_only_when_the_ledger_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.state.balances._UNUSED", -100.0)
    state = State.open(tmp_path)
    held, settled = take(state, cap(5, "a")), take(state, cap(5, "b"))
    settle(state, settled, 3)
    now = row("x-0").ended + 10**10
    Balances.sweep(state._balances, now)
    assert state.balances([cap(name="a"), cap(name="b")]) == [(0, 5), (3, 0)]
    settle(state, held, 1)
    _folded(state, tmp_path)
    Balances.sweep(state._balances, now)
    assert state.balances([cap(name="a"), cap(name="b")]) == [None, None]
    assert [*opening(tmp_path, [cap(name="a"), cap(name="b")]).values()] == [1, 3]
