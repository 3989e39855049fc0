"""Budgets that a configuration sets, in LiteLLM's words where it has any. No I/O.

    litellm_settings: {max_budget: 100, budget_duration: 1mo, max_end_user_budget: 2, timezone: Europe/Berlin}
    router_settings:  {provider_budget_config: {openai: {budget_limit: 20, time_period: 1d}}}
    litellm_params:   {max_budget: 5, budget_duration: 24h}                    # of one deployment
    trunkline:        {max_session_budget: 3, model_group_budgets: {glm: {budget_limit: 10, time_period: 7d}}}

`fallback_at: 80` beside `budget_limit`: from 80 % on calls go to the fallbacks while one of those can answer.
A budget that cannot be read, or that is of nothing there is, stops the start: it guards money.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trunkline.catalog.providers import find, nearest
from trunkline.config.mend import leaves
from trunkline.config.schema import Allowance, Allowances
from trunkline.config.section import Section
from trunkline.model.periods import is_period
from trunkline.model.usage import NANO

_CAPS = ("budget_limit", "max_budget")
_PERIODS = ("time_period", "budget_duration")
_SHARE = "fallback_at"


def allowance(section: Section, cap: str, period: str = "") -> Allowance | None:
    """The budget that a section sets by those two keys; None where it sets none. Raises for what is no budget."""
    dollars = section.number(cap)
    written = section.text(period).lower() if period else ""
    if not is_period(written):
        raise section.reading.refuse(
            section.line(period),
            f"`{period}` is {written!r}, which is no period.",
            "Write a number and s, m, h, d, w or mo: `24h`, `7d`, `1mo`.",
        )
    if dollars is None:
        if written:
            message = f"`{period}` does nothing without `{cap}`."
            remedy = f"Add `{cap}`, in dollars, or remove it."
            section.reading.warn(section.line(period), message, remedy, "value", leaves(section.data, period))
        return None
    if not dollars:
        message = f"`{cap}` is 0: nothing that costs money is let through."
        section.reading.warn(section.line(cap), message, "Remove the line if no budget is meant.", "note")
    return Allowance(int(Decimal(str(dollars)) * NANO), written)


def allowances(general: Section, litellm: Section, router: Section, own: Section) -> Allowances:
    """All of them but those of deployments. Raises for one that cannot be read."""
    whole = (
        general if litellm.data.get("max_budget") is None and general.data.get("max_budget") is not None else litellm
    )
    period = "budget_duration" if whole is litellm else ""
    return Allowances(
        gateway=allowance(whole, "max_budget", period),
        providers=dict(_table(router, "provider_budget_config", _provider)),
        groups=dict(_table(own, "model_group_budgets", str)),
        end_user=allowance(litellm, "max_end_user_budget"),
        session=allowance(own, "max_session_budget"),
        zone=_zone(litellm),
    )


def _zone(section: Section) -> str:
    """The time zone that `timezone` names. Raises for one that nobody knows: budgets would begin at another hour."""
    name = section.text("timezone")
    if name in ("", "UTC"):
        return ""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise section.reading.refuse(
            section.line("timezone"),
            f"`timezone` is {name!r}, which this machine knows no time zone of.",
            "Write a name as `Europe/Berlin`, install the system's `tzdata`, or remove the line: then it is UTC.",
        ) from None


def _provider(name: str) -> str:
    row = find(name)
    return row.name if row is not None else ""


def _table(section: Section, key: str, real: Callable[[str], str]) -> dict[str, Allowance]:
    table = section.mapping(key)
    found: dict[str, Allowance] = {}
    for name in table.data if table else ():
        assert table is not None
        called = real(str(name))
        if not called:
            near = nearest(str(name))
            remedy = f"Did you mean `{near}`?" if near else "Correct the name, or remove the line."
            raise table.reading.refuse(table.line(name), f"`{key}` names {name!r}, which is no provider.", remedy)
        row = table.mapping(name) or Section(table.reading, {}, name, table.line(name))
        for each in row.data:
            if each not in (*_CAPS, *_PERIODS, _SHARE):
                row.stray(each, "has no effect in a budget.", "")
        cap = next((each for each in _CAPS if row.data.get(each) is not None), _CAPS[0])
        period = next((each for each in _PERIODS if row.data.get(each) is not None), _PERIODS[0])
        made = allowance(row, cap, period)
        if made is None:
            raise row.reading.refuse(
                table.line(name), f"the budget of `{name}` says no amount.", f"Write `{_CAPS[0]}`, in dollars."
            )
        found[called] = replace(made, fallback_at=_share(row))
    return found


def _share(row: Section) -> int | None:
    """Percent of a budget from which on the fallbacks are asked. Raises for what is none."""
    share = row.integer(_SHARE, least=1)
    if share is not None and share > 100:
        raise row.wrong(_SHARE, "a percentage from 1 to 100")
    return share
