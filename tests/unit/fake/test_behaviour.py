"""The words that choose the fake's behaviour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fake import Behaviour
from tests.fake.behaviour import from_record, from_words, merge


def test_ordinary_talk_changes_nothing() -> None:
    assert from_words("Please call me back, the TOOLS are in the car. A=b HELLO") == Behaviour()


def test_words_are_read_wherever_they_stand() -> None:
    how = from_words("please TOOL=Write then\nFILE=/tmp/a-b.txt SAY=grüezi✓ PAR SLOW=1.5 LONG=3")
    assert (how.tool, how.file, how.say, how.par, how.slow_ms, how.long) == (
        "Write",
        "/tmp/a-b.txt",
        "grüezi✓",
        True,
        1.5,
        3,
    )


def test_a_bare_tool_means_any_tool() -> None:
    assert from_words("TOOL").tool == ""
    assert from_words("a tool").tool is None


def test_malformed_numbers_are_ordinary_text() -> None:
    assert from_words("ERR=soon CUT=-1 DELAY=abc LONG=") == Behaviour()


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(from_words(text), Behaviour)


def test_calm_keeps_the_speech_and_drops_the_faults() -> None:
    calm = from_words("SAY=x THINK ERR=500 CUT=3 DELAY=2 TIMES=1").calm()
    assert calm == Behaviour(say="x", think=True)


def test_what_is_programmed_overrules_the_words() -> None:
    assert merge(from_words("SAY=x ERR=500"), Behaviour(status=429)) == Behaviour(say="x", status=429)


def test_an_unknown_name_in_a_programme_is_refused() -> None:
    with pytest.raises(TypeError):
        from_record({"explode": True})
