"""A call to a model: reads what is asked, has it planned and driven, and answers token counts that no provider can."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from trunkline.config.schema import Snapshot
from trunkline.errors import Draining, InvalidRequest, ProviderKeyUnset, ProviderRefused, WireNotOffered
from trunkline.guard.keys import Caller
from trunkline.model.estimate import tokens
from trunkline.model.wires import WIRE_OF, Operation
from trunkline.route.plan import Plan, detour, plan, resolve
from trunkline.route.wishes import MEMBERS, NO_WISHES, Wishes, wishes
from trunkline.serve.desk import Desk
from trunkline.serve.paths import Target
from trunkline.serve.pump import Pump
from trunkline.serve.request import Receive, Request
from trunkline.upstream.answer_head import own_headers
from trunkline.upstream.burden import loads
from trunkline.upstream.call import Call
from trunkline.upstream.drive import Unanswered, drive
from trunkline.upstream.home import at_home
from trunkline.upstream.sight import sighted
from trunkline.upstream.window import fitting
from trunkline.wire.body import Body
from trunkline.wire.form import Form

_STREAMED_BY_DEFAULT: frozenset[Operation] = frozenset({"ollama_chat", "ollama_generate"})
_NEVER_STREAMED: frozenset[Operation] = frozenset({"count_tokens", "embeddings", "ollama_embed"})

_SESSION_HEADERS = (b"x-claude-code-session-id", b"session-id", b"session_id", b"x-session-id", b"x-session-affinity")

_OWN_QUERY = ("key=", "api_key=", "api-key=", "api-version=")
"""Query parameters that are credentials, or that the deployment decides."""


async def answer_call(
    desk: Desk, snapshot: Snapshot, request: Request, receive: Receive, pump: Pump, target: Target, caller: Caller
) -> None:
    """Answers a request for a model. Raises the `Failure` or `Unanswered` that says why not."""
    if desk.draining:
        raise Draining("The gateway is shutting down.", remedy="Send the request again.", retry_after=1)
    assert target.operation is not None
    engine = desk.engine
    raw = await request.body(receive, snapshot.limits.body)
    began, started = engine.loop.time(), engine.now()
    operation = target.operation
    body, asks = _body(request, raw), NO_WISHES
    if operation != "other":
        body, asks = _wishes(request, body)
    streamed = target.tail == ":streamGenerateContent" if operation == "generate" else body.flag("stream")
    if streamed is None:
        streamed = operation in _STREAMED_BY_DEFAULT
    call = Call(
        id=pump.id,
        snapshot=snapshot,
        operation=operation,
        wire=WIRE_OF[operation],
        tail=target.tail,
        query=_query(request.query),
        headers=request.headers,
        body=body,
        asked=target.name or body.text("model") or "",
        streamed=streamed and operation not in _NEVER_STREAMED,
        caller=caller,
        started=started,
        began=began,
        estimate=tokens(len(raw)),
        session=_session(request),
        user=_user(body),
        tags=_tags(request),
        wishes=asks,
    )
    pump.call = call
    if call.streamed:
        pump.keep_alive(engine.wheel, snapshot.limits.ping_after)
    try:
        weigh = partial(loads, engine, snapshot, call.streamed)
        made = plan(snapshot, call.asked, operation, engine.chance, weigh, asks)
        chosen = sighted(engine, call, at_home(engine, call, made))
        await drive(engine, call, _held(desk, call, chosen), pump)
    except (WireNotOffered, Unanswered) as problem:
        if operation != "count_tokens" or not _uncountable(problem):
            raise
        # Optional for clients and unknown to many providers: an estimate serves better than a 404.
        _, found = resolve(snapshot, call.asked)
        guess = engine.ratios.mended(found[0].model, call.estimate)
        await pump.json({"input_tokens": guess}, headers=own_headers(call, None))


def _held(desk: Desk, call: Call, chosen: Plan) -> Plan:
    """The plan without those that hold too little; where nobody is left, those who stand in for long conversations."""
    engine = desk.engine
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


def _wishes(request: Request, body: Body | Form) -> tuple[Body | Form, Wishes]:
    """What the request asks of its way, and its body without that: no provider knows these members."""
    if isinstance(body, Form):
        return body, wishes(request.table, frozenset(), body.text)
    named = MEMBERS & body.members.keys()
    asks = wishes(request.table, named, body.get)
    return (Body(body.spliced({}, named)) if named else body), asks


def _body(request: Request, raw: bytes) -> Body | Form:
    kind = request.table.get(b"content-type", b"")
    if kind[:19].lower() == b"multipart/form-data":
        return Form(raw, kind)
    return Body(raw)


def _uncountable(problem: WireNotOffered | Unanswered) -> bool:
    if isinstance(problem, WireNotOffered):
        return True
    failure = problem.failure
    return (isinstance(failure, ProviderRefused) and failure.status in (404, 405, 501)) and not isinstance(
        failure, ProviderKeyUnset
    )


def _query(query: str) -> str:
    """The query that goes on: what the client asked, less credentials."""
    if not query:
        return ""
    return "&".join(part for part in query.split("&") if part and not part.lower().startswith(_OWN_QUERY))


def _session(request: Request) -> str:
    table = request.table
    for name in _SESSION_HEADERS:
        if name in table:
            return table[name].decode("latin-1")[:128]
    return ""


def _user(body: Body | Form) -> str:
    """Whom the caller names as the end user: `user`, or Anthropic's `metadata.user_id`."""
    if isinstance(body, Form):
        return body.text("user") or ""
    name: Any = None
    if "user" in body.members:
        name = body.get("user")
    elif "metadata" in body.members:
        metadata = body.get("metadata")
        name = metadata.get("user_id") if isinstance(metadata, dict) else None
    return name[:256] if isinstance(name, str) else ""


def _tags(request: Request) -> tuple[str, ...]:
    """`x-litellm-tags`: a comma list, as LiteLLM has it."""
    value = request.header(b"x-litellm-tags")
    if not value:
        return ()
    if value.startswith("["):
        try:
            return tuple(msgspec.json.decode(value, type=list[str]))[:32]
        except msgspec.DecodeError:
            raise InvalidRequest("x-litellm-tags is no list.", remedy="Send tags separated by commas.") from None
    return tuple(tag.strip()[:64] for tag in value.split(",") if tag.strip())[:32]
