"""What an attempt may cost, which budgets it counts on, and what those would say to it. Takes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from trunkline.guard.budget import budgets_of, called, exhausted, shared
from trunkline.guard.grant import Budget
from trunkline.model.usage import dollars
from trunkline.model.wires import Operation
from trunkline.route.plan import Candidate
from trunkline.state.balances import Shared, Spent
from trunkline.state.types import Cap
from trunkline.upstream import worst
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.fit import fitted, said
from trunkline.upstream.window import window_of
from trunkline.upstream.worst import Asked, Bound, Get


def reckoned(
    engine: Engine, call: Call, candidate: Candidate, raw: bytes, get: Get, operation: Operation
) -> tuple[Asked, Bound | None]:
    """What a request, as it would be sent to a candidate, asks for, and what it costs at most; None: no price is
    known."""
    profile = engine.profile(call.snapshot, candidate)
    asked = worst.asked_of(get, operation, raw)
    if profile.price is None:
        return asked, None
    strict = call.snapshot.extras.budget_bound == "bytes"
    tokens = engine.ratios.most(candidate.model, len(raw), strict=strict)
    tokens += worst.referred(raw, operation, call.headers)
    if worst.stored(get, operation):
        tokens = max(tokens, window_of(engine, call, candidate))
    long = worst.kept_long(get, operation, raw)
    return asked, worst.bound_of(profile.price, asked, operation, tokens, profile.dialect.max_output, long=long)


def counted_on(call: Call, candidate: Candidate) -> list[Budget]:
    """The budgets that an attempt at the candidate counts on."""
    end = call.end.budgets if call.end is not None else ()
    groups = (candidate.group, call.asked)
    return budgets_of(call.snapshot, call.caller, candidate.deployment, groups, call.session, call.user, end)


def free(call: Call, candidate: Candidate) -> bool:
    """Whether nothing that is asked there counts: a flat plan's traffic, unless its value does."""
    return candidate.deployment.plan == "coding" and call.snapshot.extras.budget_count != "value"


def foreseen(call: Call, asked: Asked, bound: Bound, told: Sequence[tuple[Cap, int, int]]) -> str:
    """What budgets would say to a request that may cost so much, in a sentence; empty: it passes. `told`: each budget
    with what is settled and what is held of it."""
    for cap, settled, held in told:
        if cap.share and settled >= cap.share:
            return shared(Shared(cap, settled, held)).message
    short = [(cap, settled, held) for cap, settled, held in told if settled + held + cap.amount > cap.limit]
    if not short:
        return ""
    cap, settled, held = min(short, key=lambda each: each[0].limit - each[1])
    spent, room = Spent(cap, settled, held), cap.limit - settled
    if bound.worst <= room:
        return (
            f"It would wait for calls under way, up to {call.snapshot.extras.budget_wait:g} s: the budget of "
            f"{called(cap.name)} has ${dollars(held)} held for them."
        )
    limit = fitted(bound, asked, room, room // 2)
    return exhausted(spent).message if limit is None else f"Its limit would be {said(limit, asked, called(cap.name))}."
