"""The ledger's file, opened by several connections and processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.state.making import row
from trunkline.ledger.read import latest
from trunkline.ledger.sqlite import FILE, connect, insert, sync


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_another_process_that_leaves_takes_nothing_away(tmp_path: Path) -> None:
    """SQLite's locks are the process's: one careless close of the file would drop them, and whoever else closes it last
    would delete the log that is still written to."""
    first = connect(tmp_path)
    second = connect(tmp_path)
    first.execute("INSERT INTO roster_facts VALUES ('a', '1')")
    code = f"from pathlib import Path; from trunkline.ledger.sqlite import connect; connect(Path({str(tmp_path)!r})).close()"
    subprocess.run([sys.executable, "-c", code], check=True)
    first.execute("INSERT INTO roster_facts VALUES ('b', '2')")
    third = connect(tmp_path)
    assert third.execute("SELECT name FROM roster_facts ORDER BY name").fetchall() == [("a",), ("b",)]
    for each in (first, second, third):
        each.close()


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    connect(tmp_path).close()
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o777 == 0o600


def test_what_was_committed_is_on_the_disk_after_a_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[tuple[int, int]] = []
    monkeypatch.setattr("trunkline.ledger.sqlite._flush", lambda log: flushed.append(_file(os.fstat(log))))
    connection = connect(tmp_path)
    insert(connection, [row("r1-0")])
    sync(connection)
    assert flushed == [_file((tmp_path / f"{FILE}-wal").stat())]
    # All that a power failure then leaves.
    (tmp_path / "after").mkdir()
    for name in (FILE, f"{FILE}-wal"):
        shutil.copy(tmp_path / name, tmp_path / "after" / name)
    connection.close()
    assert [each["attempt"] for each in latest(tmp_path / "after")] == ["r1-0"]


def test_a_sync_drops_no_lock_of_its_process(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    insert(connection, [row("r1-0")])
    connection.execute("BEGIN IMMEDIATE")
    sync(connection)
    code = (
        "import sqlite3, sys\n"
        f"other = sqlite3.connect({str(tmp_path / FILE)!r}, isolation_level=None, timeout=0)\n"
        "try: other.execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError: sys.exit(3)\n"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 3
    connection.execute("ROLLBACK")
    connection.close()


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted there")
def test_a_ledger_that_was_deleted_has_nothing_to_sync(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    insert(connection, [row("r1-0")])
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    sync(connection)
    connection.close()


def _file(told: os.stat_result) -> tuple[int, int]:
    return told.st_dev, told.st_ino
