"""What became of a request, before the ledger knows it: from inside the gateway and from outside."""

from pathlib import Path

from tests.unit.state.making import elsewhere, free, hold, row
from trunkline.state import traces as module
from trunkline.state.peek import Peek
from trunkline.state.store import State
from trunkline.state.types import Progress


def test_attempts_under_way_and_ended_are_found_by_their_request(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    state.settle(state.hold(hold("mine-0")), row("mine-0", said="Z.AI is busy."))
    state.settle(state.hold(hold("other-0")), row("other-0", asked="mine"))
    ref = state.hold(hold("mine-1", why="after zai/glm-5.3:1305"))
    state.note(ref, Progress(input=7, output=3))
    found = state.traces("mine")
    assert [each.said for each in found.ended] == ["Z.AI is busy."]
    (live,) = found.live
    assert (live.hold.attempt, live.hold.why, live.alive) == ("mine-1", "after zai/glm-5.3:1305", True)
    assert live.progress is not None
    assert live.progress.output == 3
    assert state.traces("nobody") == module.Traces()
    state.close()


def test_a_long_outbox_is_read_in_pages(tmp_path: Path) -> None:
    module_page, module._PAGE = module._PAGE, 3
    try:
        state = State.open(tmp_path)
        for number in range(20):
            request = "sought" if number % 5 == 0 else f"r{number}"
            state.settle(state.hold(hold(f"{request}-{number}")), row(f"{request}-{number}"))
        assert [each.attempt for each in state.traces("sought").ended] == [f"sought-{n}" for n in (0, 5, 10, 15)]
        state.close()
    finally:
        module._PAGE = module_page


def test_from_outside_nothing_is_changed_and_a_dead_worker_is_known_as_dead(tmp_path: Path) -> None:
    elsewhere(
        tmp_path,
        "s = State.open(home); s.settle(s.hold(hold('a-0')), row('a-0')); s.hold(hold('a-1'))\n"
        "s.remember('ratio:glm', b'12345678'); os._exit(9)",
    )
    before = sorted(path.name for path in (tmp_path / "lives").iterdir())
    with Peek(tmp_path) as seen:
        found = seen.traces("a")
        assert seen.recall("ratio:") == {"ratio:glm": b"12345678"}
    assert [each.attempt for each in found.ended] == ["a-0"]
    assert [(each.hold.attempt, each.alive) for each in found.live] == [("a-1", False)]
    assert sorted(path.name for path in (tmp_path / "lives").iterdir()) == before
    state = State.open(tmp_path)
    assert state.reap(free, 2.0e9) == 1
    state.close()


def test_where_there_is_no_state_nothing_is_seen(tmp_path: Path) -> None:
    with Peek(tmp_path) as seen:
        assert seen.traces("a") == module.Traces()
        assert seen.recall("") == {}
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_believed_is_not_read(tmp_path: Path) -> None:
    elsewhere(
        tmp_path,
        "import trunkline.state.store as st; st.boot_id = lambda: 'another boot'\n"
        "s = State.open(home); s.hold(hold('a-0')); os._exit(9)",
    )
    with Peek(tmp_path) as seen:
        assert seen.traces("a") == module.Traces()
