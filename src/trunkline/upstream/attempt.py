"""One attempt at one deployment: hold, send, relay, settle. Whatever happens, its hold ends exactly once."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from trunkline.catalog.azure import azure_url
from trunkline.catalog.provider import Provider
from trunkline.errors import (
    Failure,
    ProviderGarbage,
    ProviderKeyUnset,
    ProviderUnreachable,
    RefusedAnswer,
)
from trunkline.model.dialect import Written
from trunkline.model.wires import EMBEDDING, PATH_OF, Operation
from trunkline.route.plan import Candidate
from trunkline.route.verdict import refusal
from trunkline.upstream import cross_embed
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.coding import decoder, undo
from trunkline.upstream.cross import Crossing, encoded, written_for
from trunkline.upstream.engine import Engine
from trunkline.upstream.headers import crossed, upward
from trunkline.upstream.pool import Answer, Outgoing
from trunkline.upstream.redact import redact
from trunkline.upstream.relay import Relay
from trunkline.upstream.splices import splice
from trunkline.upstream.watchdog import Watchdog, first_byte

_ERROR_BODY = 1024 * 1024
"""Bytes of an error answer that are read; no provider's is longer, and a longer one is cut and re-worded."""


_COUNTS_OTHERWISE: frozenset[Operation] = EMBEDDING | {"count_tokens", "other"}
"""Operations whose input is not counted as a conversation's is."""


async def attempt(engine: Engine, call: Call, candidate: Candidate, client: Client, number: int) -> None:
    """Sends the request to one deployment and its answer to the client.

    Raises the `Failure` when the deployment did not answer. If `client.committed` is set by then, bytes of this answer
    have reached the client, and nothing else may be tried in its place.
    """
    deployment = candidate.deployment
    if deployment.key_missing and not (call.caller.provider_key and deployment.provider.name == call.own_key_at):
        raise ProviderKeyUnset(deployment.key_missing)
    profile = engine.profile(call.snapshot, candidate)
    key = _key(call, candidate)
    record = Record(
        call, candidate, profile, number, engine.now(), engine.ratios.mended(candidate.model, call.estimate)
    )
    record.why = call.why or _reason(call)
    record.after_group, call.asked_group = call.asked_group, candidate.group
    relay: Relay
    if candidate.wire == call.wire:
        spliced = splice(call.body, call.operation, call.streamed, candidate, profile)
        call.lost.update(spliced.lost)
        raw, head = spliced.raw, upward(call.headers, deployment, candidate.wire, candidate.door.auth, key)
        relay = Relay(engine, call, candidate, client, record, spliced.hide_usage, key)
    else:
        written: Written
        if candidate.operation in EMBEDDING:
            asked = cross_embed.asked_of(call)
            written = cross_embed.written_for(asked, candidate, profile.dialect)
            relay = cross_embed.Embedding(engine, call, candidate, client, record, key, asked)
        else:
            written = written_for(call, candidate, profile.dialect)
            relay = Crossing(engine, call, candidate, client, record, key, profile.dialect, written)
        call.lost.update(written.lost)
        raw, head = encoded(written.body), crossed(call.headers, deployment, candidate.wire, candidate.door.auth, key)
    outgoing = Outgoing("POST", _url(call, candidate), head, raw, call.snapshot.limits.connect)
    hold = relay.hold = engine.books.hold(record.hold())
    dog = Watchdog(engine.wheel, engine.loop)
    answer: Answer | None = None
    try:
        dog.watch(_patience(call, candidate), first_byte)
        answer = await engine.transport(candidate).send(outgoing)
        record.status = answer.status
        if not 200 <= answer.status < 300:
            raise await _refused(engine, candidate, profile.vendor, answer)
        await relay.run(answer, dog)
    except Failure as failure:
        redact(failure, key)
        record.failed(failure, key)
        record.reached = not isinstance(failure, ProviderUnreachable)
        raise
    except asyncio.CancelledError:
        late = dog.expired
        if late is None or not dog.forgive():
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
        record.price(relay.output_at_least())
        if record.outcome == "ok" and not record.estimated and call.operation not in _COUNTS_OTHERWISE:
            engine.ratios.learn(candidate.model, call.estimate, record.usage.prompt)
        engine.books.settle(hold, record.row(engine.now()))
        engine.report(record)


def _reason(call: Call) -> str:
    """Why an attempt is made, where nobody said."""
    return f"after {call.steps[-1]}" if call.steps else "the first choice"


def _key(call: Call, candidate: Candidate) -> str:
    """The provider's key: the caller's own at the provider it was brought for, else the deployment's."""
    if call.caller.provider_key and candidate.deployment.provider.name == call.own_key_at:
        return call.caller.provider_key
    key = candidate.deployment.key
    return key.value if key is not None else ""


def _url(call: Call, candidate: Candidate) -> str:
    deployment, base = candidate.deployment, candidate.door.base
    same = candidate.wire == call.wire
    if candidate.operation == "generate":
        verb = "streamGenerateContent?alt=sse" if call.streamed else "generateContent"
        tail = f"{call.tail}?{call.query}" if same and call.query else call.tail
        return f"{base}/models/{quote(candidate.model)}{tail if same else f':{verb}'}"
    tail = call.tail if same else PATH_OF[candidate.operation]
    if deployment.provider.azure:
        return azure_url(base, candidate.model, tail, deployment.api_version)
    return f"{base}{tail}?{call.query}" if same and call.query else base + tail


def _patience(call: Call, candidate: Candidate) -> float:
    """Seconds until the first token of a stream, or until the headers of a whole answer."""
    deployment, snapshot = candidate.deployment, call.snapshot
    if call.streamed:
        for seconds in (deployment.stream_timeout, snapshot.stream_timeout):
            if seconds is not None:
                return seconds
    for seconds in (deployment.timeout, snapshot.timeout):
        if seconds is not None:
            return seconds
    return snapshot.limits.first_byte


async def _refused(engine: Engine, candidate: Candidate, vendor: Provider, answer: Answer) -> Failure:
    """An answer that is no success, as the failure that it means."""
    pieces: list[bytes] = []
    size = 0
    while size < _ERROR_BODY and (piece := await answer.read()):
        pieces.append(piece)
        size += len(piece)
    if 300 <= answer.status < 400:
        return ProviderGarbage(
            f"{vendor.title} answered with a redirect ({answer.status}).",
            remedy="Write the address it points to as `api_base`: redirects are not followed with a key in hand.",
        )
    coder = decoder(dict(answer.headers).get("content-encoding", ""))
    body = b"".join(pieces)
    if coder is not None:
        body = undo(coder, body)
    return refusal(candidate, vendor, RefusedAnswer(answer.status, tuple(answer.headers), body), engine.now())
