"""The configuration as one key sees it: the models that it may use, and its own names for them. Pure."""

from __future__ import annotations

from dataclasses import replace

from trunkline.config.schema import Deployment, Snapshot
from trunkline.guard.grant import Grant, access_of, allows
from trunkline.guard.keys import Caller
from trunkline.route.plan import matches


def seen(snapshot: Snapshot, caller: Caller) -> Snapshot:
    """What lists of models are made of for a caller."""
    grant = caller.grant
    if grant is None or not (grant.models or grant.fences or grant.aliases):
        return snapshot
    groups = {name: found for name, found in snapshot.groups.items() if allows(grant, (name,), access_of(found))}
    aliases = {
        name: group
        for name, group in snapshot.aliases.items()
        if group in snapshot.groups and (group in groups or allows(grant, (name,)))
    }
    # What an alias means must be there to be described; it is hidden where the key may not ask for it by its name.
    meant = {**aliases, **{name: group for name, group in grant.aliases.items() if group in snapshot.groups}}
    lent = {group: snapshot.groups[group] for group in meant.values() if group not in groups}
    return replace(
        snapshot,
        groups={**groups, **lent},
        wildcards=tuple(each for each in snapshot.wildcards if _touches(grant, *each)),
        aliases=meant,
        hidden=snapshot.hidden | lent.keys(),
    )


def may_see(caller: Caller, name: str, group: str, found: tuple[Deployment, ...]) -> bool:
    """Whether a model that was found in what a caller sees may be used: a pattern holds more than the key may."""
    grant = caller.grant
    return grant is None or "*" not in group or name in grant.aliases or allows(grant, (name,), access_of(found))


def _touches(grant: Grant, pattern: str, found: tuple[Deployment, ...]) -> bool:
    """Whether the key may use something of a pattern."""
    named = {name for models in (grant.models, *grant.fences) for name in models}
    return allows(grant, (pattern,), access_of(found)) or any(
        "*" not in name and matches(pattern, name) for name in named
    )
