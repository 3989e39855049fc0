"""How hard a model may be asked to think, by its name: what OpenAI's and Z.AI's models take of the seven words.

Sources: developers.openai.com/api/docs/guides/reasoning and model pages, docs.z.ai/guides/capabilities/thinking-mode
(2026-11-20); the limits of glm-5.3 also as reported in 2026-09.
"""

from __future__ import annotations

import re

from trunkline.model.conversation import Effort, Thought
from trunkline.model.dialect import EFFORTS

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


def openai_efforts(model: str, *, always_thinks: bool) -> tuple[Effort, ...]:
    """What an OpenAI model takes, from least to most."""
    known = gpt(model)
    taken: tuple[Effort, ...] = ("low", "medium", "high")
    if known is not None and known >= (5, 6):
        taken = ("none", "low", "medium", "high", "xhigh", "max")
    elif known is not None and known >= (5, 2):
        taken = ("none", "low", "medium", "high", "xhigh")
    elif known == (5, 1):
        taken = ("none", "low", "medium", "high", "xhigh") if "max" in model else ("none", "low", "medium", "high")
    elif known == (5, 0):
        taken = ("minimal", "low", "medium", "high")
    return tuple(each for each in taken if each != "none") if always_thinks else taken


def clamped(effort: Effort, taken: tuple[Effort, ...]) -> Effort:
    """The nearest that is taken: none of it as little as there is, anything else never none and never more."""
    if effort in taken:
        return effort
    thinking = [each for each in taken if each != "none"]
    if effort == "none":
        return thinking[0]
    below = [each for each in thinking if EFFORTS.index(each) <= EFFORTS.index(effort)]
    return below[-1] if below else thinking[0]


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
