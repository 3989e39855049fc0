"""Takes the hold of an attempt, with what it may cost, before it leaves: fits it to its budgets, and waits for those.

Free is what neither is spent nor held. What does not fit into cap less spent gets a lower output limit, at most half of
that, or is refused (402). What fits there, and only live holds stand in its way, waits for them (`budget_wait`), then
takes what is free as it is if that pays for a useful answer, else is refused for now (429). It is waited outside of the
attempt, so that no place at a provider is kept meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from trunkline.errors import Failure, Unpriced
from trunkline.guard.budget import called, caps, crowded, exhausted, shared
from trunkline.guard.grant import ENDLESS, Budget
from trunkline.model.usage import dollars
from trunkline.model.wires import FREE
from trunkline.state.balances import Shared, Spent, Unopened
from trunkline.state.store import HoldRef
from trunkline.state.types import Cap, Hold, Meter
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.fit import fitted, said
from trunkline.upstream.limits import counts_of
from trunkline.upstream.prepare import Asking
from trunkline.upstream.reckon import counted_on, free, reckoned
from trunkline.upstream.worst import Asked, Bound

_LOOK = 0.03
"""Seconds between two looks at a budget that live holds fill."""


class Crowded(Exception):
    """Only live holds stand in the way: `room` waits for them, then the attempt is made again."""

    def __init__(self, budget: Cap) -> None:
        super().__init__(budget.name)
        self.budget = budget


Prepare = Callable[[int | None], Asking]
"""Makes the request; with a number, with that output limit instead of its own."""


async def hold(engine: Engine, record: Record, prepare: Prepare) -> tuple[Asking, HoldRef]:
    """The request as it may leave, and its hold. Raises `BudgetSpent`, `BudgetShared`, `BudgetHeld`, `Unpriced`,
    `Full`, `Crowded` and `StoreDown`: then it must not."""
    call, candidate = record.call, record.candidate
    prepared = prepare(None)
    counts = counts_of(record)
    call.fit = ""
    # Who has only a key of their own spends nobody else's money.
    if call.operation in FREE or call.caller.alone:
        return prepared, engine.books.hold(record.hold(), counts)
    budgets = counted_on(call, candidate)
    if not budgets:
        return prepared, engine.books.hold(record.hold(), counts)
    return await _Taking(engine, record, counts, budgets, prepare, prepared).run()


class _Taking:
    """One attempt's way to its hold."""

    def __init__(
        self,
        engine: Engine,
        record: Record,
        counts: Sequence[Meter],
        budgets: Sequence[Budget],
        prepare: Prepare,
        prepared: Asking,
    ) -> None:
        self.engine, self.record, self.counts, self.budgets = engine, record, counts, budgets
        self.prepare, self.prepared = prepare, prepared
        self.asked, self.bound = self._bound()

    def _bound(self) -> tuple[Asked, Bound]:
        """What the request, as it is prepared, may cost. Raises `Unpriced`."""
        record, sent = self.record, self.prepared
        asked, bound = reckoned(self.engine, record.call, record.candidate, sent.raw, sent.get, sent.operation)
        if bound is not None:
            return asked, bound
        if record.call.snapshot.extras.unpriced == "allow" or all(each.cap >= ENDLESS for each in self.budgets):
            return asked, Bound(0)
        raise _unpriced(record.candidate.model, self.budgets)

    async def run(self) -> tuple[Asking, HoldRef]:
        engine, record = self.engine, self.record
        first = self.asked
        capped = any(each.cap < ENDLESS for each in self.budgets)
        if capped and self.bound.output and self.asked.limit is None and not record.profile.dialect.max_output:
            # Nothing bounds such an answer but what is put in.
            self._fit(self.bound.limit, first, called(self.budgets[0].name))
        call = record.call
        wait = call.snapshot.extras.budget_wait
        while True:
            try:
                return self.prepared, engine.books.hold(self._told(), self.counts, self._caps())
            except Unopened as new:
                engine.books.open_balances(await asyncio.to_thread(engine.spent, new.budgets))
            except Shared as past:
                raise shared(past) from None
            except Spent as spent:
                room = spent.budget.limit - spent.settled
                if self.bound.worst <= room:
                    call.budget_until = call.budget_until or engine.loop.time() + wait
                    if engine.loop.time() < call.budget_until:
                        raise Crowded(spent.budget) from None
                    refusal: Failure = crowded(spent, wait)
                    limit = fitted(self.bound, self.asked, spent.free, spent.free)
                else:
                    refusal = exhausted(spent)
                    limit = fitted(self.bound, self.asked, room, room // 2)
                if limit is None:
                    raise refusal from None
                before = self.bound
                self._fit(limit, first, called(spent.budget.name))
                if self.bound.worst >= before.worst:
                    # The deployment's own parameters have the last word on its output limit.
                    raise refusal from None

    def _fit(self, limit: int, first: Asked, name: str) -> None:
        """Prepares the request anew with that output limit instead of the one that was asked for, and says so."""
        self.prepared = self.prepare(limit)
        self.asked, self.bound = self._bound()
        self.record.call.fit = said(limit, first, name)

    def _told(self) -> Hold:
        """The hold's record: with the most that it may cost, which an estimate never exceeds."""
        record, bound = self.record, self.bound
        record.worst, record.most_input, record.most_output = bound.worst, bound.input, bound.limit * bound.count
        record.served = self.asked.served
        return record.hold()

    def _caps(self) -> list[Cap]:
        """The budgets in their periods; none for what costs nothing: a flat plan's traffic, a model without a price."""
        record = self.record
        value = record.call.snapshot.extras.budget_count == "value"
        record.held = 0 if free(record.call, record.candidate) else self.bound.worst
        if not record.held:
            return []
        call = record.call
        zone = call.snapshot.allowances.zone
        return caps(self.budgets, record.held, self.engine.now(), value=value, whole=call.whole_budget, zone=zone)


async def room(engine: Engine, call: Call, budget: Cap) -> None:
    """Waits until an attempt may fit into that budget, or it is time. Looks are reads: nobody who may go is held up."""
    while engine.loop.time() < call.budget_until:
        await asyncio.sleep(_LOOK)
        (told,) = engine.books.balances((budget,))
        if told is None or sum(told) + budget.amount <= budget.limit or told[0] + budget.amount > budget.limit:
            return


def tell_soft(engine: Engine, call: Call, budget: Cap, spent: int) -> None:
    """A soft budget was reached: said once in its period, since one settlement alone crosses it."""
    fields: list[tuple[str, object]] = [("of", called(budget.name)), ("soft", dollars(budget.soft))]
    fields += [("spent", dollars(spent)), ("max", dollars(budget.limit) if budget.limit < ENDLESS else "none")]
    engine.tell("warning", "soft_budget", [("id", call.id), *fields])
    engine.count("soft_budget", budget.name.partition(":")[0])


def _unpriced(model: str, budgets: Sequence[Budget]) -> Unpriced:
    return Unpriced(
        f"The model {model} has no known price, and this call counts on the budget of {called(budgets[0].name)}.",
        remedy="Write its prices under `model_info` (`input_cost_per_token`, `output_cost_per_token`), or let it pass "
        "with `trunkline: {unpriced: allow}`.",
    )
