"""A stream that breaks anywhere goes on from any wire: in the grammar of its own, and with every character once."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from tests.property.clients import READERS
from tests.property.resuming import WIRES, breaks, goes_on, line_of, said, stream
from trunkline.model.usage import Usage
from trunkline.model.wires import Wire
from trunkline.upstream.overlap import CERTAIN, Overlap
from trunkline.wire import grammars

WORDS = ["Grüezi ", "mitenand, ", "日本 ", "and\n\nthe ", "rest of ", 'what "was" ', "said 🙂."]
THOUGHTS = ["Let me ", "think … "]

WHOLE = {
    "words": said(("text", WORDS)),
    "thought": said(("thinking", THOUGHTS), ("text", WORDS)),
    "twice": said(("text", WORDS[:3]), ("thinking", THOUGHTS), ("text", WORDS[3:])),
}
FULL = "".join(WORDS)


@pytest.mark.parametrize("other", WIRES)
@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("wire", WIRES)
def test_a_break_at_any_byte_is_gone_on_from(wire: Wire, kind: str, other: Wire) -> None:
    states = list(breaks(wire, stream(wire, WHOLE[kind])))
    assert len(states) >= len(WORDS)
    for sent in states:
        before = line_of(wire, sent).text
        assert FULL.startswith(before)
        rest = said(("thinking", ["hm"]), ("text", [FULL[len(before) :] or "."]), usage=Usage(input=8, output=5))
        whole, line = goes_on(wire, sent, other, rest)
        grammars.check(wire, whole)
        assert line.text in (FULL, FULL + ".")


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("wire", WIRES)
def test_official_clients_read_what_was_gone_on_with(wire: Wire, kind: str) -> None:
    for sent in breaks(wire, stream(wire, WHOLE[kind])):
        line = line_of(wire, sent)
        line.output = 4
        before = line.text
        rest = said(("text", [FULL[len(before) :] or "."]), usage=Usage(input=8, output=5))
        whole, _ = goes_on(wire, sent, "openai_chat", rest)
        read = READERS[wire](whole, True)
        assert read.text in (FULL, FULL + ".")
        assert read.stop
        assert read.output == 5


@pytest.mark.parametrize("kind", WHOLE)
def test_a_gemini_stream_that_is_one_array_stays_one(kind: str) -> None:

    for sent in breaks("gemini", stream("gemini", WHOLE[kind], array=True)):
        before = line_of("gemini", sent, array=True).text
        whole, line = goes_on("gemini", sent, "anthropic", said(("text", [FULL[len(before) :] or "."])), array=True)
        chunks = json.loads(whole)
        assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
        assert line.text in (FULL, FULL + ".")


letters = some.text(some.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1)


@given(said=letters, new=letters, cuts=some.lists(some.integers(1, 9)))
def test_a_continuation_that_repeats_nothing_loses_nothing(said: str, new: str, cuts: list[int]) -> None:
    assume(not new.startswith(said))
    assume(not any(new.startswith(said[-size:]) for size in range(CERTAIN, len(said) + 1)))
    assert joined(said, new, cuts) == said + new


@given(said=some.text(min_size=CERTAIN), new=some.text(), data=some.data(), cuts=some.lists(some.integers(1, 9)))
def test_a_continuation_that_repeats_the_end_doubles_nothing(
    said: str, new: str, data: some.DataObject, cuts: list[int]
) -> None:
    size = data.draw(some.integers(CERTAIN, len(said)))
    again = said[-size:] + new
    assume(not any(again.startswith(said[-more:]) for more in range(CERTAIN, len(said) + 1) if more != size))
    assert joined(said, again, cuts) == said + new


@given(said=some.text(min_size=1), new=some.text(), cuts=some.lists(some.integers(1, 9)))
def test_an_answer_that_begins_anew_is_gone_on_with(said: str, new: str, cuts: list[int]) -> None:
    assert joined(said, said + new, cuts) == said + new


@given(said=some.text(), new=some.text(), cuts=some.lists(some.integers(1, 9)))
def test_what_is_trimmed_is_nothing_but_the_beginning(said: str, new: str, cuts: list[int]) -> None:
    got = joined(said, new, cuts)
    assert got.startswith(said)
    assert new.endswith(got[len(said) :])


def joined(said: str, new: str, cuts: list[int]) -> str:
    seam, out, at = Overlap(said), said, 0
    for cut in cuts:
        if at < len(new):
            out += seam.feed(new[at : at + cut])
            at += cut
    if at < len(new):
        out += seam.feed(new[at:])
    return out + seam.end()


@pytest.mark.parametrize(
    ("said", "new", "whole"),
    [
        ("Hello ", " world", "Hello world"),
        ("Hello", " world", "Hello world"),
        ("One.\n\n", "\n\nTwo.", "One.\n\nTwo."),
        ("if x:\n", "\n    y", "if x:\n    y"),
        ("The quick brown fox jumps", "\nThe quick brown fox jumps over", "The quick brown fox jumps over"),
        ("The quick brown fox jumps", "brown fox jumps over", "The quick brown fox jumpsbrown fox jumps over"),
        ("A quick brown fox jumps", "quick brown fox jumps over", "A quick brown fox jumps over"),
    ],
)
def test_seams(said: str, new: str, whole: str) -> None:
    assert joined(said, new, [1] * len(new)) == whole
    assert joined(said, new, []) == whole
