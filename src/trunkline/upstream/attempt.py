"""One attempt at one deployment: hold, send, relay, settle. Whatever happens, its hold ends exactly once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from urllib.parse import quote, urljoin, urlsplit

from trunkline.catalog.azure import azure_url
from trunkline.catalog.provider import Provider
from trunkline.errors import (
    Failure,
    ProviderGarbage,
    ProviderKeyUnset,
    ProviderUnreachable,
    RefusedAnswer,
)
from trunkline.model.wires import EMBEDDING, FREE, PATH_OF, WIRE_OF, Operation
from trunkline.route.patience import first_token
from trunkline.route.plan import Candidate
from trunkline.route.verdict import judge, refusal
from trunkline.upstream import funds, limits
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.coding import decoder, undo
from trunkline.upstream.engine import Engine, Transport
from trunkline.upstream.own_key import check_own_key, key_for
from trunkline.upstream.pool import Answer, Outgoing
from trunkline.upstream.prepare import prepared
from trunkline.upstream.profile import Profile
from trunkline.upstream.redact import redact
from trunkline.upstream.resume import Continuation
from trunkline.upstream.watchdog import Watchdog, first_byte
from trunkline.wire.body import Body

_ERROR_BODY = 1024 * 1024
"""Bytes of an error answer that are read; no provider's is longer, and a longer one is cut and re-worded."""


_COUNTS_OTHERWISE: frozenset[Operation] = EMBEDDING | FREE | {"other"}
"""Operations whose input is not counted as a conversation's is."""


async def attempt(
    engine: Engine,
    call: Call,
    candidate: Candidate,
    client: Client,
    number: int,
    continuation: Continuation | None = None,
) -> Record:
    """Sends the request to one deployment and its answer to the client; what became known of it.

    A `continuation` asks for the rest of an answer that broke off.
    Raises the `Failure` when the deployment did not answer. If `client.committed` is set by then, bytes of this answer
    have reached the client, and nothing else may be tried in its place.
    """
    deployment = candidate.deployment
    if call.caller.provider_key:
        check_own_key(call, candidate)
    elif deployment.key_missing:
        raise ProviderKeyUnset(deployment.key_missing)
    profile = engine.profile(call.snapshot, candidate)
    key = key_for(call, candidate)
    record = Record(
        call, candidate, profile, number, engine.now(), engine.ratios.mended(candidate.model, call.estimate)
    )
    record.why = call.why or _reason(call)
    record.after_group, call.asked_group = call.asked_group, candidate.group
    record.since = engine.loop.time() - call.began
    record.resumed = continuation is not None
    # What an earlier attempt could not carry, this one may.
    call.lost.clear()
    prepare = partial(prepared, engine, call, candidate, client, record, key, continuation)
    asking, hold = await funds.hold(engine, record, prepare)
    relay, url = asking.relay, _url(call, candidate, asking.operation)
    relay.hold = hold
    connect = call.snapshot.limits.connect
    outgoing = Outgoing(call.method, url, asking.head, asking.raw, connect, deployment.elsewhere)
    limits.taken(call, hold)
    dog = Watchdog(engine.wheel, engine.loop)
    answer: Answer | None = None
    try:
        dog.watch(_patience(call, candidate, profile), first_byte)
        drop = profile.dialect.drop or candidate.wire != call.wire
        answer = await _sent(engine.transport(candidate, drop=drop), outgoing)
        call.lost.update(answer.lost)
        record.status = answer.status
        if not 200 <= answer.status < 300:
            raise await _refused(engine, candidate, profile.vendor, answer, outgoing.url)
        await relay.run(answer, dog)
        return record
    except Failure as failure:
        judge(failure, candidate, profile.vendor, engine.now())
        redact(failure, key)
        record.failed(failure, key)
        record.reached = not isinstance(failure, ProviderUnreachable)
        raise
    except asyncio.CancelledError:
        watch = dog if dog.expired is not None or call.deadline is None else call.deadline
        late = watch.expired
        if late is None or not watch.forgive():
            record.outcome = "client_gone" if client.gone else "draining"
            raise
        record.failed(late, key)
        raise late from None
    except BaseException:
        record.outcome = "internal_error"
        raise
    finally:
        dog.stop()
        if answer is not None:
            answer.close()
        relay.read_usage()
        now = engine.loop.time() - call.began
        record.price(relay.output_at_least(), (record.first_token or now) - record.since)
        if call.line is not None:
            call.line.breaks_off(record.usage.output or 0, record.billed if record.priced else None)
        counted = call.operation not in _COUNTS_OTHERWISE and continuation is None
        if record.outcome == "ok" and not record.estimated and counted:
            engine.ratios.learn(candidate.model, call.estimate, record.usage.prompt)
        reached = engine.books.settle(hold, record.row(engine.now()), record.tokens if hold.taken else None)
        for budget, spent in reached:
            funds.tell_soft(engine, call, budget, spent)
        engine.report(record)


