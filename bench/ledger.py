"""What a row of the ledger costs: written with the sums of its day, in groups, off the event loop.

    python -m bench.ledger           # some twenty seconds

CPU of a row, by how many keys are in use at once (each with five sessions) and how many rows a group has: 200 is what
a look of the folder finds at 1,000 requests a second, 1,000 what it waits for. Ids are those of requests, which begin
with the time; `random` shows what ids would cost that do not.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import uuid
from pathlib import Path

from bench.state import records
from trunkline.ledger.sqlite import connect, insert, sync
from trunkline.serve.asgi import new_id
from trunkline.state.types import Row

ROWS = 50_000
_SYNC_ROWS = 2_000
"""The folder syncs every two seconds."""


def rows(keys: int, *, ordered: bool) -> list[Row]:
    """A thousand calls a second, of keys by turns of chance."""
    _, like = records()
    chance = random.Random(1)
    fields = {name: getattr(like, name) for name in Row.__struct_fields__}
    made = []
    for n in range(ROWS):
        key, request = chance.randrange(keys), new_id() if ordered else str(uuid.uuid4())
        fields |= {
            "attempt": f"{request}-0",
            "request": request,
            "started": 1_795_000_000 + n / 1000,
            "key": f"{key:016x}",
            "session": f"{key:08x}-0000-4000-a000-{chance.randrange(5):012x}",
            "user": f"user-{key}",
            "tags": (f"team-{key % 10}",),
        }
        made.append(Row(**fields))
    return made


def cost(given: list[Row], group: int) -> float:
    """Microseconds of CPU a row."""
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        connection = connect(Path(folder))
        began = time.process_time()
        for at in range(0, len(given), group):
            insert(connection, given[at : at + group])
            if at % _SYNC_ROWS == 0:
                sync(connection)
        took = time.process_time() - began
        connection.close()
    return took / len(given) * 1e6


def main() -> None:
    """Prints the table."""
    write = sys.stdout.write
    write("| keys | ids | groups of 200 | groups of 1,000 |\n| ---: | --- | ---: | ---: |\n")
    for keys, ordered in ((1, True), (20, True), (200, True), (20, False)):
        given = rows(keys, ordered=ordered)
        costs = " | ".join(f"{cost(given, group):.1f} µs" for group in (200, 1000))
        write(f"| {keys} | {'by time' if ordered else 'random'} | {costs} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
