"""Keys as copying leaves them: what is wrong is told, the key alone is found, and no key is shown."""

from __future__ import annotations

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.cli.diagnosis.keys import bare, look, stray
from trunkline.config.schema import Secret


@pytest.mark.parametrize(
    ("raw", "said", "alone"),
    [
        ("k-123456", "", "k-123456"),
        (" k-123456", "blanks or a line break around", "k-123456"),
        ("k-123456\n", "blanks or a line break around", "k-123456"),
        ('"k-123456"', "quotes", "k-123456"),
        ("'\"k-123456\"'", "quotes", "k-123456"),
        ("“k-123456”", "quotes", "k-123456"),
        ("Bearer k-123456", "`Bearer`", "k-123456"),
        ('"bearer: k-123456"', "`Bearer`", "k-123456"),
        ("ZAI_API_KEY=k-123456", "assignment", "k-123456"),
        ("export ZAI_API_KEY='k-123456'", "assignment", "k-123456"),
        ("k-12 3456", "blanks in it", "k-12 3456"),
        ("k-12\n3456", "line break in it", "k-12\n3456"),
    ],
)
def test_what_stands_around_a_key(raw: str, said: str, alone: str) -> None:
    assert said in stray(raw)
    assert bool(said) == bool(stray(raw))
    assert bare(raw) == alone


@pytest.mark.parametrize(("raw", "state"), [('"k-123456"', "warn"), ("Bearer k-123456", "fail"), ("k-12 3456", "fail")])
def test_what_trunkline_takes_away_by_itself_is_a_warning_and_else_a_failure(raw: str, state: str) -> None:
    made = snapshot(deployment("m", model="x", key=Secret(raw.strip('"'), "MINE")))
    (row,) = look(made, {"MINE": raw}, frozenset())
    assert (row.state, row.code) == (state, "key.stray")
    assert "3456" not in row.seen + row.remedy
    assert not list(look(made, {"MINE": raw}, frozenset({"MINE"})))


def test_another_vendors_key_is_noticed() -> None:
    made = deployment("m", model="gpt-5.6-sol", provider="openai", base="https://api.openai.com/v1")
    odd = snapshot(deployment("m", model="gpt-5.6-sol", provider="openai", base="https://api.openai.com/v1",
                              key=Secret("sk-ant-api03-abcdefgh", "OPENAI_API_KEY")))  # fmt: skip
    (row,) = look(odd, {}, frozenset())
    assert (row.state, row.code) == ("warn", "key.other_vendor")
    assert "Anthropic" in row.seen
    assert not list(look(snapshot(made), {}, frozenset()))
