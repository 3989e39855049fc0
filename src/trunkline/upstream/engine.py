"""What every attempt needs and no request owns: connections, books, timer, clock. Made once per process by `app`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from trunkline.config.schema import Snapshot
from trunkline.route.plan import Candidate
from trunkline.upstream.books import Books, Record
from trunkline.upstream.counters import Counters
from trunkline.upstream.homes import Homes
from trunkline.upstream.litellm_sdk import Sdk
from trunkline.upstream.pool import Answer, Outgoing
from trunkline.upstream.profile import Profile, profile_of
from trunkline.upstream.ratios import Ratios
from trunkline.upstream.timer import Wheel


class Transport(Protocol):
    """Sends a request and gives the answer when its headers are there: the pool, the demo, a line of LiteLLM's SDK."""

    async def send(self, outgoing: Outgoing) -> Answer: ...


@dataclass(slots=True)
class Engine:
    """`now` is unix time, `loop.time()` the monotonic one. `report` is told of each attempt that ended."""

    pool: Transport
    demo: Transport
    sdk: Sdk
    books: Books
    wheel: Wheel
    loop: asyncio.AbstractEventLoop
    now: Callable[[], float]
    chance: Callable[[], float]
    report: Callable[[Record], None]
    ratios: Ratios
    homes: Homes
    counters: Counters = field(default_factory=Counters)
    _profiles: dict[tuple[str, str], Profile] = field(default_factory=dict)

    def profile(self, snapshot: Snapshot, candidate: Candidate) -> Profile:
        """What the candidate's model can do and costs; looked up once per model."""
        key = (snapshot.version + candidate.deployment.id + candidate.wire, candidate.model)
        found = self._profiles.get(key)
        if found is None:
            if len(self._profiles) > 4096:
                # Wildcards let clients invent names: what was looked up once may be looked up again.
                self._profiles.clear()
            found = self._profiles[key] = profile_of(
                candidate.deployment, candidate.model, candidate.door.base, snapshot.prices, drop=snapshot.drop_params
            )
        return found

    def transport(self, candidate: Candidate, *, drop: bool) -> Transport:
        """Where the candidate is reached. `drop`: what its provider does not take may be left out."""
        match candidate.deployment.provider.embedded:
            case "demo":
                return self.demo
            case "litellm":
                return self.sdk.at(candidate.deployment, drop=drop)
        return self.pool
