"""What is asked of a model's thinking, by word or by budget; and the versions in the names of two families."""

from __future__ import annotations

import re

from trunkline.model.conversation import Effort, Thought

_GPT = re.compile(r"\bgpt-(\d+)(?:\.(\d+))?")
_GLM = re.compile(r"\bglm-(\d+)(?:\.(\d+))?")

FEW = 4_096
SOME = 16_384
"""Budgets in tokens below which thinking counts as low and as medium."""


def version(pattern: re.Pattern[str], model: str) -> tuple[int, int] | None:
    """(major, minor) of a model's name; None when it is not of that family."""
    found = pattern.search(model.lower())
    return (int(found[1]), int(found[2] or 0)) if found else None


def gpt(model: str) -> tuple[int, int] | None:
    """The version of a GPT."""
    return version(_GPT, model)


def glm(model: str) -> tuple[int, int] | None:
    """The version of a GLM."""
    return version(_GLM, model)


def is_off(thought: Thought) -> bool:
    """Whether no thinking is asked for."""
    return thought.mode in ("off", "between_tools") or thought.effort == "none"


def effort_of(thought: Thought) -> Effort:
    """The effort that is asked for, by word or by budget; empty where it is left to the model."""
    if is_off(thought):
        return "none"
    if thought.effort or thought.budget is None:
        return thought.effort
    return "low" if thought.budget < FEW else "medium" if thought.budget < SOME else "high"
