"""Asks the providers now and then whether they are well: for the list of their models, which costs nothing.

Any answer below 500 is well: a wrong key is somebody else's business. One worker of a host does it, and the others
stand by. What is not well gets a circuit of the kind `unhealthy`, which says so to every worker until the next check
says otherwise; changes are logged, once. What attempts have found out is left as it is, while it rests for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from trunkline.catalog.azure import azure_url
from trunkline.config.schema import Deployment, Door, Snapshot
from trunkline.errors import Failure, StoreDown
from trunkline.model.wires import Wire
from trunkline.route.health import key_circuit
from trunkline.state.lock import FileLock
from trunkline.state.types import Circuit
from trunkline.upstream.engine import Transport
from trunkline.upstream.headers import upward
from trunkline.upstream.pool import Answer, Outgoing
from trunkline.upstream.redact import kept, redact

_log = logging.getLogger("trunkline.health")

KIND = "unhealthy"
LIMIT = 5.0
"""Seconds that a provider may take."""
_AT_ONCE = 16
_FIRST = 0.2
"""Seconds after the start, before the first check."""

_LISTS: dict[Wire, str] = {
    "anthropic": "/v1/models",
    "openai_chat": "/models",
    "openai_responses": "/models",
    "ollama": "/api/tags",
    "gemini": "/models",
}
"""Where each wire lists its models, under its base."""

Tell = Callable[[str, str, list[tuple[str, object]]], None]


class Circuits(Protocol):
    """Where all workers see how deployments do."""

    def mend(
        self, name: str, change: Callable[[Circuit | None], Circuit | None], /
    ) -> tuple[Circuit | None, Circuit | None]: ...


@dataclass(slots=True)
class Target:
    """One origin with one key, and the deployments that are reached by them."""

    url: str
    title: str
    headers: list[tuple[str, str]] = field(repr=False)
    key: str = field(repr=False)
    deployments: list[Deployment] = field(default_factory=list)


def targets(snapshot: Snapshot) -> list[Target]:
    """Whom to ask. Left out: the demo, who has no key, and who says `disable_background_health_check`."""
    found: dict[tuple[str, str], Target] = {}
    for deployment in deployments(snapshot):
        if not checked(deployment):
            continue
        made = target(deployment)
        parts = urlsplit(made.url)
        name = f"{parts.scheme}://{parts.netloc}", made.key
        found.setdefault(name, made)
        found[name].deployments.append(deployment)
    return list(found.values())


def target(deployment: Deployment, at: tuple[Wire, Door] | None = None) -> Target:
    """Where and how a deployment is asked for the list of its models: at the door it prefers, or at another one."""
    wire, door = at or _asked_at(deployment)
    key = deployment.key.value if deployment.key is not None else ""
    headers = upward([], deployment, wire, door.auth, key)
    return Target(_url(deployment, wire, door), deployment.provider.title, headers, key)


def deployments(snapshot: Snapshot) -> Iterator[Deployment]:
    """All that are configured."""
    for found in (*snapshot.groups.values(), *(found for _, found in snapshot.wildcards)):
        yield from found


def checked(deployment: Deployment) -> bool:
    """Whether it takes part."""
    off = deployment.info.get("disable_background_health_check") is True
    return bool(deployment.doors) and not (deployment.provider.embedded or deployment.key_missing or off)


def circuit_of(deployment: Deployment) -> str:
    """The name of its circuit; where its model has a `*`, that stands for every model of it."""
    return f"d:{deployment.id}|{deployment.model}"


def _marked(deployment: Deployment, door: Door) -> Iterator[str]:
    """The circuits that tell of it. Where its model has a `*`, nobody knows the names: its key's tells of them all."""
    yield circuit_of(deployment)
    if "*" in deployment.model:
        yield key_circuit(deployment, door.base)


def _asked_at(deployment: Deployment) -> tuple[Wire, Door]:
    doors, prefers = deployment.doors, deployment.provider.prefers
    if prefers and prefers in doors:
        return prefers, doors[prefers]
    return next(iter(doors.items()))


def _url(deployment: Deployment, wire: Wire, door: Door) -> str:
    if deployment.provider.azure:
        return azure_url(door.base, deployment.model, "/models", "v1")
    return door.base + _LISTS[wire]


