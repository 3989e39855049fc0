"""Drives a request through its attempts until one answers, or nothing is left to try.

What is tried next is the tour's to say (`route/tour.py`); here it is done: probes and places are taken, waits are
waited, and what an attempt came to is told to the shared state.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from trunkline.errors import Failure, LimitReached, OverLimit, ProviderResting, ProviderTimeout, QueueFull
from trunkline.route.plan import Candidate, Plan
from trunkline.route.tour import Step, Tour
from trunkline.state.store import Full
from trunkline.upstream import funds, limits, rests
from trunkline.upstream.attempt import attempt
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.detours import detour
from trunkline.upstream.engine import Engine
from trunkline.upstream.places import place_of
from trunkline.upstream.resume import Continuation, continuation, told
from trunkline.upstream.warm import settle
from trunkline.upstream.watchdog import Watchdog

_OVERDUE = "deadline_exceeded"
_LOOK = 0.1
"""Seconds between two looks at a probe that somebody else has."""
_GLANCE = 0.025
"""Seconds between two looks at a limit of the caller's."""
_LOOKS = 20
"""How often it is looked at."""


class Unanswered(Exception):
    """Every attempt failed. `failure` is the last one, `candidate` where it happened."""

    def __init__(self, failure: Failure, candidate: Candidate) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.candidate = candidate


async def drive(engine: Engine, call: Call, plan: Plan, client: Client) -> Record:
    """Answers the request; what became known of the attempt that did.

    Raises `Unanswered` when it could not, before or after bytes reached the client.
    """
    seconds = call.snapshot.limits.deadline
    if seconds is None:
        return await _Drive(engine, call, plan, client).run()
    dog = call.deadline = Watchdog(engine.wheel, engine.loop)
    dog.watch(seconds - (engine.loop.time() - call.began), _overdue)
    trip = _Drive(engine, call, plan, client)
    try:
        return await trip.run()
    except asyncio.CancelledError:
        late = dog.expired
        if late is None or not dog.forgive():
            raise
        raise Unanswered(late, trip.candidate) from None
    finally:
        dog.stop()


def _overdue(seconds: float) -> ProviderTimeout:
    return ProviderTimeout(
        f"The call was not done within its deadline of {seconds:g} s.",
        remedy="Raise `deadline` under `trunkline.limits`, or remove it.",
        code=_OVERDUE,
    )


