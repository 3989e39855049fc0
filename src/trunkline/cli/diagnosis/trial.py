"""A few calls that no client asked for, on the gateway's own engine: its pool, its splices, its headers, its judgement.

What the engine writes down lies in this process's memory and goes with the trial: neither the ledger nor a running
gateway's state knows of these calls.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import msgspec

from trunkline.app import embedded
from trunkline.config.schema import Allowances, Deployment, Snapshot
from trunkline.errors import Failure
from trunkline.guard.keys import Caller
from trunkline.model.estimate import tokens
from trunkline.model.wires import PATH_OF, WIRE_OF, Operation
from trunkline.route.plan import Candidate, plan
from trunkline.upstream.attempt import attempt
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine, Transport
from trunkline.upstream.pool import Answer, Outgoing, Pool
from trunkline.wire.body import Body


class Trial:
    """`dates` are the answers' `Date` headers, each with the local unix time at which it came."""

    def __init__(self, engine: Engine, snapshot: Snapshot, dates: list[tuple[str, float]]) -> None:
        self._engine, self._snapshot, self.dates = engine, snapshot, dates
        self._numbers = count(1)

    @property
    def pool(self) -> Transport:
        """The connections, for calls of another kind."""
        return self._engine.pool

    def way(self, deployment: Deployment, operation: Operation) -> Candidate:
        """How a deployment is asked for something. Raises `WireNotOffered`."""
        alone = replace(deployment, allowance=None, rpm=None, tpm=None, max_parallel=None)
        return plan(self._only(alone), deployment.group, operation, self._engine.chance).candidates[0]

    async def ask(self, candidate: Candidate, operation: Operation, said: Mapping[str, Any]) -> Record:
        """Asks once; what became known of it. Raises the `Failure` that it ended with.

        `said` are the members of the body beside its model, in the operation's own wire.
        """
        engine, asked = self._engine, candidate.group
        raw = msgspec.json.encode({"model": asked, **said})
        call = Call(
            id=f"trial-{next(self._numbers)}",
            snapshot=self._only(candidate.deployment),
            operation=operation,
            wire=WIRE_OF[operation],
            tail=PATH_OF[operation],
            query="",
            headers=[(b"content-type", b"application/json"), (b"user-agent", b"trunkline")],
            body=Body(raw),
            asked=asked,
            streamed=False,
            caller=Caller(),
            started=engine.now(),
            began=engine.loop.time(),
            estimate=tokens(len(raw)),
        )
        return await attempt(engine, call, candidate, _Nobody(), 0)

    def sister(self, candidate: Candidate, failure: Failure) -> Candidate | None:
        """The other address that a gateway would go on to, where this one's pot is empty."""
        return self._engine.pots.sister(candidate, failure)

    def _only(self, deployment: Deployment) -> Snapshot:
        """The configuration with nobody else in it, and without limits and budgets: they are for clients."""
        return replace(
            self._snapshot,
            groups={deployment.group: (deployment,)},
            wildcards=(),
            aliases={},
            fallbacks={},
            default_fallbacks=(),
            provider_limits={},
            allowances=Allowances(),
        )


@asynccontextmanager
async def trial(snapshot: Snapshot) -> AsyncIterator[Trial]:
    """For as long as it is entered. Where LiteLLM's SDK is needed and is missing, `ask` raises `ConfigInvalid`."""
    made = await embedded(None, snapshot.variables, _unheard, _untold)
    heard = _Heard(made.pool)
    made.engine.pool = heard
    try:
        yield Trial(made.engine, snapshot, heard.dates)
    finally:
        await made.close()
        made.finish()


class _Heard:
    """The pool, with an ear for what time it is elsewhere."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.dates: list[tuple[str, float]] = []

    async def send(self, outgoing: Outgoing) -> Answer:
        answer = await self._pool.send(outgoing)
        self.dates += [(value, time.time()) for name, value in answer.headers if name == "date"]
        return answer


class _Nobody:
    """A client that wants to know only whether there was an answer."""

    started = committed = gone = opaque = False

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True

    async def send(self, piece: bytes) -> None:
        self.committed = True

    async def finish(self, piece: bytes = b"") -> None:
        self.committed = True


def _unheard(record: Record) -> None:
    """Whoever tries looks at the record itself."""


def _untold(level: str, event: str, fields: list[tuple[str, object]]) -> None:
    """There is no log."""
