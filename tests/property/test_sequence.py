"""Interleaved calls come out one after another, and not one fragment is lost."""

import json

from hypothesis import given
from hypothesis import strategies as st

from trunkline.model.events import ArgumentsDelta, Event, Start, Stop, TextDelta, ToolStart
from trunkline.model.grammar import check
from trunkline.wire.ids import Ids
from trunkline.wire.sequence import Sequence

ARGUMENTS = st.dictionaries(st.text(max_size=4), st.text(max_size=8) | st.integers(), max_size=3).map(json.dumps)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[list[str], list[tuple[int, str]]]:
    """The arguments of some calls, and the order in which their fragments (and words, as -1) arrive."""
    calls = draw(st.lists(ARGUMENTS, max_size=4))
    cuts = []
    for text in calls:
        size = draw(st.integers(1, max(1, len(text))))
        cuts.append([text[at : at + size] for at in range(0, len(text), size)])
    order: list[tuple[int, str]] = []
    left = {nth: list(parts) for nth, parts in enumerate(cuts)}
    while left:
        nth = draw(st.sampled_from(sorted(left)))
        order.append((nth, left[nth].pop(0)))
        if not left[nth]:
            del left[nth]
        if draw(st.integers(0, 5)) == 0:
            order.append((-1, draw(st.text(max_size=3))))
    return calls, order


@given(pieces(), st.booleans())
def test_every_fragment_arrives_in_its_own_call(given_: tuple[list[str], list[tuple[int, str]]], early: bool) -> None:
    calls, order = given_
    sequence = Sequence(Ids("seed"))
    events: list[Event] = [Start()]
    begun: set[int] = set()
    if early:
        for nth in range(len(calls)):
            events += sequence.call(nth, ToolStart(f"id{nth}", f"tool{nth}"))
            begun.add(nth)
    for nth, text in order:
        if nth < 0:
            events += sequence.text(text)
            continue
        start = None if nth in begun else ToolStart(f"id{nth}", f"tool{nth}")
        begun.add(nth)
        events += sequence.call(nth, start, text)
    events += sequence.end()
    events.append(Stop("end"))
    check(events)
    got: dict[str, str] = {}
    current = ""
    for event in events:
        if isinstance(event, ToolStart):
            current = event.name
            got[current] = ""
        elif isinstance(event, ArgumentsDelta):
            got[current] += event.text
    assert got == {f"tool{nth}": text for nth, text in enumerate(calls) if nth in begun}
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "".join(t for n, t in order if n < 0)


def test_ids_are_kept_where_they_fit_and_the_same_every_time_where_not() -> None:
    def made() -> list[str]:
        ids = Ids("answer-1")
        return [ids.call(told, "f") for told in ("toolu_1", "call_0", "call_0", "", "ü", "x" * 65)]

    assert made() == made()
    assert made()[:2] == ["toolu_1", "call_0"]
    assert len(set(made())) == 6
