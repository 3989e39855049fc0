"""`kill -9` at any instant: every attempt that was held is one row, and no hold is left."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trunkline.ledger.fold import Folder
from trunkline.ledger.sqlite import FILE
from trunkline.state.store import State

pytestmark = [pytest.mark.load, pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")]

WORKERS, KILLS, SECONDS = 3, 20, 15.0
ROOT = Path(__file__).parents[2]

# Says each attempt aloud only after its hold stands, as a request would leave only then: what was said must be a row.
WORKER = """
import itertools, os, sys
from pathlib import Path
from tests.unit.state.making import hold, row
from trunkline.ledger.fold import Folder
from trunkline.state.store import State
from trunkline.state.types import Progress
state = State.open(Path(sys.argv[1]))
Folder(state, Path(sys.argv[1]), lambda h, p: (h.worst, h.worst, True)).start()
said = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
flying = []
for number in itertools.count():
    held = hold(f"{os.getpid()}x{number}-0", worst=7, streamed=number % 3 == 0)
    ref = state.hold(held)
    os.write(said, held.attempt.encode() + b"\\n")
    if held.streamed:
        state.note(ref, Progress(output=1))
    flying.append((ref, held))
    if len(flying) > 8:
        ref, held = flying.pop(0)
        state.settle(ref, row(held.attempt, streamed=held.streamed, billed=5))
"""


def start(home: Path, said: Path) -> subprocess.Popen[bytes]:
    path = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.Popen([sys.executable, "-c", WORKER, str(home), str(said)], env=path)


def test_twenty_kills_lose_no_attempt_and_leave_no_hold(tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random()
    said = [tmp_path / f"said{number}" for number in range(WORKERS + KILLS)]
    workers = [start(home, path) for path in said[:WORKERS]]
    until = time.monotonic() + SECONDS
    kills = 0
    try:
        while kills < KILLS and time.monotonic() < until:
            time.sleep(chance.uniform(0.2, 0.6))
            at = chance.randrange(WORKERS)
            assert workers[at].poll() is None, "a worker ended by itself"
            workers[at].send_signal(signal.SIGKILL)
            workers[at].wait(5)
            workers[at] = start(home, said[WORKERS + kills])
            kills += 1
    finally:
        for worker in workers:
            worker.kill()
            worker.wait(5)
    assert kills == KILLS

    state = State.open(home)
    folder = Folder(state, home, lambda hold, progress: (hold.worst, hold.worst, True))
    # No hold outlives its process by ten seconds, whatever rows wait. How long those take is the machine's affair, so long
    # as every look carries some of them over.
    began = time.monotonic()
    while state.live() or state.pending():
        assert not state.live() or time.monotonic() - began < 8, f"{state.live()} holds outlive their processes"
        carried = folder.once()
        assert carried or not state.pending(), f"{state.pending()} rows wait, and nothing is carried over"
        time.sleep(0.01)
    folder.start()
    folder.stop()
    state.close()

    told = {line for path in said if path.exists() for line in path.read_text().split()}
    connection = sqlite3.connect(home / FILE)
    rows = {attempt for (attempt,) in connection.execute("SELECT attempt FROM attempts")}
    (died,) = connection.execute("SELECT COUNT(*) FROM attempts WHERE outcome = 'worker_died'").fetchone()
    counted, summed, wrong = connection.execute(
        "SELECT (SELECT SUM(attempts) FROM days), (SELECT SUM(billed_nano) FROM days) "
        "- (SELECT SUM(billed_nano) FROM attempts), (SELECT COUNT(*) FROM attempts "
        "WHERE billed_nano != CASE outcome WHEN 'ok' THEN 5 ELSE 7 END)"
    ).fetchone()
    connection.close()
    assert told - rows == set()
    # A worker killed between its hold and its word: one at most for each that was killed.
    assert len(rows - told) <= KILLS + WORKERS
    assert (counted, summed, wrong) == (len(rows), 0, 0)
    assert len(rows) > 1000
    assert died > KILLS
