"""Drives a request through its attempts until one answers, or nothing is left to try."""

from __future__ import annotations

import asyncio

from trunkline.errors import Failure
from trunkline.route.plan import Candidate, Plan
from trunkline.route.verdict import DEFAULT_RETRIES, following
from trunkline.upstream.attempt import attempt
from trunkline.upstream.call import Call, Client
from trunkline.upstream.engine import Engine


class Unanswered(Exception):
    """Every attempt failed. `failure` is the last one, `candidate` where it happened."""

    def __init__(self, failure: Failure, candidate: Candidate) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.candidate = candidate


async def drive(engine: Engine, call: Call, plan: Plan, client: Client) -> None:
    """Answers the request. Raises `Unanswered` when it could not, before or after bytes reached the client."""
    snapshot = call.snapshot
    retries = DEFAULT_RETRIES if snapshot.num_retries is None else snapshot.num_retries
    index = number = in_group = 0
    call.own_key_at = plan.candidates[0].deployment.provider.name
    while True:
        candidate = plan.candidates[index]
        in_group += 1
        try:
            await attempt(engine, call, candidate, client, number)
            return
        except Failure as failure:
            number += 1
            call.steps.append(f"{candidate.called}:{failure.code}")
            if client.committed:
                raise Unanswered(failure, candidate) from None
            own = candidate.deployment.max_retries
            chosen = following(
                failure, index, plan.candidates, in_group, retries if own is None else own, engine.chance
            )
            if chosen is None:
                raise Unanswered(failure, candidate) from None
            if plan.candidates[chosen.index].group != candidate.group:
                in_group = 0
            index = chosen.index
            if chosen.wait:
                await asyncio.sleep(chosen.wait)
