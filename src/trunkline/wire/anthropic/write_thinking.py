"""How much a model is asked to think, in the words that its generation takes, and how long its answer may be.

Sources: platform.claude.com/docs/en/build-with-claude, pages on thinking, adaptive thinking and effort (2026-11-20).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trunkline.model.conversation import Conversation, Effort, Thought
from trunkline.model.dialect import EFFORTS, Dialect, clamped
from trunkline.wire.anthropic.claude import Claude, generation, is_claude
from trunkline.wire.loss import called

Json = dict[str, Any]

_LEAST = 1024
_BUDGETS: dict[Effort, int] = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 24_000,
    "xhigh": 32_000,
    "max": 48_000,
}
_DEFAULT_LIMIT = 8192
_MOST_BY_DEFAULT = 32_000
_ROOM = 4096


@dataclass(slots=True)
class Thinking:
    """What is said of thinking. `config` None: nothing."""

    limit: int
    config: Json | None = None
    effort: Effort = ""
    lost: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    @property
    def on(self) -> bool:
        return self.config is not None and self.config["type"] in ("enabled", "adaptive")

    @property
    def by_budget(self) -> bool:
        return self.config is not None and self.config["type"] == "enabled"


def think(conversation: Conversation, dialect: Dialect, *, forced: bool) -> Thinking:
    """`forced`: a tool must be called, which Claude does only without thinking."""
    thought = conversation.thought
    wanted = _wanted(thought)
    row = generation(dialect)
    out = Thinking(_limit(conversation, dialect))
    able = dialect.reasoning is not False and (row.adaptive or row.budget)
    if wanted == "off" and able:
        _off(out, row, thought, dialect)
    elif wanted and not able:
        out.lost += [called(conversation.wire, "thinking")] if wanted != "off" else []
    elif wanted == "between_tools" and row.off == "between_tools":
        out.config = {"type": "between_tools"}
        out.effort = clamped(thought.effort, dialect.efforts)
    elif wanted and forced and is_claude(dialect) and row.off == "disabled":
        out.config = {"type": "disabled"}
        out.lost.append(called(conversation.wire, "thinking"))
    elif wanted:
        _on(out, row, conversation, dialect)
    if out.config is not None and thought.shown is not None and is_claude(dialect) and out.config["type"] != "disabled":
        out.config["display"] = "summarized" if thought.shown else "omitted"
    return out


def _wanted(thought: Thought) -> str:
    if thought.effort == "none":
        return "off"
    return thought.mode or ("on" if thought.effort or thought.budget else "")


def _limit(conversation: Conversation, dialect: Dialect) -> int:
    """Output tokens; required by this wire. No model can write more than its own limit."""
    limit = conversation.limit
    if limit is None:
        limit = min(dialect.max_output or _DEFAULT_LIMIT, _MOST_BY_DEFAULT)
        if conversation.thought.budget:
            limit = max(limit, conversation.thought.budget + _ROOM)
    return min(limit, dialect.max_output) if dialect.max_output else limit


def _off(out: Thinking, row: Claude, thought: Thought, dialect: Dialect) -> None:
    """As little as the model can: off, or only between tools, or always but least."""
    if not row.off or (not is_claude(dialect) and dialect.always_thinks):
        out.effort = clamped("low", dialect.efforts)
        return
    out.config = {"type": row.off}
    effort: Effort = "" if thought.effort == "none" else thought.effort
    if row.off_up_to and effort in EFFORTS and EFFORTS.index(effort) > EFFORTS.index(row.off_up_to):
        effort = row.off_up_to
    out.effort = clamped(effort, dialect.efforts)


def _on(out: Thinking, row: Claude, conversation: Conversation, dialect: Dialect) -> None:
    thought = conversation.thought
    out.effort = clamped(thought.effort, dialect.efforts)
    by_budget = row.budget and thought.budget is not None and conversation.wire == "anthropic"
    if row.adaptive and not by_budget:
        out.config = {"type": "adaptive"}
        out.effort = out.effort or (clamped(of_budget(thought.budget), dialect.efforts) if thought.budget else "")
        return
    budget = _budget(thought, out.limit)
    if budget is None:
        out.lost.append(called(conversation.wire, "thinking"))
        return
    out.config = {"type": "enabled", "budget_tokens": budget}
    # A clone that knows efforts gets the one that was asked for; the budget was only derived from it.
    if is_claude(dialect) and not thought.effort:
        out.effort = ""


def _budget(thought: Thought, limit: int) -> int | None:
    """Below the limit, with room for the answer where we choose it; None: there is no room to think."""
    if limit <= _LEAST:
        return None
    if thought.budget is not None and thought.budget > 0:
        return max(_LEAST, min(thought.budget, limit - 1))
    wish = _BUDGETS.get(thought.effort, _BUDGETS["medium"] if thought.mode != "adaptive" else _BUDGETS["high"])
    return min(max(_LEAST, min(wish, limit * 3 // 4)), limit - 1)


def of_budget(budget: int) -> Effort:
    """The effort that a budget stands for."""
    return "low" if budget < 4000 else "medium" if budget < 16_000 else "high"
