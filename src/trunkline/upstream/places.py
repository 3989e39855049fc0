"""What an attempt counts on: places where only so many may be in flight, requests and tokens of a minute."""

from __future__ import annotations

from trunkline.config.schema import Deployment
from trunkline.guard.queue import Place
from trunkline.route.health import of_key
from trunkline.route.plan import Candidate
from trunkline.route.strategy import COUNTED
from trunkline.state.types import Meter
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.own_key import is_at

_SHORT = 0.25
"""Seconds that a place is waited for where somebody else could answer."""


def counted_as(deployment: str) -> str:
    """The name under which a deployment's attempts are counted."""
    return f"d:{deployment}"


def counts_of(call: Call, candidate: Candidate, estimate: int) -> tuple[Meter, ...]:
    """What the attempt's hold counts on; nothing where no limit is set and no strategy asks."""
    deployment = candidate.deployment
    if call.caller.alone:
        return ()
    own = _of_deployment(call, deployment, estimate)
    if call.snapshot.provider_limits and (rates := call.snapshot.provider_limits.get(deployment.provider.name)):
        # What all callers together may ask of it.
        name = f"provider:{deployment.provider.name}"
        return (Meter(name, rates.parallel, rates.rpm, rates.tpm, estimate), *own)
    return own


def _of_deployment(call: Call, deployment: Deployment, estimate: int) -> tuple[Meter, ...]:
    rpm, tpm = deployment.rpm, deployment.tpm
    name = counted_as(deployment.id)
    if call.snapshot.routing.strategy in COUNTED:
        return (Meter(name, 0, rpm or 0, tpm or 0, estimate),)
    if rpm is None and tpm is None:
        return ()
    return (Meter(name, None, rpm, tpm, estimate),)


def place_of(engine: Engine, call: Call, candidate: Candidate) -> Place | None:
    """The place that an attempt must have: where `max_parallel_requests` is set, or at Z.AI, which lets few at once.

    Z.AI's limit is nowhere told; it is learned from the refusals.
    """
    deployment = candidate.deployment
    extras = call.snapshot.extras
    wait = _SHORT if call.others else extras.queue_wait
    if deployment.max_parallel is not None:
        name, limit, who = f"p:{deployment.id}", deployment.max_parallel, f"{candidate.called}"
    elif deployment.provider.variants and (key := of_key(candidate)):
        if is_at(call, candidate):
            return None
        source = deployment.key.source if deployment.key else ""
        name, limit, who = key, 0, f"{deployment.provider.title}, with the key from {source},"
    else:
        return None
    return engine.queue.place(name, limit, call.session or call.caller.key, who, most=extras.queue_max, wait=wait)
