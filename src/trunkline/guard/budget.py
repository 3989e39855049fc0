"""Which budgets an attempt counts on, and what is said when they have no room. Pure: the clock is passed in.

Names of what is capped: `all`, `provider:<name>`, `deployment:<id>`, `group:<model group>`, `session:<id>`,
`end:<end user>`, and those of the caller's grant: `key:<id>`, `user:<id>`, `team:<id>`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

from trunkline.config.schema import Allowance, Deployment, Snapshot
from trunkline.errors import BudgetHeld, BudgetShared, BudgetSpent
from trunkline.guard.grant import Budget
from trunkline.guard.keys import Caller
from trunkline.model.periods import period_at
from trunkline.model.usage import dollars
from trunkline.state.balances import Spent
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

_periods: dict[tuple[str, str], tuple[int, int]] = {}
"""The period that holds now, by its name and time zone: computed once, believed until its end."""


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
    set_ = snapshot.allowances
    if not set_ and deployment.allowance is None and not more and (caller.grant is None or not caller.grant.budgets):
        return []
    found: dict[tuple[str, str], Budget] = {}
    for each in _all(snapshot, caller, deployment, groups, session, user, more):
        if each.group and each.group not in groups:
            continue
        key = each.name, each.period
        if key not in found or each.cap < found[key].cap:
            found[key] = each
    return list(found.values())


def _all(
    snapshot: Snapshot,
    caller: Caller,
    deployment: Deployment,
    groups: tuple[str, ...],
    session: str,
    user: str,
    more: Sequence[Budget],
) -> Iterator[Budget]:
    set_ = snapshot.allowances
    if set_.gateway is not None:
        yield _budget("all", set_.gateway)
    if set_.providers and (own := set_.providers.get(deployment.provider.name)) is not None:
        yield _budget(f"provider:{deployment.provider.name}", own)
    if deployment.allowance is not None:
        yield _budget(f"deployment:{deployment.id}", deployment.allowance)
    for name in dict.fromkeys((groups[0], deployment.group)) if set_.groups else ():
        if name in set_.groups:
            yield _budget(f"group:{name}", set_.groups[name])
    if set_.session is not None and session:
        yield _budget(f"session:{session}", set_.session)
    if set_.end_user is not None and user:
        yield _budget(f"end:{user}", set_.end_user)
    if caller.grant is not None:
        yield from caller.grant.budgets
    yield from more


def _budget(name: str, allowed: Allowance) -> Budget:
    share = -(-allowed.cap * allowed.fallback_at // 100) if allowed.fallback_at is not None else 0
    return Budget(name, allowed.cap, allowed.period, share=share)


def caps(
    budgets: Sequence[Budget], amount: int, now: float, *, value: bool, whole: bool = False, zone: str = ""
) -> list[Cap]:
    """The budgets in the periods that hold now, each with what the attempt may cost. `value`: list price counts.
    `whole`: also what is beyond a `fallback_at` may be spent. `zone`: whose midnights they begin at."""
    made: list[Cap] = []
    counts: Literal["b", "v"] = "v" if value else "b"
    for each in budgets:
        start, reset = _period(each.period, now, zone)
        share = 0 if whole else each.share
        made.append(Cap(each.name, each.period, start, reset, each.cap, amount, counts, share, each.soft or 0))
    return made


def _period(text: str, now: float, zone: str) -> tuple[int, int]:
    if not text:
        return 0, 0
    known = _periods.get((text, zone))
    if known is not None and known[0] <= now < known[1]:
        return known
    if len(_periods) > 256:
        _periods.clear()
    found = _periods[text, zone] = period_at(text, now, zone)
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
