"""Which Claude refuses what, by its name; and which providers speak this format without being Claude.

The catalog's word (`Dialect`) comes first; a row here speaks where the catalog is silent.
Sources: platform.claude.com/docs, pages on thinking, effort, tool use, prefill; LiteLLM 1.109.1's flags (2026-11-20).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trunkline.model.conversation import Effort
from trunkline.model.dialect import Dialect

CLONES = frozenset(
    {"zai", "bigmodel", "ollama", "lm_studio", "hosted_vllm", "deepseek", "moonshot", "demo"},
)
"""Providers whose Anthropic endpoint serves other models, whatever name these answer to: they sign nothing and check
no signature."""


@dataclass(frozen=True, slots=True)
class Claude:
    """What a generation takes. `off` is how thinking is switched off there; empty: it cannot be."""

    adaptive: bool = True
    budget: bool = False
    """`thinking.type: enabled` with `budget_tokens`."""
    off: str = "disabled"
    off_up_to: Effort = ""
    """The most effort at which it may be off; empty: any."""
    sampling: bool = False
    json_schema: bool = True
    forced_tool: bool = True
    prefill: bool = False
    system_in_middle: bool = True


_ROWS: tuple[tuple[str, Claude], ...] = (
    (r"claude-(fable|mythos)", Claude(off="", forced_tool=False)),
    (r"claude-opus-5-5", Claude(off="", forced_tool=False)),
    (r"claude-sonnet-5-5", Claude(off="between_tools", forced_tool=False)),
    (r"claude-opus-5", Claude(off_up_to="high")),
    (r"claude-opus-4-7", Claude(system_in_middle=False)),
    (
        r"claude-(opus|sonnet)-4-6",
        Claude(budget=True, sampling=True, system_in_middle=False),
    ),
    (
        r"claude-opus-4-5",
        Claude(False, budget=True, sampling=True, prefill=True, system_in_middle=False),
    ),
    (
        r"claude-((opus|sonnet|haiku)-4(?!-[78])|3-7|4-)",
        Claude(False, budget=True, sampling=True, json_schema=False, prefill=True, system_in_middle=False),
    ),
    (
        r"claude-([123]|v1|instant)",
        Claude(False, sampling=True, json_schema=False, prefill=True, system_in_middle=False),
    ),
)

_NEWEST = Claude()
_CLONE = Claude(False, budget=True, sampling=True, json_schema=False, prefill=True, system_in_middle=False)


def is_claude(dialect: Dialect) -> bool:
    """Whether a request reaches a real Claude, which checks signatures, ids, order and names."""
    return dialect.provider not in CLONES and "claude" in dialect.model.lower()


def generation(dialect: Dialect) -> Claude:
    """The row of the model that is asked; a Claude that no row knows is taken for a current one."""
    if not is_claude(dialect):
        return _CLONE
    name = dialect.model.lower().replace(".", "-")
    name = name[name.index("claude") :]
    return next((row for pattern, row in _ROWS if re.match(pattern, name)), _NEWEST)


def takes(said: bool | None, known: bool) -> bool:
    """What the catalog says, else what the row says."""
    return known if said is None else said
