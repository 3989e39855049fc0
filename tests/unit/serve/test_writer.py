"""The process that writes the ledger where there is much to write: it takes over, and nothing is lost however it ends."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.unit.state.making import elsewhere, free, hold, row
from trunkline.ledger import read
from trunkline.ledger.fold import Folder
from trunkline.serve.writer import Writer
from trunkline.state.lock import FileLock
from trunkline.state.store import State

MUCH = 300
SOON = 10.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks are not handed over there")


def settle(state: State, word: str, count: int = MUCH, **more: object) -> None:
    for n in range(count):
        state.settle(state.hold(hold(f"{word}{n}-0")), row(f"{word}{n}-0", **more))


def until(true: Callable[[], object], within: float = SOON) -> bool:
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def writers(pid: int | None = None) -> list[psutil.Process]:
    children = psutil.Process(pid or os.getpid()).children()
    return [each for each in children if "trunkline.serve.writer" in " ".join(each.cmdline())]


def nobody_holds(home: Path) -> bool:
    lock = FileLock(home / "fold.lock")
    free = lock.obtain()
    lock.release()
    return free


@contextmanager
def folding(state: State, home: Path) -> Iterator[Folder]:
    folder = Folder(state, home, free, None, partial(Writer, home))
    folder.start()
    try:
        yield folder
    finally:
        folder.stop()
        assert not writers()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(tmp_path)
    yield opened
    opened.close()


def test_little_needs_no_process(state: State, tmp_path: Path) -> None:
    with folding(state, tmp_path):
        settle(state, "a", 50)
        assert until(lambda: not state.pending())
        assert not writers()


def test_much_is_written_by_a_process_that_has_the_lock_all_the_time(state: State, tmp_path: Path) -> None:
    with folding(state, tmp_path):
        assert until(lambda: not nobody_holds(tmp_path))
        settle(state, "a")
        assert until(lambda: writers() or nobody_holds(tmp_path))
        settle(state, "b")
        assert until(lambda: not state.pending() or nobody_holds(tmp_path))
        assert not nobody_holds(tmp_path), "there was a moment without an owner"
        assert len(read.latest(tmp_path, 1000)) == 2 * MUCH
        [writer] = writers()
        assert writer.nice() > psutil.Process().nice()
    assert nobody_holds(tmp_path)


def test_a_clean_end_leaves_nothing_behind(state: State, tmp_path: Path) -> None:
    with folding(state, tmp_path):
        settle(state, "a")
        assert until(writers)
        settle(state, "b")
    assert state.pending() == 0
    assert len(read.latest(tmp_path, 1000)) == 2 * MUCH


def test_when_it_is_killed_the_thread_takes_the_work_back(
    state: State, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with folding(state, tmp_path):
        settle(state, "a")
        assert until(writers)
        writers()[0].kill()
        settle(state, "b", 40)
        assert until(lambda: not state.pending())
        assert "the process that wrote the ledger ended (-9)" in caplog.text
        settle(state, "c")
        assert until(lambda: not state.pending())
        assert not writers(), "one that does not live is not started again and again"
    rows = [each["attempt"] for each in read.latest(tmp_path, 1000)]
    assert len(rows) == len(set(rows)) == 2 * MUCH + 40
    assert sum(each["attempts"] for each in read.totals(tmp_path, "day")) == 2 * MUCH + 40


def test_it_ends_with_its_parent_and_empties_the_outbox_first(tmp_path: Path) -> None:
    code = (
        "import os, time; from functools import partial\nfrom tests.unit.state.making import free\n"
        "from trunkline.ledger.fold import Folder\nfrom trunkline.serve.writer import Writer\n"
        "s = State.open(home)\nf = Folder(s, home, free, None, partial(Writer, home))\nf.start()\n"
        "for n in range(300): s.settle(s.hold(hold(f'a{n}-0')), row(f'a{n}-0'))\n"
        "while f._writer is None: time.sleep(0.01)\n"
        "for n in range(300): s.settle(s.hold(hold(f'b{n}-0')), row(f'b{n}-0'))\n"
        "print(f._writer.pid, flush=True)\nos._exit(9)"
    )
    ended = elsewhere(tmp_path, code)
    assert ended.returncode == 9, ended.stderr
    pid = int(ended.stdout)
    assert until(lambda: not psutil.pid_exists(pid))
    assert len(read.latest(tmp_path, 1000)) == 600


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_that_are_for_its_parent_do_not_end_it(state: State, tmp_path: Path, name: str) -> None:
    with folding(state, tmp_path):
        settle(state, "a")
        assert until(writers)
        [writer] = writers()
        settle(state, "b")
        assert until(lambda: not state.pending()), "it has begun"
        writer.send_signal(getattr(signal, name))
        settle(state, "c")
        assert until(lambda: not state.pending())
        assert writers() == [writer]


def test_it_is_told_how_long_rows_are_kept(state: State, tmp_path: Path) -> None:
    with folding(state, tmp_path) as folder:
        settle(state, "old", started=86400.0, ended=86401.0)
        assert until(writers)
        settle(state, "new", started=time.time())
        assert until(lambda: len(read.latest(tmp_path, 1000)) == 2 * MUCH)
        folder.keep = 30 * 86400.0
        assert until(lambda: len(read.latest(tmp_path, 1000)) == MUCH)
        assert writers()


def test_dead_workers_are_still_settled_by_who_knows_the_prices(state: State, tmp_path: Path) -> None:
    with folding(state, tmp_path):
        settle(state, "a")
        assert until(writers)
        died = elsewhere(tmp_path, "s = State.open(home); s.hold(hold('dead-0')); import os; os._exit(9)")
        assert died.returncode == 9
        assert until(lambda: read.latest(tmp_path, request="dead"))
        assert read.latest(tmp_path, request="dead")[0]["outcome"] == "worker_died"


def test_where_no_process_can_be_started_the_thread_goes_on(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with folding(state, tmp_path):
        for word in "abc":
            settle(state, word)
            assert until(lambda: not state.pending())
    assert caplog.text.count("no process could be started to write the ledger") == 1
    assert len(read.latest(tmp_path, 1000)) == 3 * MUCH


def test_a_folder_with_modules_named_as_pythons_does_not_harm_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project").mkdir()
    for name in ("json", "logging", "sqlite3"):
        (tmp_path / "project" / f"{name}.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path / "project")
    state, lock = State.open(tmp_path), FileLock(tmp_path / "fold.lock")
    assert lock.obtain()
    settle(state, "a")
    writer = Writer(tmp_path, lock, None)
    lock.release()
    assert until(lambda: not state.pending() or writer.ended() is not None)
    writer.stop(SOON)
    assert writer.ended() == 0
    state.close()


def test_one_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trunkline.serve.writer._MAIN", "import time; time.sleep(60)")
    writer = Writer(tmp_path, FileLock(tmp_path / "fold.lock"), None)
    writer.stop(0.1)
    assert writer.ended() == -signal.SIGKILL


def test_one_that_cannot_use_the_ledger_says_so_in_a_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    State.open(tmp_path).close()
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 100)
    writer = Writer(tmp_path, FileLock(tmp_path / "fold.lock"), None)
    assert until(lambda: writer.ended() is not None)
    assert writer.ended() == 3
    said = capfd.readouterr().err
    assert "error ledger The ledger in" in said
    assert "Traceback" not in said
