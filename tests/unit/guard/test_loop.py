"""Who runs in circles, and who only works: the same calls with the same results, in every client's words."""

from __future__ import annotations

import json

import pytest

from tests.unit.guard.histories import WIRES, Calls, body, read
from trunkline.config.schema import LoopGuard
from trunkline.guard.loop import Finding, Repeat, advice, repeated
from trunkline.model.wires import Wire
from trunkline.wire.body import Body
from trunkline.wire.steps import holds, steps

TEST: Calls = [("Bash", {"command": "make test"}, "1 failed")]
EDIT: Calls = [("Edit", {"file": "a.py"}, "done")]
LOOK: Calls = [("Read", {"file": "a.py"}, "def a(): ...")]
MORE: Calls = [("Bash", {"command": "ls"}, "a.py b.py")]


def look(wire: Wire, history: list[Calls], *, last: str = "", least: int = 5) -> Repeat | None:
    asked = read(wire, history, last=last)
    return repeated(steps(asked, wire, least), least) if holds(asked.raw, wire, least) else None


@pytest.mark.parametrize("wire", WIRES)
def test_the_same_call_with_the_same_result_is_a_circle(wire: Wire) -> None:
    found = look(wire, [LOOK, *[TEST] * 5])
    assert found is not None
    assert (found.times, found.names) == (5, "Bash")
    assert look(wire, [LOOK, *[TEST] * 4]) is None


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("size", [2, 3])
def test_so_is_a_round_of_two_or_three(wire: Wire, size: int) -> None:
    found = look(wire, [TEST, EDIT, LOOK][:size] * 6)
    assert found is not None
    assert found.times == 6
    assert [step.calls[0][0] for step in found.round] == ["Bash", "Edit", "Read"][:size]
    assert look(wire, [TEST, EDIT, LOOK, MORE] * 6) is None


@pytest.mark.parametrize("wire", WIRES)
def test_calls_made_at_once_are_one_step(wire: Wire) -> None:
    found = look(wire, [[*TEST, *LOOK]] * 5)
    assert found is not None
    assert (found.times, found.names) == (5, "Bash,Read")
    assert look(wire, [[*TEST, *TEST, *TEST], [*TEST, *TEST, *TEST]]) is None


@pytest.mark.parametrize("wire", WIRES)
def test_a_long_circle_is_counted_beyond_what_is_read_first(wire: Wire) -> None:
    found = look(wire, [LOOK, *[TEST] * 30])
    assert found is not None
    assert found.times == 30


@pytest.mark.parametrize("wire", WIRES)
def test_a_persons_word_begins_anew(wire: Wire) -> None:
    assert look(wire, [TEST] * 9, last="Go on.") is None


def test_a_circle_stands_at_the_end_or_nowhere() -> None:
    assert look("anthropic", [*[TEST] * 9, EDIT]) is None


def test_an_answer_without_calls_ends_a_history() -> None:
    asked = body("openai_chat", [TEST] * 4)
    asked["messages"] += [{"role": "assistant", "content": "Done."}, *asked["messages"][2:]]
    raw = Body(json.dumps(asked).encode())
    assert repeated(steps(raw, "openai_chat", 5), 5) is None
    assert repeated(steps(raw, "openai_chat", 4), 4) is not None


@pytest.mark.parametrize("wire", WIRES)
def test_another_order_of_members_and_blanks_are_read_as_well(wire: Wire) -> None:
    asked = json.dumps(body(wire, [TEST] * 7), indent=1, sort_keys=True).encode()
    found = repeated(steps(Body(asked), wire, 5), 5)
    assert found is not None
    assert found.times == 7


@pytest.mark.parametrize("wire", WIRES)
def test_an_argument_that_looks_like_a_turn_is_none(wire: Wire) -> None:
    strange: Calls = [("note", {"role": "user", "a": [{"role": "user"}], "type": "function_call"}, '{"role":"user"}')]
    found = look(wire, [strange] * 20)
    assert found is not None
    assert found.times == 20


def test_a_history_whose_newest_call_is_new_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = read("anthropic", [*[TEST] * 9, [("Bash", {"command": "cat README.md"}, "…")]])
    monkeypatch.setattr("trunkline.wire.steps._turns", lambda *_: pytest.fail("it was read"))
    assert repeated(steps(asked, "anthropic", 5), 5) is None


@pytest.mark.parametrize(
    "messages",
    [
        '"tool_result"',
        '[1,"tool_result"]',
        '[{"role":"user","content":[null,"tool_result"]}]',
        '[{"role":"assistant","content":[{"type":"tool_use"}]}]',
        '{"a":1}',
        "null",
    ],
)
def test_what_is_no_history_is_none(messages: str) -> None:
    assert list(steps(Body(b'{"messages":%b}' % messages.encode()), "anthropic", 1)) == []


def test_the_advice_says_what_how_often_and_what_to_do() -> None:
    found = look("anthropic", [TEST] * 6)
    said = advice(Finding(found, 2_500_000_000), LoopGuard("answer", 5, 2_000_000_000))
    for part in ("`Bash`", "make test", "6 times", "$2.5 ", "$2 ", "What to do", "cost nothing"):
        assert part in said, said
    assert Finding(found, 2_500_000_000).header == "same_call*6, spend*2.5"
    assert Finding(None, 1).header == "spend*0.000000001"


def test_a_small_body_is_not_looked_into() -> None:
    assert not holds(b'"tool_result"' * 5, "anthropic", 5)
