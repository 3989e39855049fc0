"""In which order the deployments of one group are asked: LiteLLM's strategies. Pure; loads and chance are passed in.

`order` comes before every strategy: a lower one is asked first. What the strategy leaves equal, chance decides.
Source: docs.litellm.ai/docs/routing and litellm/router_strategy, read 2026-11 (1.110.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trunkline.config.schema import Deployment

COUNTED = frozenset({"least-busy", "usage-based-routing", "usage-based-routing-v2"})
"""Strategies that ask the shared state what each deployment carries."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a deployment carries: requests in flight, requests and tokens of the last minute, seconds of its answers."""

    in_flight: int = 0
    requests: int = 0
    tokens: int = 0
    latency: float = 0.0
    """To the first token; 0: it was not asked yet, and is therefore asked soon."""


_IDLE = Load()
Loads = Mapping[str, Load]
"""Deployment id → load. One that is not in it is idle."""
Cost = Callable[[Deployment], float]
"""What a million tokens in and a million out cost together; infinite where nobody knows."""
Chance = Callable[[], float]


def ordered(
    deployments: Sequence[Deployment],
    chance: Chance,
    strategy: str = "simple-shuffle",
    loads: Loads | None = None,
    cost: Cost | None = None,
    buffer: float = 0.0,
) -> list[Deployment]:
    """The deployments, best first. `buffer` is `lowest_latency_buffer`: how much slower still counts as fastest."""
    if len(deployments) < 2:
        return list(deployments)
    known = loads or {}
    match strategy:
        case "least-busy":
            ranks = [(float(known.get(each.id, _IDLE).in_flight), chance()) for each in deployments]
        case "usage-based-routing" | "usage-based-routing-v2":
            ranks = [(_used(each, known.get(each.id, _IDLE)), chance()) for each in deployments]
        case "cost-based-routing" if cost is not None:
            ranks = [(cost(each), chance()) for each in deployments]
        case "latency-based-routing":
            ranks = _by_latency(deployments, known, buffer, chance)
        case _:
            ranks = _shuffled(deployments, chance)
    table = sorted(range(len(deployments)), key=lambda at: (deployments[at].order, *ranks[at]))
    return [deployments[at] for at in table]


def _shuffled(deployments: Sequence[Deployment], chance: Chance) -> list[tuple[float, float]]:
    """A shuffle by weights (Efraimidis and Spirakis, 2006): `weight` where one has it, else `rpm`, else `tpm`.

    As in LiteLLM, one without the number that others have is not chosen; here it stands in when those fail.
    """
    weights = _weights(deployments)
    return [(0.0, -(max(chance(), 1e-12) ** (1.0 / w))) if w > 0 else (1.0, chance()) for w in weights]


def _weights(deployments: Sequence[Deployment]) -> list[float]:
    for numbers in (
        [each.weight for each in deployments],
        [each.rpm for each in deployments],
        [each.tpm for each in deployments],
    ):
        most = max((number or 0.0 for number in numbers), default=0.0)
        if most > 0:
            return [(number or 0.0) / most for number in numbers]
    return [1.0] * len(deployments)


def _used(deployment: Deployment, load: Load) -> float:
    """Tokens of the last minute; one that is at its own limit comes last."""
    full = (deployment.rpm is not None and load.requests >= deployment.rpm) or (
        deployment.tpm is not None and load.tokens >= deployment.tpm
    )
    return math.inf if full else float(load.tokens)


def _by_latency(
    deployments: Sequence[Deployment], loads: Loads, buffer: float, chance: Chance
) -> list[tuple[float, float]]:
    waits = [loads.get(each.id, _IDLE).latency for each in deployments]
    fast = min(waits) * (1.0 + buffer)
    return [(0.0 if wait <= fast else wait, chance()) for wait in waits]
