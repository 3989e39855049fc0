"""What attempts come to, told to the shared state: circuits of deployments and keys, and how fast each answers.

Where all works nothing is written, and one read finds an empty table. Every change of a circuit's state is logged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from trunkline.errors import Failure, StoreDown
from trunkline.model.wires import FREE, Operation
from trunkline.route.health import after_failure, of_deployment, of_key, rested_by, rules, standing
from trunkline.route.plan import Candidate
from trunkline.route.tour import Tour
from trunkline.state.types import Circuit
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.own_key import is_at

Change = Callable[[Circuit | None], Circuit | None]

_APART: frozenset[Operation] = FREE | {"other"}
"""Operations that a provider may lack though it answers well: their failures say nothing of a deployment."""

_PACE = 0.2
"""How much the newest answer counts in a deployment's average."""

_CROWDED = frozenset({"1302"})
"""Codes that say: too many at once with that key (Z.AI)."""


def known(engine: Engine, call: Call, candidates: Sequence[Candidate]) -> dict[str, Circuit]:
    """The circuits of these candidates: one read. Empty where rests are turned off."""
    if call.snapshot.routing.disable_cooldowns:
        return {}
    names = [name for each in candidates for name in (of_deployment(each), of_key(each))]
    return engine.health.circuits(names)


class Circuits(Protocol):
    """All of them, and one to be changed."""

    def all_circuits(self) -> Mapping[str, Circuit]: ...
    def mend(self, name: str, change: Change) -> tuple[Circuit | None, Circuit | None]: ...


def begin_anew(circuits: Circuits, ids: Collection[str]) -> None:
    """Deployments of these ids lead elsewhere now: what failed before says nothing of them. Raises `StoreDown`."""
    beginnings = tuple(f"d:{each}|" for each in ids)
    if beginnings:
        for name in circuits.all_circuits():
            if name.startswith(beginnings):
                circuits.mend(name, lambda _: None)


def probe(engine: Engine, names: Sequence[str], now: float) -> bool:
    """Takes the single probe of each; all or none."""
    for at, name in enumerate(names):
        if not engine.health.probe(name, now):
            unprobe(engine, names[:at], now)
            return False
    return True


def unprobe(engine: Engine, names: Sequence[str], now: float) -> None:
    """Gives back probes, taken at `now`, that came to no verdict."""
    for name in names:
        with contextlib.suppress(StoreDown):
            engine.health.unprobe(name, now)


def failed(
    engine: Engine, call: Call, tour: Tour, candidate: Candidate, failure: Failure, probes: Sequence[str]
) -> None:
    """An attempt has failed: the circuit of what that rests is moved; those that it probed and that work are closed."""
    routing = call.snapshot.routing
    if routing.disable_cooldowns or call.operation in _APART:
        return
    own = is_at(call, candidate)
    rest = rested_by(failure)
    name = of_deployment(candidate) if rest == "deployment" else of_key(candidate) if rest == "key" else ""
    if own and rest == "key":
        # The caller's own key is nobody else's business.
        name = ""
    if failure.code in _CROWDED and not own:
        with contextlib.suppress(StoreDown):
            engine.health.crowded(of_key(candidate))
    if name:
        alone = len({of_deployment(each) for each in tour.candidates}) == 1
        said = rules(call.snapshot, candidate.deployment, failure.kind, failure.status, alone=alone)
        now = engine.now()
        _mend(engine, tour, candidate, name, failure, lambda circuit: after_failure(circuit, failure, now, said))
    if failure.blame == "provider":
        for other in probes:
            if other != name:
                # It was asked and has answered, if only with an error of another kind.
                _mend(engine, tour, candidate, other, failure, lambda _: None)


def worked(engine: Engine, tour: Tour, candidate: Candidate) -> None:
    """An attempt was answered: whatever circuits it has are closed."""
    if not tour.circuits:
        return
    for name in (of_deployment(candidate), of_key(candidate)):
        if name in tour.circuits:
            _mend(engine, tour, candidate, name, None, lambda _: None)


def _mend(
    engine: Engine,
    tour: Tour,
    candidate: Candidate,
    name: str,
    failure: Failure | None,
    change: Change,
) -> None:
    """Changes a circuit for all workers, keeps the tour's picture true, and logs a change of state."""
    now = engine.now()
    try:
        before, after = engine.health.mend(name, change)
    except StoreDown:
        # Said in the state's own log. A circuit is a help, no condition: the call goes on without.
        return
    if after is None:
        tour.circuits.pop(name, None)
    else:
        tour.circuits[name] = after
    old = "closed" if before is None or not before.until else "open"
    new = standing(after, now)
    if old == new and (before is None or after is None or before.opened == after.opened):
        return
    key = candidate.deployment.key
    what = (key.source if key else candidate.door.base) if name.startswith("k:") else candidate.called
    fields: list[tuple[str, object]] = [("name", name), ("of", what), ("state", new)]
    if after is not None and after.until:
        fields += [("for_s", round(after.until - now, 1)), ("kind", after.kind), ("why", after.said)]
    elif failure is None and before is not None:
        fields += [("after", before.kind), ("fails", before.fails)]
    engine.tell("warning" if new == "open" else "info", "circuit", fields)


def pace(engine: Engine, call: Call, candidate: Candidate, record: Record) -> None:
    """Averages how long a deployment takes, where the strategy asks for it."""
    if call.snapshot.routing.strategy != "latency-based-routing" or not record.waited:
        return
    key = (candidate.deployment.id, call.streamed)
    took = record.waited
    if not call.streamed:
        # A whole answer's time is its length's: LiteLLM counts seconds a token.
        took /= max(1, record.usage.output or 1)
    known_pace = engine.paces.get(key)
    engine.paces[key] = took if known_pace is None else known_pace + _PACE * (took - known_pace)
