"""What one attempt sends and who carries its answer back: on one wire, between two, or to go on with a stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Written
from trunkline.model.estimate import tokens
from trunkline.model.wires import COUNTING, EMBEDDING, Operation
from trunkline.route.plan import Candidate
from trunkline.upstream import cross_count, cross_embed
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.cross import Crossing, encoded, written_for
from trunkline.upstream.engine import Engine
from trunkline.upstream.headers import crossed, upward
from trunkline.upstream.relay import Relay
from trunkline.upstream.resume import Continuation, ask_again, asked_on, operation_of
from trunkline.upstream.seam import Seam
from trunkline.upstream.splices import member, splice
from trunkline.wire.body import Body


@dataclass(slots=True)
class Asking:
    """`raw` is the body. `operation` is what is asked for, in the candidate's wire."""

    relay: Relay
    raw: bytes
    head: list[tuple[str, str]]
    operation: Operation
    get: Callable[[str], Any] = field(repr=False)
    """A member of the body, decoded; None where it has none."""


def prepared(
    engine: Engine,
    call: Call,
    candidate: Candidate,
    client: Client,
    record: Record,
    key: str,
    continuation: Continuation | None,
    limit: int | None = None,
) -> Asking:
    """Raises `InvalidRequest` for what this candidate cannot be asked. `limit`: output tokens that budgets pay for."""
    dialect, deployment = record.profile.dialect, candidate.deployment
    same = candidate.wire == call.wire
    operation = candidate.operation
    asked = call.body if same else None
    seam: Seam | None = None
    again = None
    if continuation is not None:
        record.why, seam, operation = continuation.why, continuation.seam, operation_of(candidate, continuation)
        said = tokens(len(continuation.said.encode(errors="surrogatepass"))) if continuation.said else 0
        record.estimate = engine.ratios.mended(candidate.model, call.estimate) + said
        again = ask_again(call, continuation, candidate, dialect)
        if again is None:
            raise InvalidRequest("This request cannot be sent again with a part of its answer.")
        asked = again if isinstance(again, Body) else None
    spliced = None
    if asked is not None:
        spliced = splice(asked, call.operation, call.streamed, candidate, record.profile, limit)
    if asked is not None and spliced is not None and not (spliced.absent and call.operation == "messages"):
        call.lost.update(spliced.lost)
        head = upward(call.headers, deployment, candidate.wire, candidate.door.auth, key)
        relay = Relay(engine, call, candidate, client, record, spliced.hide_usage, key)
        if seam is not None:
            relay = Crossing(engine, call, candidate, client, record, key, dialect, Written({}), seam)
        return Asking(relay, spliced.raw, head, operation, partial(member, asked, spliced.put, spliced.drop))
    if candidate.operation in EMBEDDING:
        inputs = cross_embed.asked_of(call)
        written = cross_embed.written_for(inputs, candidate, dialect)
        relay = cross_embed.Embedding(engine, call, candidate, client, record, key, inputs)
    elif candidate.operation in COUNTING:
        written = cross_count.written_for(call, candidate, dialect)
        relay = cross_count.Counting(engine, call, candidate, client, record, hide_usage=False, key=key)
    else:
        conversation = again if isinstance(again, Conversation) else asked_on(call, continuation, candidate, dialect)
        written = written_for(conversation, candidate, dialect, limit)
        relay = Crossing(engine, call, candidate, client, record, key, dialect, written, seam)
    call.lost.update(written.lost)
    head = (upward if same else crossed)(call.headers, deployment, candidate.wire, candidate.door.auth, key)
    return Asking(relay, encoded(written.body), head, operation, written.body.get)
