"""What would be done with a request, without doing it: who would be asked, in which order and wire, and at what cost.

The same functions decide that decide for a real request (`calls.chosen`, `splice`, `written_for`); nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from trunkline.config.schema import Snapshot
from trunkline.errors import Failure, UnknownPath
from trunkline.guard.budget import caps
from trunkline.guard.keys import Caller
from trunkline.model.usage import dollars
from trunkline.model.wires import COUNTING, EMBEDDING
from trunkline.route.health import of_deployment, of_key, standing
from trunkline.route.plan import Candidate, Plan
from trunkline.route.tour import Step as Next
from trunkline.route.tour import Tour
from trunkline.serve.calls import call_of, chosen
from trunkline.serve.paths import find
from trunkline.serve.request import Request
from trunkline.state.balances import balance_of
from trunkline.state.types import Circuit
from trunkline.upstream import cross_count, cross_embed
from trunkline.upstream.call import Call
from trunkline.upstream.cross import conversation_of, encoded, written_for
from trunkline.upstream.detours import detour
from trunkline.upstream.engine import Engine
from trunkline.upstream.reckon import counted_on, foreseen, free, reckoned
from trunkline.upstream.rests import known
from trunkline.upstream.splices import splice
from trunkline.upstream.worst import GENERATES, Asked, Bound


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate. Tokens are estimates; `worst_nano` is nano-dollars, None where no price or no limit is known."""

    called: str
    deployment: str
    where: str
    """`config.yaml:7`."""
    group: str
    why: str
    wire: str
    crossed: bool
    """The request would be written anew in that wire."""
    base: str
    bytes: int = 0
    lost: list[str] = []
    """What could not be carried: `x-trunkline-lost`."""
    refused: str = ""
    """Why it would not be sent there at all."""
    rests: str = ""
    """Why it is passed over now while another can answer."""
    input: int = 0
    output_most: int = 0
    """The request's limit, else the model's; 0: nobody says."""
    worst: str | None = None
    worst_nano: int | None = None
    budget: str = ""
    """What the configuration's budgets would say to it; empty: it passes."""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was not sent."""

    path: str
    operation: str
    wire: str
    asked: str
    streamed: bool
    bytes: int
    group: str = ""
    steps: list[Step] = []
    skipped: list[str] = []
    shuffled: bool = False
    """The order within a group is one of several: chance decides by weight."""
    refused: str = ""
    """Why the gateway would refuse it itself: message and remedy."""


def rehearse(engine: Engine, snapshot: Snapshot, path: str, raw: bytes) -> Rehearsal:
    """The rehearsal of a JSON body sent to `path`. Raises `UnknownPath`, and `InvalidRequest` for what is no JSON."""
    plain, _, query = path.partition("?")
    target = find("POST", plain)
    if target.operation is None:
        raise UnknownPath(f"{plain} asks no model.", remedy="Name one such as /v1/messages or /v1/chat/completions.")
    headers = [(b"content-type", b"application/json")]
    scope: dict[str, Any] = {"method": "POST", "path": plain, "query_string": query.encode(), "headers": headers}
    call = call_of(engine, snapshot, Request(scope, snapshot), raw, "rehearsal", target, Caller())
    told = Rehearsal(
        path=path,
        operation=call.operation,
        wire=call.wire,
        asked=call.asked or snapshot.default_model,
        streamed=call.streamed,
        bytes=len(raw),
    )
    try:
        made = chosen(engine, call)
    except Failure as failure:
        return msgspec.structs.replace(told, refused=failure.sentence)
    candidates = [engine.pots.known(each) for each in made.candidates]
    made = replace(made, candidates=tuple(candidates))
    circuits = known(engine, call, candidates)
    tour = Tour(snapshot, candidates, engine.chance, circuits, call.wishes, detour(engine, call))
    first = tour.first(engine.now())
    steps = [_step(engine, call, made, place, circuits) for place in range(len(candidates))]
    if isinstance(first, Next):
        steps[first.index] = msgspec.structs.replace(steps[first.index], why=first.why)
    return msgspec.structs.replace(
        told,
        group=made.group,
        steps=steps,
        skipped=list(made.skipped),
        shuffled=_shuffled(made),
        refused=first.sentence if isinstance(first, Failure) else "",
    )


def _resting(candidate: Candidate, circuits: Mapping[str, Circuit], now: float) -> str:
    for name in (of_deployment(candidate), of_key(candidate)):
        circuit = circuits.get(name)
        if circuit is not None and standing(circuit, now) == "open":
            what = "its key" if name.startswith("k:") else "it"
            return f"{what} rests for {max(0.0, circuit.until - now):.0f} s more ({circuit.kind}): {circuit.said}"
    return ""


def _step(engine: Engine, call: Call, made: Plan, place: int, circuits: Mapping[str, Circuit]) -> Step:
    candidate = made.candidates[place]
    deployment = candidate.deployment
    step = Step(
        called=candidate.called,
        deployment=deployment.id,
        where=deployment.where,
        group=candidate.group,
        why=_why(made, place),
        wire=candidate.wire,
        crossed=candidate.wire != call.wire,
        base=candidate.door.base,
        rests=_resting(candidate, circuits, engine.now()),
    )
    if deployment.key_missing:
        return msgspec.structs.replace(step, refused=deployment.key_missing)
    try:
        raw, lost = _as_sent(engine, call, candidate)
    except Failure as failure:
        return msgspec.structs.replace(step, refused=failure.sentence)
    operation = candidate.operation if candidate.wire != call.wire else call.operation
    asked, bound = reckoned(engine, call, candidate, raw, msgspec.json.decode(raw).get, operation)
    most = 0
    if operation in GENERATES:
        most = asked.limit or engine.profile(call.snapshot, candidate).dialect.max_output
        bound = bound if most else None
    worst = 0 if call.operation in COUNTING else bound.worst if bound is not None else None
    return msgspec.structs.replace(
        step,
        bytes=len(raw),
        lost=sorted(lost),
        input=engine.ratios.mended(candidate.model, call.estimate),
        output_most=most,
        worst=None if worst is None else dollars(worst),
        worst_nano=worst,
        budget=_budget(engine, call, candidate, asked, bound) if bound is not None and worst else "",
    )


def _budget(engine: Engine, call: Call, candidate: Candidate, asked: Asked, bound: Bound) -> str:
    """What the budgets of the configuration say; those of keys, users and teams are not known here."""
    value = call.snapshot.extras.budget_count == "value"
    found = [] if free(call, candidate) else counted_on(call, candidate)
    cut = caps(found, bound.worst, engine.now(), value=value, zone=call.snapshot.allowances.zone)
    spent: dict[bytes, int] = {}
    told = engine.books.balances(cut)
    if any(each is None for each in told):
        spent = engine.spent([cap for cap, each in zip(cut, told, strict=True) if each is None])
    settled = [
        (cap, *(each or (spent[balance_of(cap.name, cap.period, cap.start)], 0)))
        for cap, each in zip(cut, told, strict=True)
    ]
    return foreseen(call, asked, bound, settled)


def _as_sent(engine: Engine, call: Call, candidate: Candidate) -> tuple[bytes, list[str]]:
    """The body as this candidate would be sent it, and what is left out of it. Raises `InvalidRequest`."""
    profile = engine.profile(call.snapshot, candidate)
    if candidate.wire == call.wire:
        spliced = splice(call.body, call.operation, call.streamed, candidate, profile)
        if not (spliced.absent and call.operation == "messages"):
            return spliced.raw, list(spliced.lost)
    if candidate.operation in EMBEDDING:
        written = cross_embed.written_for(cross_embed.asked_of(call), candidate, profile.dialect)
    elif candidate.operation in COUNTING:
        written = cross_count.written_for(call, candidate, profile.dialect)
    else:
        written = written_for(conversation_of(call), candidate, profile.dialect)
    return encoded(written.body), written.lost


def _why(made: Plan, place: int) -> str:
    candidate = made.candidates[place]
    if not place:
        return "the first choice"
    if candidate.group == made.group:
        return f"another deployment of {made.group!r}, if those before it fail"
    return f"a fallback of {made.group!r}, if those before it fail"


def _shuffled(made: Plan) -> bool:
    seen = {(each.group, each.deployment.order) for each in made.candidates}
    return len(seen) < len(made.candidates)
