"""How much a Gemini model shall think: tokens for 2.5, levels from 3 on, nothing before.

Sources: ai.google.dev/gemini-api/docs/thinking and /docs/openai (what an effort is in tokens), and Google Cloud's page
on thinking, which lists the levels of each model (2026-11).
"""

from __future__ import annotations

import re
from typing import Any

from trunkline.model.conversation import Conversation, Effort, Thought
from trunkline.model.dialect import EFFORTS, Dialect, clamped
from trunkline.wire.gemini.spelling import Json, a_count, a_text, an_object

_VERSION = re.compile(r"gemini-(?:[a-z-]*-)?(\d+)(?:\.(\d+))?")
_TOKENS: dict[Effort, int] = {
    "none": 0,
    "minimal": 1024,
    "low": 1024,
    "medium": 8192,
    "high": 24576,
    "xhigh": 32768,
    "max": 32768,
}
_USUAL: tuple[Effort, ...] = ("low", "medium", "high")
"""Levels that every model knows which knows levels."""


def version(model: str) -> tuple[int, int]:
    """(2, 5) of `gemini-2.5-flash`. A name without a number (`gemini-flash-latest`) is taken for a present one.

    Gemma, which the same endpoints offer, neither thinks nor signs.
    """
    found = _VERSION.search(model)
    if found is None:
        return (1, 0) if "gemma" in model else (3, 8)
    return int(found[1]), int(found[2] or 0)


def signs(model: str) -> bool:
    """Whether a replayed call needs a thought signature: all from Gemini 3 on."""
    return version(model) >= (3, 0)


def read(value: Any) -> Thought:
    """`generationConfig.thinkingConfig`. Thoughts that were not asked for are not shown: that is Gemini's default."""
    param = "generationConfig.thinkingConfig"
    config = an_object(value, param)
    thought = Thought(shown=config.get("includeThoughts") is True)
    if "thinkingBudget" in config:
        budget = a_count(config["thinkingBudget"], f"{param}.thinkingBudget")
        thought.mode = "off" if budget == 0 else "adaptive" if budget < 0 else "on"
        thought.budget = budget if budget > 0 else None
    level = a_text(config.get("thinkingLevel", ""), f"{param}.thinkingLevel").lower()
    for effort in EFFORTS:
        if level == effort:
            thought.mode, thought.effort = "adaptive", effort
    if thought.shown and not thought.mode:
        thought.mode = "adaptive"
    return thought


def write(conversation: Conversation, dialect: Dialect) -> tuple[Json, bool]:
    """(`thinkingConfig`, empty where there is nothing to say; whether thinking that was asked for is lost)."""
    thought, model = conversation.thought, dialect.model
    off = thought.mode in ("off", "between_tools") or thought.effort == "none"
    if not thought.mode and not thought.effort:
        return {}, False
    if dialect.reasoning is False or version(model) < (2, 5):
        # Not thinking where nobody thinks is no loss.
        return {}, not off
    # Who names an effort only has not asked to read what is thought.
    config: Json = {} if off or thought.shown is False or not thought.mode else {"includeThoughts": True}
    if version(model) < (3, 0):
        config["thinkingBudget"] = _budget(thought, off, model)
        return config, False
    theirs = conversation.wire == "gemini" and thought.effort
    level = theirs or _level(thought, off, dialect)
    if level:
        config["thinkingLevel"] = level.upper()
    return config, False


def _budget(thought: Thought, off: bool, model: str) -> int:
    """Tokens, within what the model takes; -1 leaves it to the model. Pro cannot be told not to think."""
    least, most = (128, 32768) if "pro" in model else (512 if "lite" in model else 1, 24576)
    if off:
        return least if "pro" in model else 0
    if thought.effort:
        wanted = _TOKENS[thought.effort]
    elif thought.budget is not None:
        wanted = thought.budget
    else:
        return -1
    return min(max(wanted, least), most)


def _level(thought: Thought, off: bool, dialect: Dialect) -> Effort:
    """A level that the model knows; empty leaves it to the model. None can be told not to think at all."""
    wanted: Effort = thought.effort
    if off:
        wanted = "minimal"
    elif not wanted and thought.budget is not None:
        wanted = "low" if thought.budget < 4096 else "medium" if thought.budget < 16384 else "high"
    if not wanted:
        return ""
    return clamped(wanted, _USUAL if dialect.efforts is None else dialect.efforts)
