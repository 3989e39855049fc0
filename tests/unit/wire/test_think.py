"""Thinking between tags is told apart from words, wherever the pieces are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.wire.think import ThinkSplitter


def split(pieces: list[str]) -> list[tuple[str, str]]:
    """What was said, with pieces of one kind joined."""
    splitter = ThinkSplitter()
    said = [each for piece in pieces for each in splitter.feed(piece)] + splitter.end()
    out: list[tuple[str, str]] = []
    for kind, text in said:
        assert text
        if out and out[-1][0] == kind:
            out[-1] = (kind, out[-1][1] + text)
        else:
            out.append((kind, text))
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", [("text", "plain words")]),
        ("<think>why</think>so", [("thinking", "why"), ("text", "so")]),
        ("\n<think>\nwhy\n</think>\n\nso", [("thinking", "why\n"), ("text", "so")]),
        ("<think>a</think>\n<think>b</think>c", [("thinking", "ab"), ("text", "c")]),
        ("the tag <think> is a tag", [("text", "the tag <think> is a tag")]),
        ("<think>a</think>use </think> and <think>", [("thinking", "a"), ("text", "use </think> and <think>")]),
        ("<think>never closed", [("thinking", "never closed")]),
        ("<think>almost </thin", [("thinking", "almost </thin")]),
        ("<thi", [("text", "<thi")]),
        ("<thinker> is no tag", [("text", "<thinker> is no tag")]),
        ("<think></think>only words", [("text", "only words")]),
        ("<think>a</think>  \n", [("thinking", "a")]),
        ("", []),
    ],
)
def test_wherever_it_is_cut_it_is_the_same(text: str, expected: list[tuple[str, str]]) -> None:
    assert split([text]) == expected
    assert split(list(text)) == expected
    for at in range(len(text)):
        assert split([text[:at], text[at:]]) == expected


def test_words_are_not_held_back_longer_than_a_tag_may_be() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("Hello") == [("text", "Hello")]
    assert splitter.feed(" <") == [("text", " <")]


def test_thinking_flows_while_its_end_is_awaited() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("<think>let me see</") == [("thinking", "let me see")]
    assert splitter.feed("thing>") == [("thinking", "</thing>")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "th", "ink>", "a", "\n", "</"])), st.integers(1, 5))
def test_cuts_never_matter(pieces: list[str], size: int) -> None:
    text = "".join(pieces)
    cut = [text[at : at + size] for at in range(0, len(text), size)]
    assert split(cut) == split([text])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "x", " "])))
def test_nothing_is_lost_but_tags_and_white_space(pieces: list[str]) -> None:
    said = "".join(text for _, text in split(pieces))
    assert said.count("x") == "".join(pieces).count("x")
