"""A few calls that no client asked for, by the gateway's own pool, splices, headers and judgement: who answers?

Put together here as `app` does it for a gateway, and closed when the trial is over: what attempts write down lies in a
folder that goes with it, so that neither the ledger nor a running gateway's state knows of them.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from trunkline.config.schema import Allowances, Deployment, Snapshot
from trunkline.errors import Failure, StoreDown
from trunkline.guard.keys import Caller
from trunkline.guard.queue import Queue
from trunkline.model.estimate import tokens
from trunkline.model.wires import PATH_OF, WIRE_OF, Operation
from trunkline.route.plan import Candidate, plan
from trunkline.state.store import State
from trunkline.state.types import Cap
from trunkline.upstream.attempt import attempt
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.upstream.demo.provider import Demo
from trunkline.upstream.engine import Engine, Transport
from trunkline.upstream.litellm_sdk import Sdk
from trunkline.upstream.makers import Makers
from trunkline.upstream.pool import Answer, Outgoing, Pool
from trunkline.upstream.pots import Pots
from trunkline.upstream.ratios import Ratios
from trunkline.upstream.timer import Wheel
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
    """For as long as it is entered. Raises `StoreDown`; without LiteLLM's SDK, `ask` may raise `ConfigInvalid`."""
    loop = asyncio.get_running_loop()
    try:
        kept = tempfile.TemporaryDirectory(prefix="trunkline-trial-")
    except OSError as error:
        remedy = "Set TMPDIR to a folder that can be written."
        raise StoreDown(f"No temporary folder can be made: {error}.", remedy=remedy) from None
    with kept as folder:
        state = await asyncio.to_thread(State.open, Path(folder))
        pool, wheel, sdk = Pool(), Wheel(loop), Sdk(snapshot.variables)
        heard = _Heard(pool)
        engine = Engine(
            pool=heard,
            demo=Demo(),
            sdk=sdk,
            books=state,
            wheel=wheel,
            loop=loop,
            now=time.time,
            chance=random.random,
            report=_unheard,
            ratios=Ratios(state),
            health=state,
            queue=Queue(state.lines, loop),
            pots=Pots(state),
            tell=_untold,
            spent=_unspent,
            makers=Makers(state.responses, time.time),
        )
        try:
            yield Trial(engine, snapshot, heard.dates)
        finally:
            wheel.close()
            await pool.close()
            await sdk.close()
            await asyncio.to_thread(state.close)


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


def _unspent(budgets: Sequence[Cap]) -> dict[bytes, int]:
    raise AssertionError("a trial counts on no budget")
