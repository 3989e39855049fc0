"""State in memory: what LMDB's file does, its stand-in does as well, whatever is done to both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.state.making import hold, row
from trunkline.state.file import HotFile
from trunkline.state.memory import MemoryFile, MemoryState
from trunkline.state.store import Full, Spent, Unopened
from trunkline.state.types import Cap, Meter

KEYS = st.sampled_from([b"a", b"aa", b"ab", b"b", b"c\x00", b"c\xff"])
STEPS = st.one_of(
    st.tuples(st.just("put"), KEYS, st.binary(max_size=3), st.booleans()),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("pop"), KEYS),
    st.tuples(st.just("range"), KEYS),
    st.tuples(st.just("cut"), KEYS),
)


class Stop(Exception):
    """Ends a transaction in its middle."""


def done(file: HotFile, transactions: list[tuple[list[Any], bool]]) -> list[Any]:
    """What a sequence of transactions is told, and what is there in the end; the second of each says that it fails."""
    table, told = file.table(b"things"), []

    def play(transaction: Any, steps: list[Any], fails: bool) -> None:
        for name, key, *more in steps:
            if name == "put":
                told.append(transaction.put(key, more[0] or b"-", db=table, overwrite=more[1]))
            elif name == "delete":
                told.append(transaction.delete(key, db=table))
            elif name == "pop":
                told.append(transaction.pop(key, db=table))
            else:
                with transaction.cursor(db=table) as cursor:
                    found = cursor.set_range(key)
                    told.append((found, cursor.key(), cursor.value()))
                    if found and name == "cut":
                        told.append((cursor.delete(), cursor.key()))
                    elif found:
                        told.append((cursor.next(), cursor.key()))
        if fails:
            raise Stop

    for steps, fails in transactions:
        try:
            file.write(lambda transaction, steps=steps, fails=fails: play(transaction, steps, fails))  # type: ignore[misc]
        except Stop:
            told.append("undone")

    def all_of(transaction: Any) -> list[Any]:
        with transaction.cursor(db=table) as cursor:
            return [*cursor, transaction.stat(table)["entries"], transaction.get(b"a", b"none", db=table)]

    return [told, file.read(all_of)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(transactions=st.lists(st.tuples(st.lists(STEPS, max_size=8), st.booleans()), max_size=5))
def test_memory_does_what_the_file_does(
    tmp_path_factory: pytest.TempPathFactory, transactions: list[tuple[list[Any], bool]]
) -> None:
    real = HotFile(tmp_path_factory.mktemp("hot"), alone=True)
    try:
        assert done(MemoryFile(), transactions) == done(real, transactions)
    finally:
        real.close()


def test_holds_count_and_give_back() -> None:
    state = MemoryState.make()
    limit = Meter("k:1", 1)
    one = state.hold(hold("r1-0"), [limit])
    with pytest.raises(Full):
        state.hold(hold("r2-0"), [limit])
    state.settle(one, row("r1-0"))
    state.hold(hold("r3-0"), [limit])
    assert (state.live(), state.pending()) == (1, 0), "nobody would carry rows to a ledger, so none wait for one"


def test_budgets_are_kept_for_as_long_as_the_process_lives() -> None:
    state = MemoryState.make()
    cap = Cap("all", "", 0, 0, 100, 80)
    expensive = hold("r1-0")
    with pytest.raises(Unopened):
        state.hold(expensive, (), [cap])
    from trunkline.app import _unspent

    state.open_balances(_unspent([cap]))
    spent = row("r1-0")
    spent.billed = 70
    state.settle(state.hold(expensive, (), [cap]), spent)
    state.tidy(2e9)
    with pytest.raises(Spent):
        state.hold(expensive, (), [cap])


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    state = MemoryState.make()
    state.settle(state.hold(hold("r-0")), row("r-0"))
    state.remember("a", b"b")
    assert state.recall("") == {"a": b"b"}
    state.close()
    assert list(tmp_path.iterdir()) == []
