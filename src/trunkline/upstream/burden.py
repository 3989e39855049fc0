"""What each deployment of a group carries now, for strategies that ask."""

from __future__ import annotations

from collections.abc import Sequence

from trunkline.config.schema import Deployment, Snapshot
from trunkline.route.strategy import COUNTED, Load, Loads
from trunkline.upstream.engine import Engine
from trunkline.upstream.places import counted_as


def loads(engine: Engine, snapshot: Snapshot, streamed: bool, deployments: Sequence[Deployment]) -> Loads:
    """Deployment id → load. Counts are all workers', one read; how fast each answers is this process's own average."""
    strategy = snapshot.routing.strategy
    if strategy in COUNTED:
        names = [counted_as(each.id) for each in deployments]
        used = engine.health.used(names)
        return {each.id: Load(*used[name]) for each, name in zip(deployments, names, strict=True)}
    paces = engine.paces
    return {each.id: Load(latency=paces.get((each.id, streamed), 0.0)) for each in deployments}
