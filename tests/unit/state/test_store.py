"""The hot state: each hold ends once, whatever becomes of its process."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest

from tests.unit.state.making import free, hold, row
from trunkline.errors import StoreDown
from trunkline.state import file
from trunkline.state.room import MB
from trunkline.state.store import State
from trunkline.state.types import Hold, Meter, Progress


def test_a_settled_hold_is_a_row_that_waits_for_the_ledger(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ref = state.hold(hold("r1-0"))
    assert (state.live(), state.pending()) == (1, 0)
    state.settle(ref, row("r1-0"))
    assert (state.live(), state.pending()) == (0, 1)
    [(key, waiting)] = state.outbox(10)
    assert waiting == row("r1-0")
    state.forget([key])
    assert state.pending() == 0
    state.close()


def test_a_hold_ends_once(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ref = state.hold(hold("r1-0"))
    state.settle(ref, row("r1-0"))
    with pytest.raises(KeyError, match="ended already"):
        state.settle(ref, row("r1-0"))
    assert state.pending() == 1
    state.close()


def test_rows_come_out_in_the_order_they_ended(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    refs = [state.hold(hold(f"r{n}-0")) for n in range(5)]
    for n in (3, 1, 4, 0, 2):
        state.settle(refs[n], row(f"r{n}-0"))
    assert [each.request for _, each in state.outbox(10)] == ["r3", "r1", "r4", "r0", "r2"]
    assert len(state.outbox(2)) == 2
    state.close()


def test_only_what_is_named_leaves_the_outbox(tmp_path: Path) -> None:
    """A row may settle between others that were read, and some may be gone already."""
    state = State.open(tmp_path)
    for n in range(120):
        state.settle(state.hold(hold(f"r{n}-0")), row(f"r{n}-0"))
    keys = [key for key, _ in state.outbox(120)]
    state.forget([key for n, key in enumerate(keys) if n % 7 not in (2, 3)])
    state.forget([*keys[:30], *keys[90:]])
    assert [key for key, _ in state.outbox(120)] == [
        key for n, key in enumerate(keys) if n % 7 in (2, 3) and 30 <= n < 90
    ]
    state.forget(keys)
    assert state.pending() == 0
    state.close()


def test_what_was_written_is_there_after_a_clean_end(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    state.settle(state.hold(hold("r1-0")), row("r1-0"))
    number = state.advance()
    state.close()
    again = State.open(tmp_path)
    assert again.pending() == 1
    assert again.generation() == number
    again.close()


def dying(home: Path, code: str) -> None:
    """Runs code that holds and then dies without a word."""
    script = f"""
        import os
        from pathlib import Path
        from tests.unit.state.making import hold, row
        from trunkline.state.store import State
        from trunkline.state.types import Hold, Meter, Progress
        state = State.open(Path({str(home)!r}))
        {code}
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == -9


def test_what_a_dead_worker_held_is_settled_upward(tmp_path: Path) -> None:
    dying(tmp_path, "state.hold(hold('r1-0')); ref = state.hold(hold('r2-0')); state.note(ref, Progress(400, 9))")
    state = State.open(tmp_path)
    assert state.live() == 2
    assert state.reap(free, 5.0) == 2
    assert state.reap(free, 5.0) == 0
    rows = {each.request: each for _, each in state.outbox(10)}
    assert rows["r1"].outcome == "worker_died"
    assert rows["r1"].estimated
    assert (rows["r1"].input, rows["r1"].output, rows["r1"].billed) == (100, 0, 50)
    assert (rows["r2"].input, rows["r2"].output) == (400, 9)
    assert state.live() == 0
    assert [path.stem for path in (tmp_path / "lives").iterdir()] == [state._life.hex()]
    state.close()


def test_a_dead_workers_hold_is_never_billed_above_its_worst(tmp_path: Path) -> None:
    dying(tmp_path, "state.hold(hold('r1-0', worst=20))")
    state = State.open(tmp_path)
    state.reap(free, 5.0)
    assert state.outbox(1)[0][1].billed == 20
    state.close()