class Checkup:
    """The checks of one process. `tell` logs a line: level, event, fields."""

    def __init__(
        self,
        pool: Transport,
        circuits: Circuits,
        lock: FileLock,
        snapshot: Callable[[], Snapshot],
        now: Callable[[], float],
        tell: Tell,
    ) -> None:
        self._pool, self._circuits, self._lock = pool, circuits, lock
        self._snapshot, self._now, self._tell = snapshot, now, tell
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins; does nothing while the configuration asks for no checks."""
        self._task = loop.create_task(self._run(), name="checkup")

    def wake(self) -> None:
        """The configuration has changed: the next check is due now."""
        self._changed.set()

    async def stop(self) -> None:
        """Ends, and leaves the checks to another worker."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._lock.release()

    async def _run(self) -> None:
        wait = _FIRST
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            self._changed.clear()
            every = self._snapshot().health_every
            wait = every or 5.0
            try:
                if every is not None and self._lock.obtain():
                    await self.once()
            except (OSError, StoreDown) as error:
                _log.error("the providers' health cannot be looked at: %s", error)
            except Exception:  # noqa: BLE001 - a defect must not end the checks, while unhealthy ones wait for the next
                _log.exception("a check of the providers' health failed by a defect of Trunkline")

    async def once(self) -> None:
        """One check of all. Raises `StoreDown`."""
        snapshot = self._snapshot()
        gate = asyncio.Semaphore(_AT_ONCE)

        async def look(target: Target) -> tuple[Target, str]:
            async with gate:
                return target, await self._ask(target)

        every = snapshot.health_every or 0.0
        for target, trouble in await asyncio.gather(*map(look, targets(snapshot))):
            self._note(target, trouble, every)

    async def _ask(self, target: Target) -> str:
        """What is wrong, in a sentence; empty when nothing is."""
        answer: Answer | None = None
        try:
            async with asyncio.timeout(LIMIT):
                others = target.deployments[0].elsewhere
                answer = await self._pool.send(Outgoing("GET", target.url, target.headers, b"", LIMIT, others))
                status = answer.status
        except TimeoutError:
            return f"{target.title} did not list its models within {LIMIT:g} s."
        except Failure as failure:
            redact(failure, target.key)
            return kept(failure.sentence, b"", (target.key,))
        finally:
            if answer is not None:
                answer.close()
        return f"{target.title} answered {status} when asked for its models." if status >= 500 else ""

    def _note(self, target: Target, trouble: str, every: float) -> None:
        """Tells the circuits, and the log where something has changed."""
        now = self._now()
        # Should the checks end, the circuit does so soon after, and calls find out for themselves.
        until = now + 2 * every + LIMIT
        changed = []
        for deployment in target.deployments:
            for name in _marked(deployment, _asked_at(deployment)[1]):
                before, after = self._circuits.mend(name, lambda known: after_check(known, trouble, now, until))
                if _unhealthy(before, now) != _unhealthy(after, now):
                    changed.append(f"{deployment.provider.name}/{deployment.model}")
        if not changed:
            return
        fields: list[tuple[str, object]] = [
            ("provider", target.title),
            ("at", target.url),
            ("state", "unhealthy" if trouble else "healthy"),
            ("deployments", ",".join(dict.fromkeys(changed))),
        ]
        self._tell("warning" if trouble else "info", "health", [*fields, ("why", trouble)] if trouble else fields)


def after_check(known: Circuit | None, trouble: str, now: float, until: float) -> Circuit | None:
    """A circuit after a check; `until` is when it ends if no other check follows. Pure."""
    ours = known is not None and known.kind == KIND
    if known is not None and not ours and (not trouble or known.until > now):
        return known
    if not trouble:
        return None
    if known is None or not ours:
        return Circuit(1, now, 1, until, 0.0, KIND, trouble)
    return Circuit(known.fails + 1, known.since, known.opened, until, 0.0, KIND, trouble)


def _unhealthy(circuit: Circuit | None, now: float) -> bool:
    return circuit is not None and circuit.kind == KIND and circuit.until > now


def endpoints(snapshot: Snapshot, circuits: Mapping[str, Circuit], now: float) -> dict[str, Any]:
    """What LiteLLM's `/health` tells, as the last check found it: nobody is asked for it."""
    well: list[dict[str, str]] = []
    ill: list[dict[str, str]] = []
    for deployment in deployments(snapshot):
        if not checked(deployment):
            continue
        circuit = circuits.get(circuit_of(deployment))
        row = {"model": f"{deployment.provider.name}/{deployment.model}", "model_id": deployment.id}
        if circuit is not None and _unhealthy(circuit, now):
            ill.append({**row, "error": circuit.said})
        else:
            well.append(row)
    return {
        "healthy_endpoints": well,
        "unhealthy_endpoints": ill,
        "healthy_count": len(well),
        "unhealthy_count": len(ill),
    }
