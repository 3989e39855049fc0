"""`quota_limits` of a chain: what each model may cost in a month, and how often it may be asked. No I/O.

    {"claude": {"monthly_limit_usd": 100, "fallback_after_80_percent": true, "rpm_limit": 60}}

A quota's name means the models whose name begins so, punctuation aside: `gpt4` means `gpt-4-turbo`, `ollama` means
`ollama/mistral`. Each of them has the whole of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trunkline.config.refuse import nearest
from trunkline.config.section import Reading, Section

_KEYS = ("monthly_limit_usd", "fallback_after_80_percent", "rpm_limit")
_EARLY = 80


@dataclass(frozen=True, slots=True)
class Quota:
    """What one says. `budget` is a row of `model_group_budgets`, empty where no amount is said."""

    budget: Mapping[str, Any] = field(default_factory=dict)
    rpm: int | None = None
    line: int = 0


def quotas(reading: Reading, section: Section | None, names: Sequence[str]) -> dict[str, Quota]:
    """Model → its quota. One that means no model, or says nothing, is a warning."""
    found: dict[str, Quota] = {}
    for called in section.data if section else ():
        assert section is not None
        line = section.line(called)
        row = section.mapping(called) or Section(reading, {}, called, line)
        quota = _read(row, line)
        meant = [name for name in names if _begins(name, called)]
        if not meant:
            message = f"the quota `{called}` limits nothing: no model's name begins so."
            reading.warn(line, message, _remedy(called, names), "value")
        for name in meant:
            if name in found:
                message = f"the quota `{called}` means `{name}` too, which that of line {found[name].line} has already."
                reading.warn(line, message, "Give each model one quota.", "value")
                continue
            found[name] = quota
    return found


def _read(row: Section, line: int) -> Quota:
    for key in row.data:
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            meant = f"Did you mean `{near}`?" if near else f"These are: {', '.join(_KEYS)}."
            row.reading.warn(row.line(key), f"`{key}` of the quota `{row.title}` is unknown.", meant, "unknown")
    dollars, rpm = row.number("monthly_limit_usd"), row.integer("rpm_limit", least=1)
    early = row.flag("fallback_after_80_percent")
    if dollars is None and rpm is None:
        message = f"the quota `{row.title}` limits nothing: it says neither `monthly_limit_usd` nor `rpm_limit`."
        row.reading.warn(line, message, "Add one, or remove it.", "value")
    budget: dict[str, Any] = {}
    if dollars is not None:
        budget = {"max_budget": dollars, "budget_duration": "1mo"}
        if early:
            budget["fallback_at"] = _EARLY
    return Quota(budget, rpm, line)


def _begins(model: str, called: str) -> bool:
    """Whether a model's name, with or without its provider's, begins as a quota is called."""
    begin = _plain(called)
    return bool(begin) and (_plain(model).startswith(begin) or _plain(model.rpartition("/")[2]).startswith(begin))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _remedy(called: str, names: Sequence[str]) -> str:
    near = nearest(called, names)
    return f"Did you mean `{near}`?" if near else f"The models are: {', '.join(names)}."
