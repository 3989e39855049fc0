"""The ledger's file, opened by several connections and processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trunkline.ledger.sqlite import connect


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