def _reason(call: Call) -> str:
    """Why an attempt is made, where nobody said."""
    return f"after {call.steps[-1]}" if call.steps else "the first choice"


def _url(call: Call, candidate: Candidate, operation: Operation) -> str:
    deployment, base = candidate.deployment, candidate.door.base
    same = candidate.wire == call.wire and operation == candidate.operation
    tail = call.tail if same else PATH_OF[operation]
    if WIRE_OF[operation] == "gemini":
        if not same and operation == "generate" and call.streamed:
            tail = ":streamGenerateContent?alt=sse"
        base += f"/models/{quote(candidate.model)}"
    url = azure_url(base, candidate.model, tail, deployment.api_version) if deployment.provider.azure else base + tail
    return f"{url}{'&' if '?' in url else '?'}{call.query}" if same and call.query else url


def _patience(call: Call, candidate: Candidate, profile: Profile) -> float:
    """Seconds until the first token of a stream, or until the headers of a whole answer."""
    most = None
    if call.others and not call.streamed and isinstance(call.body, Body):
        told = [call.body.members[name] for name in _OUTPUT_LIMITS if name in call.body.members]
        most = max((int(bytes(each)) for each in told if bytes(each).isdigit()), default=None)
    return first_token(
        call.snapshot,
        candidate.deployment,
        call.wishes,
        streamed=call.streamed,
        others=call.others,
        most=most,
        thinks=bool(profile.dialect.reasoning),
    )


_OUTPUT_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")

_REDIRECTS = 3
"""Redirects that are followed one after another."""


async def _sent(transport: Transport, outgoing: Outgoing) -> Answer:
    """Sends the request. A 307 or 308 within the same origin is followed, with method, body and key."""
    for _ in range(_REDIRECTS):
        answer = await transport.send(outgoing)
        if answer.status not in (307, 308):
            return answer
        target = _target(outgoing.url, answer)
        if target is None:
            return answer
        answer.close()
        outgoing = replace(outgoing, url=target)
    return await transport.send(outgoing)


def _target(url: str, answer: Answer) -> str | None:
    """Where a redirect leads, when that is the same origin; else None: neither key nor body goes anywhere else."""
    place = dict(answer.headers).get("location", "")
    try:
        target = urljoin(url, place)
        same = urlsplit(target)[:2] == urlsplit(url)[:2]
    except ValueError:
        return None
    return target if place and same else None


def _redirected(title: str, url: str, answer: Answer) -> ProviderGarbage:
    """The failure of a redirect that is not followed. The address is named without its query, which may hold a key."""
    try:
        parts = urlsplit(urljoin(url, dict(answer.headers).get("location", "")))
        host = parts.netloc.rpartition("@")[2]
        named = f" to {parts.scheme}://{host}{parts.path}"[:300] if parts.netloc else ""
    except ValueError:
        named = " to what is no address"
    failure = ProviderGarbage(
        f"{title} answered with a redirect ({answer.status}){named}.",
        remedy="Write the address it points to as `api_base`: redirects are not followed with a key in hand.",
        kind="missing",
    )
    # Nothing is broken: what was asked for is elsewhere, and asking again leads there again.
    failure.hopeless = True
    return failure


async def _refused(engine: Engine, candidate: Candidate, vendor: Provider, answer: Answer, url: str) -> Failure:
    """An answer that is no success, as the failure that it means."""
    if 300 <= answer.status < 400:
        return _redirected(vendor.title, url, answer)
    pieces: list[bytes] = []
    size = 0
    while size < _ERROR_BODY and (piece := await answer.read()):
        pieces.append(piece)
        size += len(piece)
    coder = decoder(dict(answer.headers).get("content-encoding", ""))
    body = b"".join(pieces)
    if coder is not None:
        body = undo(coder, body)
    return refusal(candidate, vendor, RefusedAnswer(answer.status, tuple(answer.headers), body), engine.now())
