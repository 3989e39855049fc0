"""Records in LiteLLM's words, as its clients read them. Pure; no key's hash is told but the stored one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from trunkline.roster.records import Allowance, End, Key, Team, User, id_of

Reset = Callable[[str], float]
"""A budget's period, as it was written → when it begins anew, unix seconds; 0: never."""


def dollars(nano: int | None) -> float | None:
    """Dollars as a JSON number: exact for less than a million of them."""
    return None if nano is None else nano / 1e9


def moment(seconds: float) -> str | None:
    """A time as LiteLLM writes it; None for 0."""
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _allowance(record: Allowance, spend: int, reset: Reset) -> dict[str, Any]:
    return {
        "spend": dollars(spend),
        "max_budget": dollars(record.max_budget),
        "soft_budget": dollars(record.soft_budget),
        "budget_duration": record.budget_duration or None,
        "budget_reset_at": moment(reset(record.budget_duration)),
        "rpm_limit": record.rpm_limit,
        "tpm_limit": record.tpm_limit,
        "max_parallel_requests": record.max_parallel_requests,
        "model_max_budget": {
            model: {"budget_limit": dollars(cap), "time_period": lasts or None}
            for model, (cap, lasts) in record.model_max_budget.items()
        },
        "model_rpm_limit": record.model_rpm_limit,
        "model_tpm_limit": record.model_tpm_limit,
        "blocked": record.blocked,
        "metadata": record.metadata,
        "created_at": moment(record.created),
        "updated_at": moment(record.updated),
        "created_by": record.created_by or None,
    }


def key(stored: str, record: Key, spend: int, reset: Reset) -> dict[str, Any]:
    """A key, without itself. `token` is what is stored of it, `id` what logs and the ledger call it."""
    return {
        "token": stored,
        "id": id_of(stored, record),
        "key_name": record.hint,
        "key_alias": record.alias or None,
        "user_id": record.user or None,
        "team_id": record.team or None,
        "models": record.models,
        "aliases": record.aliases,
        "tags": record.tags,
        "permissions": record.permissions,
        "expires": moment(record.expires),
        **_allowance(record, spend, reset),
    }


def user(name: str, record: User, spend: int, reset: Reset) -> dict[str, Any]:
    """A user."""
    return {
        "user_id": name,
        "user_alias": record.alias or None,
        "user_email": record.email or None,
        "user_role": record.role or None,
        "models": record.models,
        **_allowance(record, spend, reset),
    }


def team(name: str, record: Team, spend: int, reset: Reset) -> dict[str, Any]:
    """A team."""
    members = [
        {"user_id": each.user, "role": each.role, "max_budget_in_team": dollars(each.max_budget)}
        for each in record.members
    ]
    return {
        "team_id": name,
        "team_alias": record.alias or None,
        "models": record.models,
        "members": [each.user for each in record.members],
        "admins": [each.user for each in record.members if each.role == "admin"],
        "members_with_roles": members,
        **_allowance(record, spend, reset),
    }


def end(name: str, record: End, spend: int, reset: Reset) -> dict[str, Any]:
    """An end user."""
    return {
        "user_id": name,
        "alias": record.alias or None,
        "default_model": record.default_model or None,
        **_allowance(record, spend, reset),
    }
