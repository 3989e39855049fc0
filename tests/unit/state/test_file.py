"""The file under the hot state: disks that fill, machines that fall, files that are damaged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.state.making import elsewhere, hold, row
from trunkline.errors import StoreDown
from trunkline.state import file
from trunkline.state.room import MB
from trunkline.state.store import State

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")


def fill(state: State) -> int:
    """Settles attempts until the state takes no more."""
    for number in range(100_000):
        held = hold(f"r{number}-0", user="u" * 400)
        try:
            ref = state.hold(held)
        except StoreDown:
            return number
        state.settle(ref, row(held.attempt))
    raise AssertionError("it never filled up")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("FIRST", 1), ("STEP", 1), ("MOST", 2), ("RESERVE", 4)):
        monkeypatch.setattr(file, name, size * MB)


def test_the_file_is_never_sparse_so_that_a_full_disk_cannot_kill(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    told = (tmp_path / "hot.lmdb").stat()
    assert sys.platform == "win32" or told.st_blocks * 512 >= told.st_size >= file.FIRST
    state.close()


@posix
def test_a_full_disk_refuses_requests_and_keeps_the_process_alive(tmp_path: Path) -> None:
    ended = elsewhere(
        tmp_path,
        "import resource\nfrom trunkline.errors import StoreDown\nfrom trunkline.state import file\n"
        "file.FIRST = file.STEP = file.MB; s = State.open(home)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2 * file.MB, resource.RLIM_INFINITY))\n"
        "held = s.hold(hold('first-0')); n = 0\n"
        "try:\n    while True: n += 1; s.hold(hold(f'r{n}-0'))\nexcept StoreDown as e: print(e.code)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "s.settle(held, row('first-0')); print(s.live() == n - 1, s.pending()); s.close()",
    )
    assert ended.stdout.split() == ["store_down", "True", "1"], ended.stderr


@pytest.mark.usefixtures("small")
def test_a_full_state_refuses_but_can_always_be_emptied(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    filled = fill(state)
    assert state.pending() == filled
    while rows := state.outbox(500):
        state.forget([key for key, _ in rows])
    state.hold(hold("again-0"))
    state.close()


@pytest.mark.usefixtures("small")
def test_a_row_that_cannot_be_written_is_kept_and_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State.open(tmp_path)
    held = hold("first-0")
    ref = state.hold(held)
    with monkeypatch.context() as full:
        full.setattr(file.HotFile, "begin", _refuse)
        state.settle(ref, row(held.attempt))
        with pytest.raises(StoreDown):
            state.hold(hold("second-0"))
    assert state.pending() == 1
    state.hold(hold("second-0"))
    assert [waiting.attempt for _, waiting in state.outbox(9)] == ["first-0"]
    assert state.live() == 1
    state.close()


def _refuse(*_: object) -> None:
    raise StoreDown("full")


def test_processes_follow_when_one_of_them_enlarges_the_file(tmp_path: Path, small: None) -> None:
    state = State.open(tmp_path)
    ended = elsewhere(
        tmp_path,
        "s = State.open(home)\nfor n in range(6000): s.settle(s.hold(hold(f'r{n}-0')), row(f'r{n}-0'))\ns.close()",
    )
    assert ended.returncode == 0, ended.stderr
    assert state.pending() == 6000
    state.hold(hold("r1-0"))
    assert (state.live(), (tmp_path / "hot.lmdb").stat().st_size > file.FIRST) == (1, True)
    state.close()


@pytest.mark.parametrize("damage", [b"\xff" * 8192, b"\0" * (1 << 20), b"short"])
def test_a_damaged_file_is_put_aside_loudly(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    State.open(tmp_path).close()
    (tmp_path / "hot.lmdb").write_bytes(damage)
    state = State.open(tmp_path)
    state.hold(hold("r1-0"))
    assert state.live() == 1
    assert len(list(tmp_path.glob("hot.lmdb.*.lost"))) == 1
    assert "put aside" in caplog.text
    state.close()


def test_a_damaged_file_that_others_use_is_not_moved_away_from_under_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State.open(tmp_path)
    ended = elsewhere(
        tmp_path,
        "from trunkline.state import file\nfrom trunkline.errors import StoreDown\nfile.boot_id = lambda: 'other'\n"
        "try: State.open(home)\nexcept StoreDown as e: print(e.remedy)",
    )
    assert "Stop every Trunkline" in ended.stdout, ended.stderr
    state.hold(hold("r1-0"))
    state.close()


def test_a_file_that_is_closed_refuses_again_and_again(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ref = state.hold(hold("r1-0"))
    state.close()
    for _ in range(2):
        with pytest.raises(StoreDown):
            state.hold(hold("r2-0"))
        with pytest.raises(StoreDown):
            state.live()
    state.settle(ref, row("r1-0"))


def test_work_that_fails_leaves_the_file_to_others(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ref = state.hold(hold("r1-0"))
    state.settle(ref, row("r1-0"))
    with pytest.raises(KeyError):
        state.settle(ref, row("r1-0"))
    with pytest.raises(AttributeError):
        state.hold(hold("r2-0"), (), (None,))  # type: ignore[arg-type]
    state.hold(hold("r3-0"))
    assert (state.live(), state.pending()) == (1, 1)
    state.close()
