"""Counters of all workers: a dead one's are kept, once."""

from pathlib import Path

from tests.unit.state.making import elsewhere
from trunkline.state.store import State


def merge(past: bytes, counters: bytes) -> bytes:
    return str(int(past or b"0") + int(counters)).encode()


def test_what_dead_workers_counted_is_added_to_the_past_once(tmp_path: Path) -> None:
    for number in (3, 4):
        elsewhere(tmp_path, f"s = State.open(home); s.tallies.put(b'{number}'); os._exit(9)")
    one = State.open(tmp_path)
    one.tallies.put(b"100")
    past, others = one.tallies.others()
    assert (past, sorted(others)) == (b"", [b"3", b"4"])
    assert one.tallies.bury(merge) == 2
    assert one.tallies.bury(merge) == 0
    assert one.tallies.others() == (b"7", [])
    one.close()


def test_a_worker_that_is_alive_is_not_buried(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    state.tallies.put(b"5")
    told = elsewhere(
        tmp_path,
        "s = State.open(home); m = lambda p, c: b'%d' % (int(p or b'0') + int(c))\n"
        "print(s.tallies.bury(m), s.tallies.others()); s.close()",
    )
    assert told.stdout.strip() == "0 (b'', [b'5'])", told.stderr
    state.close()


def test_a_worker_that_ends_takes_its_own_counters_to_the_past(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    state.tallies.put(b"5")
    state.tallies.end(merge)
    state.tallies.end(merge)
    state.close()
    again = State.open(tmp_path)
    assert again.tallies.others() == (b"5", [])
    again.close()
