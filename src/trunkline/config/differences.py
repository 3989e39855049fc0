"""What differs between two configurations, in the words of a log. Pure; tells names, and no values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from trunkline.config.schema import Deployment, Secret, Snapshot

_MOST = 8
"""Names of one kind that are told; the rest are counted."""
_OTHERWISE = {"groups", "wildcards", "version", "file", "files", "warnings", "raw_settings"}
"""Fields that are told otherwise, or that repeat what others say."""


def told(old: Snapshot, new: Snapshot) -> str:
    """`models: new a, b; gone c; changed d. Settings: fallbacks, limits.`; a sentence where neither differs."""
    before, after = _models(old), _models(new)
    said = []
    for word, names in (
        ("new", [name for name in after if name not in before]),
        ("gone", [name for name in before if name not in after]),
        ("changed", [name for name in after if name in before and after[name] != before[name]]),
    ):
        if names:
            said.append(f"{word} {_listed(names)}")
    parts = [f"models: {'; '.join(said)}"] if said else []
    settings = [each.name for each in fields(Snapshot) if each.name not in _OTHERWISE and _differs(each.name, old, new)]
    if settings:
        parts.append(f"settings: {_listed(settings)}")
    return ". ".join(parts) or "what it says is the same, written otherwise"


def mended(old: Snapshot, new: Snapshot) -> frozenset[str]:
    """Ids of deployments that kept their id and lead elsewhere now, or with another key."""
    before = {each.id: _way(each) for each in old.deployments()}
    return frozenset(each.id for each in new.deployments() if before.get(each.id, _way(each)) != _way(each))


def _way(deployment: Deployment) -> tuple[object, ...]:
    return deployment.doors, _plain(deployment.key), deployment.model, deployment.headers, deployment.sdk


def _models(snapshot: Snapshot) -> Mapping[str, tuple[Deployment, ...]]:
    """Group → its deployments, whatever line they stand on."""
    found = {**snapshot.groups, **dict(snapshot.wildcards)}
    return {name: tuple(map(_anywhere, group)) for name, group in found.items()}


def _anywhere(deployment: Deployment) -> Deployment:
    return replace(deployment, where="", key_where="", key=_plain(deployment.key), key_missing="")


def _plain(value: object) -> Any:
    """A secret without the place where it stands; anything else as it is."""
    return Secret(value.value, "") if isinstance(value, Secret) else value


def _differs(name: str, old: Snapshot, new: Snapshot) -> bool:
    return bool(_plain(getattr(old, name)) != _plain(getattr(new, name)))


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return ", ".join(every[:_MOST]) + more
