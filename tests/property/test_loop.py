"""A healthy agent is never taken for one that runs in circles, whatever its tools are called and say."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.guard.histories import WIRES, read
from trunkline.guard.loop import repeated
from trunkline.model.wires import Wire
from trunkline.wire.body import Body
from trunkline.wire.steps import steps

WORDS = st.text(max_size=20)
CALL = st.tuples(st.sampled_from(["Bash", "Read", "Edit"]), st.dictionaries(WORDS, WORDS, max_size=2), WORDS)
TURN = st.lists(CALL, min_size=1, max_size=3)


@given(wire=st.sampled_from(WIRES), turns=st.lists(TURN, max_size=25), least=st.integers(2, 6))
def test_different_calls_are_no_circle(wire: Wire, turns: list[list[Any]], least: int) -> None:
    history = [
        [(name, {**said, "at": str(at)}, result) for name, said, result in turn] for at, turn in enumerate(turns)
    ]
    assert repeated(steps(read(wire, history), wire, least), least) is None


@given(wire=st.sampled_from(WIRES), turn=TURN, times=st.integers(0, 25), least=st.integers(2, 6))
def test_the_same_call_with_changing_results_is_no_circle(wire: Wire, turn: list[Any], times: int, least: int) -> None:
    history = [[(name, said, f"{result}#{at}") for name, said, result in turn] for at in range(times)]
    assert repeated(steps(read(wire, history), wire, least), least) is None


@given(wire=st.sampled_from(WIRES), rounds=st.lists(TURN, min_size=1, max_size=3), times=st.integers(5, 12))
def test_a_circle_is_found(wire: Wire, rounds: list[list[Any]], times: int) -> None:
    found = repeated(steps(read(wire, rounds * times), wire, 5), 5)
    assert found is not None
    assert found.times >= times


@given(
    wire=st.sampled_from(WIRES),
    before=st.lists(TURN, max_size=4),
    rounds=st.lists(TURN, min_size=1, max_size=3),
    times=st.integers(0, 8),
    least=st.integers(2, 6),
)
def test_the_look_that_spares_the_reading_changes_nothing(
    wire: Wire, before: list[list[Any]], rounds: list[list[Any]], times: int, least: int
) -> None:
    asked = read(wire, [*before, *rounds * times])
    assert repeated(steps(asked, wire, least), least) == repeated(steps(asked, wire, 0), least)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.sampled_from(["user", "assistant", "tool", "function_call_output"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "tool_calls", "parts", "call_id", "function", "name"]), inner
        )
    ),
    max_leaves=12,
)


@given(wire=st.sampled_from(WIRES), turns=JSON)
def test_nothing_that_arrives_is_a_defect(wire: Wire, turns: Any) -> None:
    raw = msgspec.json.encode({"messages": turns, "input": turns, "contents": turns})
    repeated(steps(Body(raw), wire, 2), 2)