def test_the_living_are_not_reaped(tmp_path: Path) -> None:
    one, other = State.open(tmp_path), None
    ref = one.hold(hold("r1-0"))
    code = f"""
        from pathlib import Path
        from tests.unit.state.making import free
        from trunkline.state.store import State
        state = State.open(Path({str(tmp_path)!r}))
        assert state.reap(free, 1.0) == 0
        state.close()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=Path(__file__).parents[3], check=True)
    assert other is None
    one.settle(ref, row("r1-0"))
    one.close()


def test_after_a_power_failure_the_file_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    dying(tmp_path, "state.settle(state.hold(hold('r1-0')), row('r1-0'))")
    monkeypatch.setattr(file, "boot_id", lambda: "another boot")
    state = State.open(tmp_path)
    assert state.pending() == 0
    assert list(tmp_path.glob("hot.lmdb.*.lost"))
    assert "put aside" in caplog.text
    state.close()


def test_a_file_that_was_closed_cleanly_is_believed_after_another_boot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State.open(tmp_path)
    state.settle(state.hold(hold("r1-0")), row("r1-0"))
    state.close()
    monkeypatch.setattr(file, "boot_id", lambda: "another boot")
    again = State.open(tmp_path)
    assert again.pending() == 1
    again.close()


def test_a_broken_file_is_put_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    State.open(tmp_path).close()
    path = tmp_path / "hot.lmdb"
    with path.open("r+b") as broken:
        broken.write(b"no database" * 2000)
    state = State.open(tmp_path)
    state.settle(state.hold(hold("r1-0")), row("r1-0"))
    assert "put aside" in caplog.text
    state.close()


def test_a_full_file_refuses_before_anything_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST", "STEP", "MOST"):
        monkeypatch.setattr(file, name, MB)
    state = State.open(tmp_path)
    with pytest.raises(StoreDown) as caught:
        for n in range(10_000):
            state.hold(hold(f"r{n}-0", asked="x" * 500))
    assert caught.value.status == 503
    assert "full" in caught.value.remedy
    state.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_a_home_that_is_no_folder_refuses_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreDown) as caught:
        State.open(tmp_path / "file")
    assert str(tmp_path / "file") in caught.value.message


def test_two_homes_do_not_meet(tmp_path: Path) -> None:
    one, two = State.open(tmp_path / "one"), State.open(tmp_path / "two")
    one.hold(hold("r1-0"))
    assert two.live() == 0
    assert two.reap(free, 1.0) == 0
    one.close()
    two.close()


def test_progress_of_an_ended_stream_is_gone(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ref = state.hold(hold("r1-0"))
    state.note(ref, Progress(1, 2))
    state.settle(ref, row("r1-0"))
    state.settle(state.hold(hold("r1-1")), row("r1-1"))
    assert state.traces("r1").live == []
    state.close()
    assert list((tmp_path / "lives").iterdir()) == []
    with pytest.raises(StoreDown):
        state.live()


def test_a_hold_that_cannot_be_priced_is_settled_at_its_worst(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dying(tmp_path, "state.hold(hold('r1-0', worst=77)); state.hold(hold('r2-0'))")
    state = State.open(tmp_path)

    def broken(held: Hold, _progress: Progress) -> tuple[int, int, bool]:
        return (1, 1, True) if held.request == "r2" else (dict[str, int]()[held.deployment], 0, True)

    assert state.reap(broken, 5.0) == 2
    rows = {each.request: each for _, each in state.outbox(10)}
    assert (rows["r1"].billed, rows["r1"].priced, rows["r2"].billed) == (77, False, 1)
    assert "r1-0" in caplog.text
    state.close()


def test_nothing_a_client_or_provider_says_keeps_an_attempt_from_being_written(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    odd = {"user": "\ud800", "tags": ("x" * 40_000,)}
    state.settle(state.hold(hold("r1-0", **odd)), row("r1-0", output=2**80, **odd))
    [(_, waiting)] = state.outbox(1)
    assert (waiting.attempt, waiting.user, waiting.output, len(waiting.tags[0])) == ("r1-0", "?", 10**15, 512)
    state.close()


def test_every_process_sees_a_new_generation(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    assert (state.generation(), state.advance()) == (0, 1)
    dying(tmp_path, "assert state.advance() == 2")
    assert state.generation() == 2
    state.close()


def test_a_hold_of_an_older_version_is_settled_by_this_one(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    older = [getattr(hold("r1-0"), name) for name in Hold.__struct_fields__[:-3]]
    assert Hold.__struct_fields__[-3:] == ("taken", "why", "funds")
    key = b"12345678" + bytes(8)
    state._file.write(lambda transaction: transaction.put(key, msgspec.msgpack.encode(older), db=state._holds))
    assert state.reap(free, 1_795_000_000.0) == 1
    state.close()


def test_an_older_version_reads_what_this_one_wrote(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    held = hold("r1-0")
    ref = state.hold(held, [Meter("k", 1)])
    packed = state._file.read(lambda transaction: transaction.get(ref.key, db=state._holds))
    assert packed is not None
    fields = [(name, object) for name in Hold.__struct_fields__[:-3]]
    older = msgspec.defstruct("Older", fields, array_like=True)
    assert msgspec.msgpack.decode(packed, type=older).attempt == "r1-0"  # type: ignore[attr-defined]
    state.close()


def test_a_giant_hold_still_gives_back_what_it_took(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    counts = [Meter(f"k{number}", 9) for number in range(100)]
    held = hold("r1-0", user="u" * 60_000)
    state.hold(held, counts)
    assert sum(flights for flights, _, _ in state.used([each.name for each in counts]).values()) == 100
    state.close()
    again = State.open(tmp_path)
    assert again.reap(free, 1_795_000_000.0) == 1
    assert sum(flights for flights, _, _ in again.used([each.name for each in counts]).values()) == 0
    again.close()
