"""Small configurations for tests, made in code."""

from __future__ import annotations

from typing import Any

from trunkline.catalog.providers import find
from trunkline.config.schema import Deployment, Door, Secret, Snapshot

BASE = "http://127.0.0.1:9"


def deployment(group: str, *, model: str, provider: str = "anthropic", base: str = BASE, **more: Any) -> Deployment:
    """A deployment that speaks what its provider speaks, at one base."""
    row = find(provider)
    assert row is not None
    doors = {wire: Door(base, end.auth) for wire, end in row.endpoints.items()}
    key = None if more.get("key_missing") else Secret("sk-test-1", "TEST_KEY")
    return Deployment(
        **{
            "id": f"{group}:{provider}:{model}",
            "group": group,
            "provider": row,
            "model": model,
            "doors": doors,
            "key": key,
            **more,
        }
    )


def snapshot(*deployments: Deployment, **more: Any) -> Snapshot:
    """A snapshot of these deployments; names with a star become wildcards."""
    groups: dict[str, tuple[Deployment, ...]] = {}
    for each in deployments:
        groups[each.group] = (*groups.get(each.group, ()), each)
    exact = {name: found for name, found in groups.items() if "*" not in name}
    wild = sorted(((name, found) for name, found in groups.items() if "*" in name), key=lambda row: -len(row[0]))
    return Snapshot(groups=exact, wildcards=tuple(wild), **more)
