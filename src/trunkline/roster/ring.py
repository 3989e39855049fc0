"""The keys of one process: a stored hash leads to what its holder may do, at the cost of one look into a table.

Read from the store at the start and, piece by piece, when the generation of the shared state has moved. A key that is
not found is looked for once more where that has just happened, so that a new key works at once in every worker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from trunkline.guard.grant import ENDLESS, Budget, EndUser, Grant, Limit
from trunkline.roster import hashes
from trunkline.roster.records import Allowance, End, Key, Kind, Team, User, id_of
from trunkline.roster.store import Row

Since = Callable[[int], tuple[int, list[Row]]]


class Ring:
    """What is known of keys, users, teams and end users. `secret` is what keys are stored with."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._records: dict[Kind, dict[str, Any]] = {"key": {}, "user": {}, "team": {}, "end": {}}
        self._grants: dict[bytes, Grant] = {}
        """By sha256, of keys that were used since something changed."""
        self._ends: dict[str, EndUser] = {}
        self.revision = 0
        self.generation = -1
        """Of the shared state, when it was read."""

    def __len__(self) -> int:
        return len(self._records["key"])

    def find(self, key: bytes) -> Grant | None:
        """What the holder of a key may do; None when it is no key.

        No comparison tells how near a wrong key is to a right one: what is looked up are hashes, of a key that was
        used before its sha256, else the keyed one that is stored.
        """
        digest = hashlib.sha256(key).digest()
        grant = self._grants.get(digest)
        if grant is None:
            stored = hashes.outer(self._secret, digest.hex())
            if stored in self._records["key"]:
                grant = self._grants[digest] = self._made(stored)
        return grant

    def ids(self, key: str) -> tuple[str, ...]:
        """What logs and the ledger may call a key, by itself or by a hash of it: LiteLLM's or the stored one."""
        if hashes.HASH.fullmatch(key):
            found: tuple[str, ...] = (key, hashes.outer(self._secret, key))
        else:
            found = (hashes.stored(self._secret, key.encode()),)
        known = self._records["key"]
        return tuple(id_of(stored, known.get(stored)) for stored in found)

    def end(self, name: str) -> EndUser | None:
        """What is known of an end user."""
        found = self._ends.get(name)
        if found is None and (record := self._records["end"].get(name)) is not None:
            found = self._ends[name] = _end_user(name, record)
        return found

    def take(self, revision: int, rows: Iterable[Row]) -> None:
        """Takes over what changed."""
        self.revision = revision
        for kind, name, record, deleted in rows:
            if deleted:
                self._records[kind].pop(name, None)
            else:
                self._records[kind][name] = record
            if kind == "end":
                self._ends.pop(name, None)
            else:
                # Made anew when they are next used.
                self._grants.clear()

    def _made(self, stored: str) -> Grant:
        key: Key = self._records["key"][stored]
        user: User | None = self._records["user"].get(key.user) if key.user else None
        team: Team | None = self._records["team"].get(key.team) if key.team else None
        return grant_of(stored, key, user, team)


def grant_of(stored: str, key: Key, user: User | None, team: Team | None) -> Grant:
    """What a key, its user and its team come to."""
    name = id_of(stored, key)
    owners: list[tuple[str, Allowance]] = [(f"key:{name}", key)]
    if user is not None:
        owners.append((f"user:{key.user}", user))
    if team is not None:
        owners.append((f"team:{key.team}", team))
    budgets = [budget for owner, record in owners for budget in budgets_of(owner, record)]
    if team is not None and key.user:
        budgets += _membership(key, team)
    closed = ""
    if key.blocked:
        closed = "key"
    elif team is not None and team.blocked:
        closed = f"team {team.alias or key.team}"
    elif user is not None and user.blocked:
        closed = f"user {key.user}"
    elif key.team and team is None:
        # Its team is gone, and with it what held it in bounds.
        closed = f"team {key.team}, which is deleted"
    return Grant(
        key=name,
        alias=key.alias,
        user=key.user,
        team=key.team,
        models=_models(key, team),
        fences=tuple(tuple(each.models) for each in (team, user) if each is not None and each.models),
        aliases=key.aliases,
        tags=tuple(key.tags),
        metadata=key.metadata,
        budgets=tuple(budgets),
        limits=tuple(limit for owner, record in owners for limit in limits_of(owner, record)),
        expires=key.expires,
        blocked=bool(closed),
        closed=closed,
    )


def _models(key: Key, team: Team | None) -> tuple[str, ...]:
    """Its own list; LiteLLM's `all-team-models` in it stands for the team's."""
    if "all-team-models" not in key.models:
        return tuple(key.models)
    if team is None or not team.models:
        return ()
    return (*(each for each in key.models if each != "all-team-models"), *team.models)


def _membership(key: Key, team: Team) -> list[Budget]:
    name = f"team:{key.team}|user:{key.user}"
    return [
        Budget(name, each.max_budget, team.budget_duration)
        for each in team.members
        if each.user == key.user and each.max_budget is not None
    ]


def budgets_of(owner: str, record: Allowance) -> list[Budget]:
    """The budgets that somebody's record sets: one for all, and one for each model group."""
    found = []
    if record.max_budget is not None or record.soft_budget is not None:
        cap = ENDLESS if record.max_budget is None else record.max_budget
        found.append(Budget(owner, cap, record.budget_duration, record.soft_budget))
    for group, (cap, period) in record.model_max_budget.items():
        found.append(Budget(f"{owner}|group:{group}", cap, period, group=group))
    return found


def limits_of(owner: str, record: Allowance) -> list[Limit]:
    """The limits that somebody's record sets: one for all, and one for each model group."""
    found = []
    if any(each is not None for each in (record.rpm_limit, record.tpm_limit, record.max_parallel_requests)):
        found.append(Limit(owner, record.rpm_limit, record.tpm_limit, record.max_parallel_requests))
    for group in {**record.model_rpm_limit, **record.model_tpm_limit}:
        rpm, tpm = record.model_rpm_limit.get(group), record.model_tpm_limit.get(group)
        found.append(Limit(f"{owner}|group:{group}", rpm, tpm, group=group))
    return found


def _end_user(name: str, record: End) -> EndUser:
    owner = f"end:{name}"
    budgets, limits = tuple(budgets_of(owner, record)), tuple(limits_of(owner, record))
    return EndUser(name, budgets, limits, record.blocked, record.default_model)
