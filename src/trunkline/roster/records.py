"""What is known of a key, a user, a team, an end user. Plain data, kept as JSON; no secret among it.

Fields are only ever added, with a default: records of older versions keep opening. Money is nano-dollars, times are
unix seconds, and 0 or empty means: nothing was said.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Kind = Literal["key", "user", "team", "end"]

ID = 16
"""Digits of a key's stored hash that are its id: what logs, ledger and people call it."""


class Allowance(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What anybody may be allowed. `model_…` hold for one model group each."""

    alias: str = ""
    max_budget: int | None = None
    soft_budget: int | None = None
    budget_duration: str = ""
    rpm_limit: int | None = None
    tpm_limit: int | None = None
    max_parallel_requests: int | None = None
    model_max_budget: dict[str, tuple[int, str]] = {}
    """Model group → cap and period."""
    model_rpm_limit: dict[str, int] = {}
    model_tpm_limit: dict[str, int] = {}
    blocked: bool = False
    metadata: dict[str, Any] = {}
    created: float = 0.0
    updated: float = 0.0
    created_by: str = ""


class Key(Allowance, kw_only=True, omit_defaults=True):
    """A virtual key. It is found by its hash, under which it is stored."""

    hint: str = ""
    """`sk-...Ab3d`: its last signs, for a person who has several."""
    id: str = ""
    """What logs and the ledger call it, where that is not the beginning of its hash: a key that was made anew goes on
    with the id of the one before it, and so with what that has spent."""
    user: str = ""
    team: str = ""
    models: list[str] = []
    aliases: dict[str, str] = {}
    tags: list[str] = []
    permissions: dict[str, Any] = {}
    expires: float = 0.0


class User(Allowance, kw_only=True, omit_defaults=True):
    """Somebody who has keys."""

    email: str = ""
    role: str = ""
    models: list[str] = []


class Member(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A user in a team."""

    user: str
    role: str = "user"
    max_budget: int | None = None
    """What they may spend of the team's, in the team's period."""


class Team(Allowance, kw_only=True, omit_defaults=True):
    """Several users that share a budget."""

    models: list[str] = []
    members: list[Member] = []


class End(Allowance, kw_only=True, omit_defaults=True):
    """An end user: whom callers name in their requests."""

    default_model: str = ""


Record = Key | User | Team | End

KINDS: dict[Kind, type[Record]] = {"key": Key, "user": User, "team": Team, "end": End}
TITLES: dict[Kind, str] = {"key": "key", "user": "user", "team": "team", "end": "end user"}


def id_of(stored: str, record: Key | None = None) -> str:
    """A key's id, by the hash that it is stored under; where it was made anew, its record knows it."""
    return record.id if record is not None and record.id else stored[:ID]
