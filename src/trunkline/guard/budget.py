"""Which budgets an attempt counts on, and what is said when they have no room. Pure: the clock is passed in.

Names of what is capped: `all`, `provider:<name>`, `deployment:<id>`, `group:<model group>`, `session:<id>`,
`end:<end user>`, and those of the caller's grant: `key:<id>`, `user:<id>`, `team:<id>`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from trunkline.config.schema import Allowance, Deployment, Snapshot
from trunkline.errors import BudgetHeld, BudgetShared, BudgetSpent
from trunkline.guard.grant import Budget
from trunkline.guard.keys import Caller
from trunkline.model.periods import period_at
from trunkline.model.usage import dollars
from trunkline.state.balances import Spent, balance_of
from trunkline.state.types import Cap

_TITLES = {
    "all": "this gateway",
    "provider": "the provider",
    "deployment": "the deployment",
    "group": "the model",
    "session": "this session",
    "end": "the end user",
    "key": "the key",
    "user": "the user",
    "team": "the team",
}

_periods: dict[tuple[str, str, str], tuple[int, int, bytes]] = {}
"""Of a budget, by its name, period and time zone: when the period that holds now began and ends, and the balance's key.
Computed once, believed until its end."""
_KEPT = 4096


def budgets_of(
    snapshot: Snapshot,
    caller: Caller,
    deployment: Deployment,
    groups: tuple[str, ...],
    session: str,
    user: str,
    more: Sequence[Budget] = (),
) -> list[Budget]:
    """Every budget that an attempt at the deployment counts on, each name and period once: of two, the smaller cap.

    `groups`: the model group that is asked, and what the client called it. `more`: those of the end user, where one is
    known.
    """
    configured = deployment.allowance is not None or bool(snapshot.allowances)
    if not configured and not more and (caller.grant is None or not caller.grant.budgets):
        return []
    found = _set(snapshot, deployment, groups, session, user) if configured else []
    if caller.grant is not None:
        found += caller.grant.budgets
    found += more
    kept: dict[tuple[str, str], Budget] = {}
    for each in found:
        if each.group and each.group not in groups:
            continue
        key = each.name, each.period
        known = kept.get(key)
        if known is None or each.cap < known.cap:
            kept[key] = each
    return list(kept.values())


def _set(snapshot: Snapshot, deployment: Deployment, groups: tuple[str, ...], session: str, user: str) -> list[Budget]:
    """Those that the configuration sets."""
    set_, provider = snapshot.allowances, deployment.provider.name
    named: list[tuple[str, Allowance | None]] = [("all", set_.gateway)]
    if set_.providers:
        named.append((f"provider:{provider}", set_.providers.get(provider)))
    if deployment.allowance is not None:
        named.append((f"deployment:{deployment.id}", deployment.allowance))
    if set_.groups:
        named += [(f"group:{name}", set_.groups.get(name)) for name in dict.fromkeys((groups[0], deployment.group))]
    if session and set_.session is not None:
        named.append((f"session:{session}", set_.session))
    if user and set_.end_user is not None:
        named.append((f"end:{user}", set_.end_user))
    return [_budget(name, each.cap, each.period, each.fallback_at) for name, each in named if each is not None]


@lru_cache(maxsize=_KEPT)
def _budget(name: str, cap: int, period: str, fallback_at: int | None) -> Budget:
    share = -(-cap * fallback_at // 100) if fallback_at is not None else 0
    return Budget(name, cap, period, share=share)


def caps(
    budgets: Sequence[Budget], amount: int, now: float, *, value: bool, whole: bool = False, zone: str = ""
) -> list[Cap]:
    """The budgets in the periods that hold now, each with what the attempt may cost. `value`: list price counts.
    `whole`: also what is beyond a `fallback_at` may be spent. `zone`: whose midnights they begin at."""
    made: list[Cap] = []
    counts: Literal["b", "v"] = "v" if value else "b"
    for each in budgets:
        name, period = each.name, each.period
        known = _periods.get((name, period, zone))
        if known is None or not (known[0] <= now < known[1] or not period):
            known = _period(name, period, now, zone)
        start, reset, key = known
        share = 0 if whole else each.share
        made.append(Cap(name, period, start, reset, each.cap, amount, counts, share, each.soft or 0, key))
    return made


def _period(name: str, text: str, now: float, zone: str) -> tuple[int, int, bytes]:
    start, reset = period_at(text, now, zone) if text else (0, 0)
    if len(_periods) >= _KEPT:
        _periods.clear()
    found = _periods[name, text, zone] = start, reset, balance_of(name, text, start)
    return found


def exhausted(spent: Spent) -> BudgetSpent:
    """The refusal where what is spent leaves too little."""
    budget = spent.budget
    begun = f" since {_when(budget.start)}" if budget.start else ""
    again = f" It begins anew at {_when(budget.reset)}." if budget.reset else ""
    return BudgetSpent(
        f"The budget of {called(budget.name)} has no room for this call: ${dollars(spent.settled)} of "
        f"${dollars(budget.limit)} is spent{begun}, and the call may cost ${dollars(budget.amount)}.{again}",
        remedy="Raise the budget, ask for a shorter answer, or ask a cheaper model.",
    )


def shared(spent: Spent) -> BudgetShared:
    """Why a fallback is asked first."""
    budget = spent.budget
    return BudgetShared(
        f"The budget of {called(budget.name)} is spent up to its `fallback_at`: ${dollars(spent.settled)} of "
        f"${dollars(budget.limit)}."
    )


def crowded(spent: Spent, waited: float) -> BudgetHeld:
    """The refusal where only calls that are under way stand in the way."""
    budget = spent.budget
    return BudgetHeld(
        f"The budget of {called(budget.name)} has no room for this call now: of ${dollars(budget.limit)} "
        f"${dollars(spent.settled)} is spent and ${dollars(spent.held)} held for calls that are under way, and this "
        f"one may cost ${dollars(budget.amount)}. It waited {waited:g} s for them.",
        remedy="Try again when they have ended, or ask for a shorter answer.",
        retry_after=float(max(1, min(30, math.ceil(waited)))),
    )


def called(name: str) -> str:
    """What is capped, as a person says it: `the provider zai`."""
    whose, _, group = name.partition("|group:")
    kind, _, rest = whose.partition(":")
    title = _TITLES.get(kind, kind)
    if kind == "team" and "|user:" in rest:
        rest, _, member = rest.partition("|user:")
        title, rest = f"the member {member[:64]} of {title}", rest
    if kind not in ("all", "session") and rest:
        title = f"{title} {rest[:64]}"
    return f"{title} for the model {group[:64]}" if group else title


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
