"""An effort is asked for as the model takes it."""

from __future__ import annotations

import pytest

from trunkline.model.conversation import Effort
from trunkline.model.dialect import clamped

ZAI: tuple[Effort, ...] = ("low", "high", "max")
OPENAI: tuple[Effort, ...] = ("none", "low", "medium", "high")


@pytest.mark.parametrize(
    ("asked", "taken", "sent"),
    [
        ("", OPENAI, ""),
        ("high", OPENAI, "high"),
        ("max", OPENAI, "high"),
        ("minimal", OPENAI, "low"),
        ("none", OPENAI, "none"),
        ("none", ZAI, "low"),
        ("medium", ZAI, "low"),
        ("xhigh", ZAI, "high"),
        ("low", ("high",), "high"),
        ("high", (), ""),
        ("none", (), ""),
        ("high", ("none",), ""),
        ("xhigh", None, "xhigh"),
    ],
)
def test_what_was_asked_for_else_the_next_less_else_the_least(
    asked: Effort, taken: tuple[Effort, ...] | None, sent: Effort
) -> None:
    assert clamped(asked, taken) == sent
