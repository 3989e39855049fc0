"""Notes of how far answers came: there when a worker dies, gone with their hold, never another's."""

from __future__ import annotations

import errno
from pathlib import Path

import msgspec
import pytest

from tests.unit.state.making import elsewhere, free, hold, row
from trunkline.errors import StoreDown
from trunkline.state import noted as module
from trunkline.state.noted import Noted, noted
from trunkline.state.peek import Peek
from trunkline.state.store import State
from trunkline.state.types import Progress, Row


def key(number: int) -> bytes:
    return b"a life.." + number.to_bytes(8, "big")


def rows(state: State) -> dict[str, Row]:
    return {each.request: each for _, each in state.outbox(9999)}


def test_the_last_note_counts_and_is_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.noted"
    own = Noted(path)
    own.put(key(1), Progress(10, 1))
    own.put(key(2), Progress(20, 2, 3, 4))
    own.put(key(1), Progress(10, 9))
    assert (own.get(key(1)), own.get(key(3))) == (Progress(10, 9), None)
    assert noted(path) == {key(1)[8:]: Progress(10, 9), key(2)[8:]: Progress(20, 2, 3, 4)}
    own.end(key(1))
    assert own.get(key(1)) is None
    own.close()
    assert path.exists(), "somebody else will want the second"
    assert noted(tmp_path / "none") == {}


def test_without_a_path_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = Noted(None)
    own.put(key(1), Progress(1, 2))
    assert own.get(key(1)) == Progress(1, 2)
    own.close()
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_nothing_could_store_are_mended(tmp_path: Path) -> None:
    own = Noted(tmp_path / "x.noted")
    own.put(key(1), Progress(2**80, -1))
    assert own.get(key(1)) == Progress(10**15, 0)
    own.close()


def test_streams_one_after_another_share_a_place_and_many_at_once_have_one_each(tmp_path: Path) -> None:
    path = tmp_path / "x.noted"
    own = Noted(path)
    for number in range(5000):
        own.put(key(number), Progress(number))
        own.end(key(number))
    assert path.stat().st_size == 64 * 1024
    for number in range(1, 4000):
        own.put(key(number), Progress(number))
    assert path.stat().st_size == 3 * 64 * 1024
    assert path.stat().st_blocks * 512 >= path.stat().st_size, "a full disk cannot kill who notes"
    assert all(own.get(key(number)) == Progress(number) for number in range(1, 4000))
    assert {at: each.input for at, each in noted(path).items()} == {key(n)[8:]: n for n in range(1, 4000)}
    for number in range(1, 4000):
        own.end(key(number))
    own.close()
    assert not path.exists()


def test_a_note_that_was_cut_off_before_its_number_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "x.noted"
    own = Noted(path)
    own.put(key(1), Progress(10, 1))
    written = bytearray(path.read_bytes())
    written[40 + 8 : 80] = b"\x01" * 32
    path.write_bytes(written[:-100])
    assert noted(path) == {key(1)[8:]: Progress(10, 1)}
    own.close()


def test_a_dead_workers_notes_are_those_of_its_own_holds(tmp_path: Path) -> None:
    elsewhere(
        tmp_path,
        "from trunkline.state.types import Progress\n"
        "s = State.open(home)\n"
        "for n in range(2000): s.note(s.hold(hold(f'r{n}-0', streamed=True)), Progress(n, 1))\n"
        "one = s.hold(hold('one-0', streamed=True)); s.note(one, Progress(999_999, 1)); s.settle(one, row('one-0'))\n"
        "s.hold(hold('two-0', streamed=True)); os._exit(1)",
    )
    with Peek(tmp_path) as seen:
        [live] = seen.traces("r1700").live
        assert (live.progress, live.alive) == (Progress(1700, 1), False)
        assert seen.traces("two").live[0].progress is None
    state = State.open(tmp_path)
    assert state.reap(free, 5.0) == 2001
    found = rows(state)
    assert [found[f"r{n}"].input for n in (1, 1639, 1999)] == [1, 1639, 1999]
    assert found["two"].input == hold("two-0").estimate_input
    assert list((tmp_path / "lives").glob("*.noted")) == []
    state.close()


def test_notes_that_nobody_wants_any_more_are_taken_away(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    (tmp_path / "lives" / f"{b'12345678'.hex()}.noted").write_bytes(bytes(64 * 1024))
    assert state.reap(free, 5.0) == 0
    assert [path.name for path in (tmp_path / "lives").iterdir()] == [f"{state._life.hex()}.lock"]
    state.close()


def test_what_an_older_version_noted_is_heard(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    held = b"12345678" + bytes(8)

    def write(transaction: object) -> None:
        put = transaction.put  # type: ignore[attr-defined]
        put(held, msgspec.msgpack.encode(hold("r1-0")), db=state._holds)
        put(held, msgspec.msgpack.encode(Progress(400, 9)), db=state._progress)

    state._file.write(write)
    assert state.traces("r1").live[0].progress == Progress(400, 9)
    assert state.reap(free, 5.0) == 1
    assert (rows(state)["r1"].input, rows(state)["r1"].output) == (400, 9)
    state.close()


def test_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    state = State.open(tmp_path)
    ref = state.hold(hold("r1-0", streamed=True))
    with monkeypatch.context() as disk:
        disk.setattr(module, "claim", full)
        with pytest.raises(StoreDown):
            state.note(ref, Progress(1))
    state.note(ref, Progress(2))
    assert state.traces("r1").live[0].progress == Progress(2)
    state.settle(ref, row("r1-0"))
    state.close()
    assert list((tmp_path / "lives").iterdir()) == []
