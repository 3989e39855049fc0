"""YAML with lines: what is read, what is refused, and that nothing else ever happens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.config.yaml_lines import Mapped, read
from trunkline.errors import ConfigInvalid


def test_every_key_and_item_knows_its_line() -> None:
    found = read("a: 1\nb:\n  - x\n  - y\nc:\n  d: 2\n", "f.yaml")
    assert found.lines == {"a": 1, "b": 2, "c": 5}
    assert found["b"].lines == [3, 4]
    assert found["c"].line_of("d") == 6


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", "f.yaml:", "empty"),
        ("# only a comment\n", "f.yaml:", "empty"),
        ("word", "f.yaml:1", "single value"),
        ("- a\n- b\n", "f.yaml:1", "a list"),
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3", "the section `a` stands twice: here and at line 1"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", "f.yaml:4", "the key `b` stands twice: here and at line 2"),
        ("a:\n\t- b\n", "f.yaml:2", "tab"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2", "not valid YAML"),
        ("a: *b\n", "f.yaml:1", "alias"),
        ("model_name: *\n", "f.yaml:1", "not valid YAML"),
        ("a: &x [*x]\n", "f.yaml:1", "its own anchor"),
        ("a: !!python/object:os.system x\n", "f.yaml:1", "tag"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2", "another document"),
        ("? [a]\n: 1\n", "f.yaml:1", "a key is a list"),
        ("[" * 5000, "f.yaml:1", "nested deeper"),
        ("a: !!int x\n", "f.yaml:1", "no int"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: str, says: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        read(text, "f.yaml")
    assert refused.value.message.startswith(line)
    assert says in refused.value.message
    assert refused.value.remedy


def test_a_star_without_quotes_is_explained() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        read("model_name: *\n", "f.yaml")
    assert "quotes" in refused.value.remedy


def test_a_small_file_cannot_unfold_into_a_huge_one() -> None:
    levels = "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9))
    with pytest.raises(ConfigInvalid, match="unfold"):
        read("a: &a [x,x,x,x,x,x,x,x,x]\n" + levels, "f.yaml")


def test_merge_keys_fill_what_is_not_written() -> None:
    found = read("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n", "f.yaml")
    assert dict(found["use"]) == {"y": 3, "x": 1}


def test_dates_and_odd_keys_stay_as_written() -> None:
    found = read("v: 2024-10-21\non: x\n4: y\nn: 3.10\n", "f.yaml")
    assert found["v"] == "2024-10-21"
    assert set(found) == {"v", "on", "4", "n"}
    assert found.texts["n"] == "3.10"


def test_json_is_yaml_too() -> None:
    assert read('{\n\t"a": {"b": [1, true, null]}\n}', "f.json") == {"a": {"b": [1, True, None]}}


_PIECES = st.lists(
    st.sampled_from(
        [*"abc:-[]{},&*!|>%@`'\"#?\n\t 01.~<=", "\n  ", ": ", "- ", "&x ", "*x", "<<: ", "!!int ", "0x", "---\n"]
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(_PIECES.map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read(text, "f.yaml"), Mapped)
    except ConfigInvalid as refused:
        assert refused.message.startswith("f.yaml")
        assert refused.remedy
