"""A call to a model: reads what is asked, has it planned and driven."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from trunkline.config.schema import Snapshot
from trunkline.errors import Draining, InvalidRequest, WireNotOffered
from trunkline.guard.keys import Caller
from trunkline.model.estimate import tokens
from trunkline.model.wires import COUNTING, EMBEDDING, WIRE_OF, Operation
from trunkline.route.plan import Plan, detour, plan
from trunkline.route.provider import asked_at
from trunkline.route.wishes import MEMBERS, Wishes, wishes
from trunkline.serve.about import About, about
from trunkline.serve.admit import admit
from trunkline.serve.cached import answer_cached
from trunkline.serve.counts import lacks_counter, tell_estimate, uncounted
from trunkline.serve.desk import Desk
from trunkline.serve.looped import runaway, stopped
from trunkline.serve.paths import Target
from trunkline.serve.pump import Pump
from trunkline.serve.request import Receive, Request
from trunkline.serve.validate import check_messages
from trunkline.upstream.books import Record
from trunkline.upstream.burden import loads
from trunkline.upstream.call import Call, Client
from trunkline.upstream.drive import Unanswered, drive
from trunkline.upstream.engine import Engine
from trunkline.upstream.makers import staying
from trunkline.upstream.sight import sighted
from trunkline.upstream.warm import where_warm
from trunkline.upstream.window import fitting
from trunkline.wire.body import Body
from trunkline.wire.form import Form

_STREAMED_BY_DEFAULT: frozenset[Operation] = frozenset({"ollama_chat", "ollama_generate"})
_NEVER_STREAMED: frozenset[Operation] = COUNTING | EMBEDDING

_OWN_QUERY = ("key=", "api_key=", "api-key=", "api-version=")
"""Query parameters that are credentials, or that the deployment decides."""


async def answer_call(
    desk: Desk, snapshot: Snapshot, request: Request, receive: Receive, pump: Pump, target: Target, caller: Caller
) -> None:
    """Answers a request for a model. Raises the `Failure` or `Unanswered` that says why not."""
    if desk.draining:
        raise Draining("The gateway is shutting down.", remedy="Send the request again.", retry_after=1)
    engine = desk.engine
    raw = await request.body(receive, snapshot.limits.body)
    call = pump.call = call_of(engine, snapshot, request, raw, pump.id, target, caller)
    admit(desk, call)
    if call.streamed:
        pump.keep_alive(engine.wheel, snapshot.limits.ping_after)
    if (found := runaway(engine, call)) is not None and await stopped(engine, call, pump, found):
        return
    if call.operation in COUNTING:
        await count(engine, call, pump)
    elif snapshot.caching is not None:

        async def work(client: Client) -> Record:
            return await drive(engine, call, chosen(engine, call), client)

        control = request.table.get(b"cache-control", b"")
        await answer_cached(desk, snapshot.caching, call, pump, control, work)
    else:
        await drive(engine, call, chosen(engine, call), pump)


def call_of(
    engine: Engine,
    snapshot: Snapshot,
    request: Request,
    raw: bytes,
    call_id: str,
    target: Target,
    caller: Caller,
    told: About | None = None,
) -> Call:
    """What a request with the body `raw` asks; `told`: what is known of it, whatever it says of itself.

    Raises `InvalidRequest` for what cannot be read.
    """
    assert target.operation is not None
    began, started = engine.loop.time(), engine.now()
    operation = target.operation
    body = _body(request, raw)
    told = told or about(request, body, operation, () if caller.grant is None else caller.grant.tags)
    body, asks = _wishes(request, body, operation, told.members)
    asked = asks.model or target.name or body.text("model") or ""
    if asks.provider:
        asked = asked_at(snapshot, asked or snapshot.default_model, asks.provider)
    check_messages(snapshot, operation, body, strict=request.path.startswith("/api/llm/"))
    streamed = target.tail == ":streamGenerateContent" if operation == "generate" else body.flag("stream")
    if streamed is None:
        streamed = operation in _STREAMED_BY_DEFAULT
    return Call(
        id=call_id,
        snapshot=snapshot,
        operation=operation,
        wire=WIRE_OF[operation],
        tail=target.tail,
        query=query_of(request),
        headers=request.headers,
        body=body,
        asked=asked,
        streamed=streamed and operation not in _NEVER_STREAMED,
        caller=caller,
        started=started,
        began=began,
        estimate=tokens(len(raw)),
        session=told.session,
        user=told.user,
        tags=told.tags,
        wishes=asks,
    )


def chosen(engine: Engine, call: Call) -> Plan:
    """Who may answer, best first, as far as the request itself decides it. Raises the `Failure` that forbids it."""
    weigh = partial(loads, engine, call.snapshot, call.streamed)
    made = plan(call.snapshot, call.asked, call.operation, engine.chance, weigh, call.wishes)
    if call.wishes.pretend:
        made = _pretended(engine, call, made)
    pinned = staying(engine.makers, call, made)
    return _held(engine, call, pinned or sighted(engine, call, where_warm(engine, call, made)))


def _pretended(engine: Engine, call: Call, made: Plan) -> Plan:
    """Those that would be asked if all of the group had failed, for who tries out fallbacks. Raises `InvalidRequest`
    where there are none."""
    kind, first = call.wishes.pretend, made.candidates[0].group
    if kind == "window" or kind == "policy":
        others = detour(call.snapshot, call.asked, first, call.operation, engine.chance, kind, call.wishes)
    else:
        others = tuple(each for each in made.candidates if each.group != first)
    if not others:
        raise InvalidRequest(
            f"The request tries out the fallbacks of {call.asked or made.asked!r}, and it has none of that kind.",
            remedy="Write them under `fallbacks`, `context_window_fallbacks` or `content_policy_fallbacks`.",
        )
    call.steps.append(f"{made.candidates[0].called}:mock_failure")
    call.fallbacks = 1
    return replace(made, candidates=others)


def _held(engine: Engine, call: Call, chosen: Plan) -> Plan:
    """The plan without those that hold too little; where nobody is left, those who stand in for long conversations."""
    try:
        return fitting(engine, call, chosen)
    except InvalidRequest:
        group = chosen.candidates[0].group
        longer = detour(call.snapshot, call.asked, group, call.operation, engine.chance, "window", call.wishes)
        if not longer:
            raise
        call.steps.append(f"{chosen.candidates[0].called}:context_length_exceeded")
        call.fallbacks = 1
        return fitting(engine, call, replace(chosen, candidates=longer))


def _wishes(
    request: Request, body: Body | Form, operation: Operation, others: frozenset[str]
) -> tuple[Body | Form, Wishes]:
    """What the request asks of its way, and its body without that and `others`: no provider knows these members."""
    if isinstance(body, Form) or operation == "other":
        return body, wishes(request.table, frozenset(), body.text)
    named = MEMBERS & body.members.keys()
    asks = wishes(request.table, named, body.get)
    drop = named | others
    return (Body(body.spliced({}, drop)) if drop else body), asks


async def count(engine: Engine, call: Call, pump: Pump) -> None:
    """Asks the provider's own counter, where it has one; else an estimate serves."""
    try:
        counting = engine.counters.among(chosen(engine, call))
        if counting is not None:
            await drive(engine, call, counting, pump)
            return
    except WireNotOffered:
        pass
    except Unanswered as problem:
        if lacks_counter(problem):
            engine.counters.lack(problem.candidate)
        if not uncounted(problem):
            raise
    await tell_estimate(engine, call, pump)


def _body(request: Request, raw: bytes) -> Body | Form:
    kind = request.table.get(b"content-type", b"")
    if kind[:19].lower() == b"multipart/form-data":
        return Form(raw, kind)
    return Body(raw)


def query_of(request: Request) -> str:
    """The query that goes on: what the client asked, less credentials."""
    query = request.query
    if not query:
        return ""
    return "&".join(part for part in query.split("&") if part and not part.lower().startswith(_OWN_QUERY))
