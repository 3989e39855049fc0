"""Circuits, homes: what workers tell each other about deployments."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.state.making import Worker, elsewhere, free
from trunkline.state import circuits, homes
from trunkline.state.store import State
from trunkline.state.types import Circuit

NOW = 1_795_000_000.0


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path)


def failed(circuit: Circuit | None) -> Circuit:
    return Circuit(fails=1 + (circuit.fails if circuit else 0), since=NOW, until=NOW + 5, kind="server", said="503")


@pytest.fixture
def other(state: State, tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path)
    yield worker
    worker.kill()


def test_a_failure_is_seen_by_every_worker(state: State, other: Worker) -> None:
    assert other.ask("s.circuits(['d:1', 'd:2'])") == "{}"
    before, after = state.mend("d:1", failed)
    assert (before, after and after.fails) == (None, 1)
    assert state.circuits(["d:1", "d:2"]) == {"d:1": failed(None)}
    time.sleep(circuits._BELIEVED)
    assert other.ask("s.circuits(['d:1', 'd:2'])['d:1'].said") == "'503'"
    assert state.all_circuits() == {"d:1": failed(None)}
    assert state.mend("d:1", failed)[1] == Circuit(2, NOW, 0, NOW + 5, 0.0, "server", "503")
    assert state.mend("d:1", lambda _: None) == (Circuit(2, NOW, 0, NOW + 5, 0.0, "server", "503"), None)
    assert state.all_circuits() == {}


def test_a_change_that_changes_nothing_writes_nothing(state: State) -> None:
    state.mend("d:1", failed)
    before = state._file._env.info()["last_txnid"]
    state.mend("d:1", lambda circuit: circuit)
    state.mend("d:2", lambda circuit: circuit)
    state.circuits(["d:1"])
    assert state._file._env.info()["last_txnid"] == before


def test_one_worker_tries_a_circuit_out_at_a_time(state: State, other: Worker) -> None:
    state.mend("d:1", failed)
    assert state.probe("d:1", NOW)
    assert other.ask(f"s.probe('d:1', {NOW + 1})") == "False"
    assert state.circuits(["d:1"])["d:1"].probe == NOW
    assert other.ask(f"s.probe('d:1', {NOW + 61})") == "True", "a probe that never ended is forgotten"
    state.unprobe("d:1", NOW)
    assert not state.probe("d:1", NOW + 62), "that one was no longer its own"
    other.ask(f"s.unprobe('d:1', {NOW + 61})")
    assert state.probe("d:1", NOW + 63)
    assert not state.probe("d:1", NOW + 64)
    assert state.probe("d:1", NOW - 3600), "the clock was set back"
    assert state.probe("d:2", NOW), "nothing to try out"


def test_the_probe_of_a_dead_worker_is_free_again(state: State, tmp_path: Path) -> None:
    state.mend("d:1", failed)
    elsewhere(tmp_path, f"s = State.open(home); assert s.probe('d:1', {NOW}); os._exit(1)")
    assert not state.probe("d:1", NOW + 1)
    state.reap(free, NOW)
    assert state.probe("d:1", NOW + 1)


def test_circuits_vanish_by_themselves(state: State) -> None:
    state.mend("old", failed)
    state.mend("long rest", lambda _: Circuit(since=NOW, until=NOW + 20_000, kind="quota"))
    state.reap(free, NOW + 4000)
    assert state.all_circuits().keys() == {"long rest"}
    state.reap(free, NOW - 86_400)
    assert state.all_circuits() == {}, "the clock was set back by a day"


def test_names_and_sentences_may_be_anything(state: State) -> None:
    for name in ("d:1|" + "x" * 3000, "d:1|\ud800", "d:é"):
        state.mend(name, lambda _: Circuit(since=NOW, said="\ud800" * 9000))
        assert len(state.circuits([name])[name].said) == 500
        assert name in state.all_circuits()


def test_invented_models_do_not_fill_the_table(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuits, "MOST", 20)
    for number in range(50):
        state.mend(f"d:1|{number}", failed)
    assert len(state.all_circuits()) == 20
    assert "d:1|49" in state.all_circuits()


def test_a_session_is_at_home_where_it_settled(state: State, other: Worker) -> None:
    assert state.home_of("s") is None
    state.settle_in("s", "d1", NOW)
    assert other.ask("s.home_of('s')") == "'d1'"
    other.ask(f"s.settle_in('s', 'd2', {NOW + 1})")
    assert state.home_of("s") == "d2"


def test_a_home_is_written_when_it_changes_or_is_a_minute_old(state: State) -> None:
    def written() -> int:
        last: int = state._file._env.info()["last_txnid"]
        return last

    state.settle_in("s", "d1", NOW)
    first = written()
    for second in range(59):
        state.settle_in("s", "d1", NOW + second)
    assert written() == first
    state.settle_in("s", "d1", NOW + 61)
    state.settle_in("s", "d1", NOW - 3600)
    assert written() == first + 2


def test_homes_are_bounded_in_age_and_number(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "MOST", 50)
    for number in range(200):
        state.settle_in(f"s{number}", "d1", NOW + number)
    kept = [number for number in range(200) if state.home_of(f"s{number}")]
    assert len(kept) == 50
    assert 199 in kept
    state.reap(free, NOW + 3650)
    assert min(number for number in range(200) if state.home_of(f"s{number}")) > 50
