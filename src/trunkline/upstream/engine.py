"""What every attempt needs and no request owns: connections, books, timer, clock. Made once per process by `app`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trunkline.config.schema import Snapshot
from trunkline.guard.queue import Queue
from trunkline.route.plan import Candidate
from trunkline.state.types import Cap, Circuit, Rates
from trunkline.upstream.books import Books, Record
from trunkline.upstream.counters import Counters
from trunkline.upstream.litellm_sdk import Sdk
from trunkline.upstream.makers import Makers
from trunkline.upstream.pool import Answer, Outgoing
from trunkline.upstream.pots import Pots
from trunkline.upstream.profile import Profile, profile_of
from trunkline.upstream.ratios import Ratios
from trunkline.upstream.timer import Wheel


class Transport(Protocol):
    """Sends a request and gives the answer when its headers are there: the pool, the demo, a line of LiteLLM's SDK."""

    async def send(self, outgoing: Outgoing) -> Answer: ...


class Health(Protocol):
    """What all workers know of deployments and keys that failed, of their loads, and of where sessions are at home."""

    def circuits(self, names: Sequence[str]) -> dict[str, Circuit]: ...
    def mend(
        self, name: str, change: Callable[[Circuit | None], Circuit | None]
    ) -> tuple[Circuit | None, Circuit | None]: ...
    def probe(self, name: str, now: float) -> bool: ...
    def unprobe(self, name: str, now: float) -> None: ...
    def crowded(self, name: str) -> int: ...
    def rates(self, names: Sequence[str]) -> dict[str, Rates]: ...
    def used(self, names: Sequence[str]) -> dict[str, tuple[int, int, int]]: ...
    def home_of(self, session: str) -> str | None: ...
    def settle_in(self, session: str, deployment: str, now: float) -> None: ...
    def spent_lately(self, session: str, now: float) -> int: ...
    def spend(self, session: str, nano: int, now: float) -> None: ...


class Tell(Protocol):
    """Writes one line to the log: level, event, named values."""

    def __call__(self, level: str, event: str, fields: list[tuple[str, object]]) -> None: ...


def _uncounted(event: str, sort: str) -> None:
    """Where nobody reads metrics."""


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
    health: Health
    queue: Queue
    pots: Pots
    tell: Tell
    spent: Callable[[Sequence[Cap]], dict[bytes, int]]
    """What the ledger says was spent of budgets that the shared state does not have. Blocks."""
    makers: Makers
    paces: dict[tuple[str, bool], float] = field(default_factory=dict)
    """(deployment id, streamed) → seconds to the first token, averaged; kept where the strategy asks for it."""
    counters: Counters = field(default_factory=Counters)
    count: Callable[[str, str], None] = _uncounted
    """Counts something that happens seldom: what it is, and of which sort."""
    _profiles: dict[tuple[str, str], Profile] = field(default_factory=dict)

    def renew(self, snapshot: Snapshot) -> None:
        """Forgets what was looked up or learned of deployments that may be others by now."""
        self._profiles.clear()
        self.counters = Counters()
        ids = {each.id for each in snapshot.deployments()}
        for pace in [pace for pace in self.paces if pace[0] not in ids]:
            del self.paces[pace]

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
