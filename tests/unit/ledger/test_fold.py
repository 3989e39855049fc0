"""From the hot state into the ledger: every row once, however often a process dies on the way."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.state.making import elsewhere, free, hold, row
from trunkline.errors import StoreDown
from trunkline.ledger import fold as fold_module
from trunkline.ledger import read
from trunkline.ledger.balances import opening
from trunkline.ledger.fold import Folder
from trunkline.ledger.migrations import STEPS
from trunkline.ledger.sqlite import FILE, connect, insert
from trunkline.ledger.verify import verify
from trunkline.state.lock import FileLock
from trunkline.state.pack import pack, unpack_hold, unpack_row
from trunkline.state.store import State
from trunkline.state.types import Cap


def settled(state: State, attempt: str, **more: object) -> None:
    state.settle(state.hold(hold(attempt)), row(attempt, **more))


def test_rows_are_in_the_ledger_within_a_second(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    folder.start()
    for n in range(450):
        settled(state, f"r{n}-0")
    until = time.monotonic() + 5
    while state.pending() and time.monotonic() < until:
        time.sleep(0.02)
    assert len(read.latest(tmp_path, 1000)) == 450
    assert read.totals(tmp_path, "model")[0]["attempts"] == 450
    folder.stop()
    state.close()


def test_a_clean_end_leaves_nothing_behind(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    folder.start()
    settled(state, "last-0")
    folder.stop()
    assert state.pending() == 0
    assert read.latest(tmp_path)[0]["request"] == "last"
    state.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.integers(0, 12), max_size=8), max_size=6))
def test_rows_that_are_handed_over_again_are_counted_once(
    batches: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("ledger")
    connection = connect(home)
    for batch in batches:
        insert(connection, [row(f"r{n}-0", output=n) for n in batch])
    connection.close()
    distinct = {n for batch in batches for n in batch}
    assert len(read.latest(home, 100)) == len(distinct)
    sums = read.totals(home, "day")
    assert sum(each["attempts"] for each in sums) == len(distinct)
    assert sum(each["output"] for each in sums) == sum(distinct)


def test_a_crash_between_commit_and_forget_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    settled(state, "r1-0")
    with monkeypatch.context() as patch:
        patch.setattr(State, "forget", lambda *_: (_ for _ in ()).throw(StoreDown("died here")))
        folder.once()
    assert len(read.latest(tmp_path)) == 1
    assert state.pending() == 1
    folder.once()
    assert state.pending() == 0
    assert [each["attempts"] for each in read.totals(tmp_path, "day")] == [1]
    assert folder._connection is not None
    folder._connection.close()
    state.close()


def test_a_ledger_that_takes_nothing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    settled(state, "r1-0")
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        patch.setattr(fold_module, "insert", full)
        for _ in range(3):
            folder.once()
    assert state.pending() == 1
    assert caplog.text.count("takes no rows") == 1
    folder.once()
    assert state.pending() == 0
    assert "takes rows again" in caplog.text
    assert folder._connection is not None
    folder._connection.close()
    state.close()


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    with pytest.raises(StoreDown, match="newer Trunkline"):
        connect(tmp_path)


def test_a_ledger_that_is_none_refuses_to_start(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, but long enough to be looked at" * 100)
    state = State.open(tmp_path)
    with pytest.raises(StoreDown, match="cannot be opened"):
        Folder(state, tmp_path, free).start()
    state.close()


def test_the_ledger_is_only_its_owners(tmp_path: Path) -> None:
    connect(tmp_path).close()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_row_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    insert(connection, [row("r9-1", outcome="provider_cut", estimated=True, billed=5, value=9)])
    connection.close()
    [found] = read.latest(tmp_path, request="r9")
    assert (found["attempt"], found["outcome"], found["estimated"]) == ("r9-1", "provider_cut", 1)
    assert (found["billed_nano"], found["value_nano"], found["first_token_ms"]) == (5, 9, 250)
    assert found["tags"] == '["a","b"]'
    assert found["ended_ms"] - found["started_ms"] == 1500


def done(folder: Folder) -> None:
    folder._disconnect()
    folder._lock.release()


def sums(home: Path) -> tuple[int, int]:
    """Attempts as rows and as the days count them."""
    return len(read.latest(home, 10_000)), sum(each["attempts"] for each in read.totals(home, "day"))


def test_a_process_killed_between_commit_and_forget_counts_once(tmp_path: Path) -> None:
    ended = elsewhere(
        tmp_path,
        "from tests.unit.state.making import free\nfrom trunkline.ledger.fold import Folder\ns = State.open(home)\n"
        "for n in range(1200): s.settle(s.hold(hold(f'r{n}-0')), row(f'r{n}-0'))\n"
        "s.forget = lambda keys: os._exit(9)\nFolder(s, home, free).once()",
    )
    assert (ended.returncode, sums(tmp_path)) == (9, (1000, 1000)), ended.stderr
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    assert (state.pending(), folder.once(), state.pending()) == (1200, 1200, 0)
    assert sums(tmp_path) == (1200, 1200)
    done(folder)
    state.close()


def test_an_absurd_number_of_a_provider_does_not_stop_the_ledger(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    settled(state, "r1-0", input=2**63, output=2**90)
    settled(state, "r2-0")
    assert (folder.once(), sums(tmp_path)) == (2, (2, 2))
    done(folder)
    state.close()


def test_a_defect_is_told_with_its_trace_and_does_not_end_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    settled(state, "r1-0")
    with monkeypatch.context() as patch:
        patch.setattr(fold_module, "insert", lambda *_: dict[str, int]()["defect"])
        assert (folder.once(), folder.once()) == (0, 0)
    assert caplog.text.count("KeyError: 'defect'") == 1
    assert folder.once() == 1
    done(folder)
    state.close()


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted there")
def test_no_row_goes_into_a_ledger_that_was_deleted(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    settled(state, "r1-0")
    folder.once()
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    settled(state, "r2-0")
    assert (folder.once(), sums(tmp_path)) == (1, (1, 1))
    done(folder)
    state.close()


def test_what_was_folded_is_synced_within_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State.open(tmp_path)
    folder = Folder(state, tmp_path, free)
    synced: list[object] = []
    monkeypatch.setattr(fold_module, "sync", synced.append)
    monkeypatch.setattr(fold_module, "_SYNC_EVERY", 0.0)
    folder.once()
    settled(state, "r1-0")
    folder.once()
    folder.once()
    assert len(synced) == 1
    done(folder)
    state.close()


def test_only_one_process_folds_and_another_takes_over(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    folder, other = Folder(state, tmp_path, free), FileLock(tmp_path / "fold.lock")
    assert other.obtain()
    settled(state, "r1-0")
    assert folder.once() == 0
    other.release()
    assert folder.once() == 1
    done(folder)
    state.close()


def test_processes_that_start_together_all_find_the_ledger_whole(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from trunkline.ledger.sqlite import connect; connect(Path(sys.argv[1]))"
    )
    started = [subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, str(tmp_path)]) for _ in range(4)]
    assert [process.wait(20) for process in started] == [0, 0, 0, 0]


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("trunkline.ledger.migrations.STEPS", (*STEPS, ("CREATE TABLE half (x)", "no sql")))
        with pytest.raises(sqlite3.Error):
            connect(tmp_path)
    connection = connect(tmp_path)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []
    connection.close()


def test_a_ledger_of_the_first_version_is_taken_over_with_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("trunkline.ledger.migrations.STEPS", STEPS[:1])
        old = connect(tmp_path)
        names = [told[1] for told in old.execute("PRAGMA table_info(attempts)")]
        values = ["old-0", "old", *(0 if name.endswith(("_ms", "_nano")) else "" for name in names[2:])]
        old.execute(f"INSERT INTO attempts VALUES ({','.join('?' * len(names))})", values)
        old.close()
    new = connect(tmp_path)
    insert(new, [row("new-0", why="the first choice", said="Z.AI is busy.")])
    new.close()
    told = {each["attempt"]: (each["why"], each["said"]) for each in read.latest(tmp_path)}
    assert told == {"old-0": ("", ""), "new-0": ("the first choice", "Z.AI is busy.")}


def test_a_row_that_an_older_version_left_in_the_outbox_is_understood() -> None:
    fresh = msgspec.msgpack.decode(pack(row("r-0")))
    old = unpack_row(msgspec.msgpack.encode(fresh[:29]))
    assert (old.attempt, old.estimated, old.why, old.said) == ("r-0", False, "", "")
    begun = msgspec.msgpack.decode(pack(hold("h-0")))
    assert unpack_hold(msgspec.msgpack.encode(begun[:17])).why == ""


def test_what_an_older_version_left_in_the_outbox_is_charged_to_its_budgets(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    funds = ((b"key:1||0", "b", 60, 0), (b"all||0", "v", 60, 0))
    older = msgspec.msgpack.decode(pack(row("r1-0", billed=5, value=9)))[:31]
    ref = state.hold(hold("r1-0"))
    state._file.write(
        lambda transaction: (
            transaction.delete(ref.key, db=state._holds),
            transaction.put(bytes(24), msgspec.msgpack.encode([*older, funds]), db=state._outbox),
        )
    )
    settled(state, "r2-0", billed=3, value=4)
    folder = Folder(state, tmp_path, free)
    assert folder.once() == 2
    assert opening(tmp_path, [Cap("key:1", "", 0, 0, 9), Cap("all", "", 0, 0, 9)]) == {b"key:1||0": 5, b"all||0": 9}
    found = verify(tmp_path)
    assert (found.attempts, found.balances, found.differences) == (2, 2, ())
    done(folder)
    state.close()
