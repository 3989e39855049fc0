"""What an attempt counts on: places where only so many may be in flight, requests and tokens of a minute."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.config.schema import Deployment, Rates
from trunkline.guard.queue import Place
from trunkline.route.health import of_key
from trunkline.route.plan import Candidate
from trunkline.route.strategy import COUNTED
from trunkline.state.types import Count
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.own_key import is_at

_SHORT = 0.25
"""Seconds that a place is waited for where somebody else could answer."""


def counted_as(deployment: str) -> str:
    """The name under which a deployment's attempts are counted."""
    return f"d:{deployment}"


def counts_of(call: Call, candidate: Candidate, estimate: int) -> tuple[Count, ...]:
    """What the attempt's hold counts on; nothing where no limit is set and no strategy asks."""
    deployment = candidate.deployment
    if call.caller.alone:
        return ()
    if call.snapshot.provider_limits and (rates := call.snapshot.provider_limits.get(deployment.provider.name)):
        return (*_of_provider(deployment.provider.name, rates, estimate), *_of_deployment(call, deployment, estimate))
    return _of_deployment(call, deployment, estimate)


def _of_provider(provider: str, rates: Rates, estimate: int) -> Iterator[Count]:
    """What all callers together may ask of it."""
    name = f"provider:{provider}"
    if rates.parallel is not None:
        yield Count(name, "flight", rates.parallel)
    if rates.rpm is not None:
        yield Count(name, "requests", rates.rpm)
    if rates.tpm is not None:
        yield Count(name, "tokens", rates.tpm, estimate)


def _of_deployment(call: Call, deployment: Deployment, estimate: int) -> tuple[Count, ...]:
    asked = call.snapshot.routing.strategy in COUNTED
    if not asked and deployment.rpm is None and deployment.tpm is None:
        return ()
    name = counted_as(deployment.id)
    counts: list[Count] = [Count(name, "flight", 0)] if asked else []
    if asked or deployment.rpm is not None:
        counts.append(Count(name, "requests", deployment.rpm or 0))
    if asked or deployment.tpm is not None:
        counts.append(Count(name, "tokens", deployment.tpm or 0, estimate))
    return tuple(counts)


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
