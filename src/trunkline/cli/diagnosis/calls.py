"""Asks each deployment one cheap real thing, and looks around where it fails. What it means is `means`' business.

What is asked beside the call is free (lists of models), and goes to the same host, or to the same vendor's other one:
a key is never sent to anybody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.cli.diagnosis.asked import SAID, Asked
from trunkline.cli.diagnosis.lists import Listing, listing, other_paths, other_region
from trunkline.config.schema import Door, Snapshot
from trunkline.errors import Failure, ProviderGarbage, ProviderRefused, ProviderTimeout, RefusedAnswer
from trunkline.model.wires import Wire

if TYPE_CHECKING:
    from trunkline.cli.diagnosis.trial import Trial
    from trunkline.route.plan import Candidate

AT_ONCE = 4
LIMIT = 20.0
"""Seconds that a call may take."""


@dataclass(slots=True)
class Told:
    """What came of one call."""

    asked: Asked
    wire: Wire
    door: Door
    failure: Failure | None = None
    seconds: float = 0.0
    cost: int = 0
    """Nano-dollars, of all that was asked for it."""
    priced: bool = True
    """Whether anybody knows what it cost."""
    models: int | None = None
    """How many models the list has, where only that was asked for."""
    sister: str = ""
    """The base of the other address that a gateway would go on to, where it was tried."""
    sister_failure: Failure | None = None
    own_list: Listing | None = None
    region: Listing | None = None
    """The list of the vendor's other host."""
    paths: Sequence[Listing] = ()
    """Lists at other paths of the same host."""


async def ask_all(snapshot: Snapshot, calls: Sequence[Asked]) -> tuple[list[Told], list[tuple[str, float]]]:
    """All of them, a few at once, and what time the answers said it is. Raises `ConfigInvalid`."""
    from trunkline.cli.diagnosis.trial import trial

    gate = asyncio.Semaphore(AT_ONCE)
    turns: dict[str, asyncio.Lock] = {}  # some plans let one call at a time
    async with trial(snapshot) as trying:

        async def one(asked: Asked) -> Told:
            key = asked.deployment.key
            async with turns.setdefault(key.value if key is not None else asked.called, asyncio.Lock()), gate:
                return await _ask(trying, asked)

        told = await asyncio.gather(*map(one, calls))
        return list(told), trying.dates


async def _ask(trying: Trial, asked: Asked) -> Told:
    deployment = asked.deployment
    wire, door = next(iter(deployment.doors.items()))
    told = Told(asked, wire, door)
    if asked.how == "list":
        await _list(trying, told)
    else:
        try:
            candidate = trying.way(deployment, asked.how)
        except Failure as failure:
            told.failure = failure
            return told
        told.wire, told.door = candidate.wire, candidate.door
        told.failure = await _try(trying, told, candidate)
        if told.failure and (sister := trying.sister(candidate, told.failure)):
            told.sister = sister.door.base
            told.sister_failure = await _try(trying, told, sister)
    if told.failure is not None and not deployment.provider.embedded:
        await _look_around(trying, told, told.failure)
    return told


async def _try(trying: Trial, told: Told, candidate: Candidate) -> Failure | None:
    """One call; the failure that it ended with."""
    loop, how = asyncio.get_running_loop(), told.asked.how
    assert how != "list"
    began = loop.time()
    try:
        async with asyncio.timeout(LIMIT):
            record = await trying.ask(candidate, how, SAID[how])
    except TimeoutError:
        title = candidate.deployment.provider.title
        return ProviderTimeout(f"{title} did not answer within {LIMIT:g} s.", remedy="Try again in a moment.")
    except Failure as failure:
        return failure
    told.seconds = loop.time() - began
    told.cost += record.billed
    told.priced = record.priced
    return None


async def _list(trying: Trial, told: Told) -> None:
    """The list of models in place of a call."""
    from trunkline.catalog.providers import at_host
    from trunkline.route.plan import Candidate
    from trunkline.route.verdict import refusal
    from trunkline.upstream.redact import redact

    loop, deployment = asyncio.get_running_loop(), told.asked.deployment
    began = loop.time()
    found = told.own_list = await listing(trying.pool, deployment)
    told.seconds = loop.time() - began
    if found.listed:
        told.models = len(found.names)
    elif found.failure is not None:
        told.failure = found.failure
    elif found.status == 200:
        told.failure = ProviderGarbage(f"What {deployment.provider.title} answered is no list of models.")
    elif not found.status:
        told.failure = ProviderTimeout(f"{deployment.provider.title}: {found.said}.", remedy="Try again in a moment.")
    else:
        vendor = at_host(told.door.base) or deployment.provider
        candidate = Candidate(deployment, told.door, told.wire, "chat", deployment.model, deployment.group)
        told.failure = refusal(candidate, vendor, RefusedAnswer(found.status, (), found.body), 0.0)
        redact(told.failure, deployment.key.value if deployment.key is not None else "")


async def _look_around(trying: Trial, told: Told, failure: Failure) -> None:
    """Free questions that tell two causes of a failure apart."""
    deployment, pool = told.asked.deployment, trying.pool
    if failure.kind == "auth" and isinstance(failure, ProviderRefused) and (other := other_region(told.door)):
        told.region = await listing(pool, deployment, other)
    if deployment.provider.azure or not (failure.kind == "missing" or isinstance(failure, ProviderGarbage)):
        return
    told.own_list = told.own_list or await listing(pool, deployment, (told.wire, told.door))
    if told.own_list.listed or told.own_list.status in (401, 403):
        return
    found = []
    for door in other_paths(deployment, told.wire, told.door):
        found.append(await listing(pool, deployment, (told.wire, door)))
        if found[-1].listed:
            break
    told.paths = found
