"""An agent that runs away: noticed on arrival, told in a header and the log and, where configured, stopped here.

What stops it is an answer in the client's own words, written by its wire's encoder as a model's would be, or an error
that no client sends again. Either has a row in the ledger that cost nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

from trunkline.errors import LoopStopped, StoreDown
from trunkline.guard.loop import Finding, advice, repeated
from trunkline.model.events import BlockStop, Event, Start, Stop, TextDelta, TextStart
from trunkline.model.usage import Usage, dollars
from trunkline.model.wires import ANSWERING
from trunkline.upstream.answer_head import own_headers
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.cross import conversation_of
from trunkline.upstream.engine import Engine
from trunkline.upstream.unasked import book
from trunkline.wire.body import Body
from trunkline.wire.codec import Answering
from trunkline.wire.codecs import codec
from trunkline.wire.formats import FORMATS
from trunkline.wire.steps import holds, steps

_OUTCOME = "loop_stopped"


def runaway(engine: Engine, call: Call) -> Finding | None:
    """What shows that the agent runs away; None for nearly every request. A header says it from now on."""
    guard, body = call.snapshot.extras.loop_guard, call.body
    if guard.action == "off" or call.operation not in ANSWERING or not isinstance(body, Body):
        return None
    repeat = None
    if holds(body.raw, call.wire, guard.repeats):
        repeat = repeated(steps(body, call.wire, guard.repeats), guard.repeats)
    spent = 0
    if guard.usd_per_hour and call.session:
        lately = engine.health.spent_lately(_session(call), engine.now())
        spent = lately if lately >= guard.usd_per_hour else 0
    if repeat is None and not spent:
        return None
    found = Finding(repeat, spent)
    call.loop = found.header
    fields: list[tuple[str, object]] = [("id", call.id), ("asked", call.asked), ("action", guard.action)]
    fields += [("session", call.session)] if call.session else []
    fields += [("tools", repeat.names), ("times", repeat.times)] if repeat is not None else []
    fields += [("spent_last_hour", dollars(spent))] if spent else []
    engine.tell("warning", "loop", fields)
    engine.count("loop", guard.action)
    return found


async def stopped(engine: Engine, call: Call, client: Client, found: Finding) -> bool:
    """Whether the call is answered here, as the configuration may say. Raises `LoopStopped` where it says that."""
    guard = call.snapshot.extras.loop_guard
    if guard.action not in ("answer", "refuse"):
        return False
    said = advice(found, guard)
    if guard.action == "refuse":
        book(engine, call, status=400, outcome=_OUTCOME, why=call.loop)
        first, _, remedy = said.partition("\n\nWhat to do: ")
        raise LoopStopped(first.partition("\n\n")[2], remedy=remedy[:1].upper() + remedy[1:])
    kind, answer = _answer(call, said)
    head = [(b"content-type", kind), *own_headers(call, None), (b"x-litellm-response-cost", b"0")]
    book(engine, call, status=200, outcome=_OUTCOME, why=call.loop)
    client.committed = True
    if not client.started:
        await client.start(200, head if call.streamed else [*head, (b"content-length", b"%d" % len(answer))])
    await client.finish(answer)
    return True


def note(spend: Callable[[str, int, float], None], record: Record, now: float) -> None:
    """An attempt has ended: what it cost is added to its session's slope, where one is set."""
    call = record.call
    if record.billed and call.session and call.snapshot.extras.loop_guard.usd_per_hour:
        # A store that is down has said so in its log, and lets no new request out.
        with contextlib.suppress(StoreDown):
            spend(_session(call), record.billed, now)


def _session(call: Call) -> str:
    """A session is its caller's: nobody can spend another's slope by naming its session."""
    return f"{call.caller.key}\0{call.session}"


def _answer(call: Call, said: str) -> tuple[bytes, bytes]:
    """(content type, body) that say it on the client's wire. Raises `InvalidRequest` for what is no conversation."""
    asked = conversation_of(call)
    encoder = codec(call.wire).encoder(Answering(call.id, call.asked, int(call.started), 0, asked))
    events = _said(call, said)
    if not call.streamed:
        return b"application/json", encoder.whole(events)
    kind = b"application/json" if asked.own.get("array") else FORMATS[call.wire].stream_type
    return kind, b"".join(encoder.take(event) for event in events)


def _said(call: Call, said: str) -> Iterable[Event]:
    nothing = Usage(input=0, output=0)
    return (Start(call.id, call.asked, nothing), TextStart(), TextDelta(said), BlockStop(), Stop("end", usage=nothing))
