"""Calls that stand in words: where the words are cut does not matter, and no word is lost."""

from hypothesis import given
from hypothesis import strategies as st

from trunkline.wire.leak import Leaked, LeakFinder

CALL = '<tool_call>{"name": "f", "arguments": {"x": 1}}</tool_call>'
WORDS = st.lists(
    st.sampled_from(["`", "``", "```", "\n", "so", CALL, "<tool_call>", "</tool_call>", "<tool_", "f<arg_key>"])
).map("".join)


def found(text: str, size: int, offered: set[str]) -> list[str | Leaked]:
    """What is found in words that come in pieces of a size; neighbouring words are one."""
    finder = LeakFinder(offered)
    out: list[str | Leaked] = []
    for one in [one for at in range(0, len(text), size) for one in finder.feed(text[at : at + size])] + finder.end():
        last = out[-1] if out else None
        if isinstance(one, str) and isinstance(last, str):
            out[-1] = last + one
        else:
            out.append(one)
    return out


@given(WORDS, st.integers(1, 9))
def test_where_words_are_cut_does_not_matter(text: str, size: int) -> None:
    assert found(text, size, {"f"}) == found(text, len(text) or 1, {"f"})


@given(WORDS, st.integers(1, 9))
def test_no_word_is_lost_where_no_tool_is_offered(text: str, size: int) -> None:
    assert "".join(map(str, found(text, size, set()))) == text