class _Drive:
    """One call on its way through its candidates."""

    def __init__(self, engine: Engine, call: Call, plan: Plan, client: Client) -> None:
        self.engine, self.call, self.client = engine, call, client
        candidates = [engine.pots.known(each) for each in plan.candidates]
        call.own_key_at = candidates[0].deployment.provider.name
        if call.caller.alone:
            candidates = [each for each in candidates if each.deployment.provider.name == call.own_key_at]
        self.candidate = candidates[0]
        self.number = 0
        self.until: float | None = None
        """Until when room in the caller's limits is waited for, loop time."""
        self.sisters: set[int] = set()
        self.onward: Continuation | None = None
        self.tour = Tour(
            call.snapshot,
            candidates,
            engine.chance,
            rests.known(engine, call, candidates),
            call.wishes,
            detour(engine, call),
            call.own_key_at if call.caller.provider_key else "",
            call.fallbacks,
        )

    async def run(self) -> Record:
        """The record of the attempt that answered. Raises `Unanswered`."""
        engine, tour = self.engine, self.tour
        step = await self._patient(tour.first(engine.now()))
        while isinstance(step, Step):
            if step.wait:
                await asyncio.sleep(step.wait)
            now = engine.now()
            self.candidate = tour.candidates[step.index]
            if step.probes and not rests.probe(engine, step.probes, now):
                step = await self._patient(tour.denied(step, now))
                continue
            self.call.why, self.call.fallbacks = step.why, tour.fallbacks
            self.call.whole_budget = tour.whole_budget
            self.call.others = tour.others(step.index, now)
            self.call.spoke = partial(rests.worked, engine, tour, self.candidate) if step.probes else None
            try:
                record = await self._ask(self.candidate)
            except Full as full:
                rests.unprobe(engine, step.probes, now)
                if limits.mine(self.call, full):
                    await self._room(full)
                    step = replace(step, wait=0.0)
                    continue
                step = tour.full(step.index, engine.now() + max(full.wait, 0.05), engine.now())
                if isinstance(step, LimitReached):
                    step.limit_type = limits.TYPES[full.count.kind]
            except funds.Crowded as crowded:
                rests.unprobe(engine, step.probes, now)
                await funds.room(engine, self.call, crowded.budget)
                step = replace(step, wait=0.0)
                continue
            except QueueFull as full:
                rests.unprobe(engine, step.probes, now)
                instead = tour.full(step.index, engine.now() + (full.retry_after or 1.0), engine.now())
                step = instead if isinstance(instead, Step) and instead.index != step.index else full
            except OverLimit:
                rests.unprobe(engine, step.probes, now)
                raise
            except Failure as failure:
                step = self._failed(step, failure, now)
            except BaseException:
                rests.unprobe(engine, step.probes, now)
                raise
            else:
                self._worked(step, record)
                return record
        last = step, self.candidate
        raise Unanswered(*told(self.call, *(last if self.client.committed else tour.answer(*last))))

    async def _patient(self, step: Step | Failure) -> Step | Failure:
        """Where all rest and somebody else is just trying one of them, that one's verdict is awaited a little: better
        a short wait than a refusal."""
        engine, tour = self.engine, self.tour
        for _ in range(_LOOKS):
            if not isinstance(step, ProviderResting) or not any(each.probe for each in tour.circuits.values()):
                break
            await asyncio.sleep(_LOOK)
            tour.circuits = rests.known(engine, self.call, tour.candidates)
            step = tour.first(engine.now())
        return step

    async def _ask(self, candidate: Candidate) -> Record:
        """One attempt, inside a place where its key or deployment lets only so many at once."""
        place = place_of(self.engine, self.call, candidate)
        if place is None:
            return await attempt(self.engine, self.call, candidate, self.client, self.number, self.onward)
        async with place:
            return await attempt(self.engine, self.call, candidate, self.client, self.number, self.onward)

    async def _room(self, full: Full) -> None:
        """Waits until the caller's limit, which an attempt did not fit into, may have room. Raises `OverLimit` where
        that takes too long. No place at the provider is kept meanwhile."""
        engine, call = self.engine, self.call
        if self.until is None:
            self.until = engine.loop.time() + call.snapshot.extras.budget_wait
        while True:
            if not limits.passing(engine, full) or engine.loop.time() >= self.until:
                raise limits.refusal(call, engine, full)
            await asyncio.sleep(_GLANCE)
            if limits.fits(engine, full):
                return

    def _failed(self, step: Step, failure: Failure, began: float) -> Step | Failure:
        """Writes a failed attempt down, and says what comes next: a step, or the failure to report."""
        engine, call, tour = self.engine, self.call, self.tour
        candidate, now = self.candidate, engine.now()
        self.number += 1
        call.steps.append(f"{candidate.called}:{failure.code}")
        if failure.code == _OVERDUE:
            # It is over, for whoever would be next as well.
            rests.unprobe(engine, step.probes, began)
            return failure
        sister = None if step.index in self.sisters else engine.pots.sister(candidate, failure)
        if sister is not None and not self.client.committed:
            rests.unprobe(engine, step.probes, began)
            at = tour.add(sister)
            self.sisters.add(at)
            return Step(at, f"the other address of that key, after {failure.code}")
        if failure.kind == "budget":
            # It was not asked: somebody else may try it out.
            rests.unprobe(engine, step.probes, began)
        rests.failed(engine, call, tour, candidate, failure, step.probes)
        if not self.client.committed:
            return tour.after(step.index, failure, now) or failure
        in_words = self.onward is not None and self.onward.turned_down(failure)
        self.onward = continuation(call, failure, candidate)
        if self.onward is None:
            return failure
        if in_words:
            return Step(step.index, "it takes no beginning of an answer")
        return tour.after(step.index, failure, now, going_on=True) or failure

    def _worked(self, step: Step, record: Record) -> None:
        engine, call = self.engine, self.call
        if record.outcome != "ok":
            rests.unprobe(engine, step.probes, engine.now())
            return
        rests.worked(engine, self.tour, self.candidate)
        settle(engine, call, self.candidate, record)
        rests.pace(engine, call, self.candidate, record)
        if step.index in self.sisters:
            pot = engine.pots.keep(self.candidate)
            key = self.candidate.deployment.key
            engine.tell(
                "warning",
                "pot",
                [
                    ("provider", self.candidate.deployment.provider.name),
                    ("key", key.source if key else ""),
                    ("pot", pot),
                    ("base", self.candidate.door.base),
                    ("note", f"write `plan: {pot}` beside the model"),
                ],
            )
