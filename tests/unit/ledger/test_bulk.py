"""Many rows at a time: all of them, in their order, whatever their number."""

import sqlite3
from pathlib import Path

import pytest

from tests.unit.ledger.making import at
from trunkline.ledger import read
from trunkline.ledger.bulk import Insert
from trunkline.ledger.sqlite import connect, insert
from trunkline.ledger.verify import verify


@pytest.mark.parametrize("number", [0, 1, 24, 25, 26, 260])
def test_every_row_is_written_once_and_in_its_order(number: int) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE rows (n INTEGER, name TEXT)")
    Insert("rows", 2).run(connection, [value for n in range(number) for value in (n, f"row {n}")])
    assert connection.execute("SELECT n, name FROM rows ORDER BY rowid").fetchall() == [
        (n, f"row {n}") for n in range(number)
    ]
    connection.close()


def test_what_stands_twice_in_one_statement_is_added_up() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE sums (name TEXT PRIMARY KEY, total INTEGER)")
    adds = Insert("sums", 2, then="ON CONFLICT (name) DO UPDATE SET total = total + excluded.total")
    adds.run(connection, [value for n in range(60) for value in (f"name {n % 3}", n)])
    assert dict(connection.execute("SELECT * FROM sums")) == {f"name {k}": sum(range(k, 60, 3)) for k in range(3)}
    connection.close()


def test_a_long_group_of_which_some_are_known_is_counted_once(tmp_path: Path) -> None:
    connection = connect(tmp_path)
    rows = [at(n / 100, f"r{n}-0", key=f"k{n % 3}", session=f"s{n % 7}", tags=("red",), output=n) for n in range(300)]
    assert insert(connection, rows[:120]) == 120
    assert insert(connection, rows[90:]) == 180
    assert insert(connection, rows) == 0
    connection.close()
    assert sum(each["output"] for each in read.totals(tmp_path, "day")) == sum(range(300))
    assert verify(tmp_path).differences == ()
