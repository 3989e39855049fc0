"""What a body may say of a key, a user, a team or an end user, in LiteLLM's words. Pure.

A field is read, or it is refused, or it changes nothing and the answer says so: none is overlooked. What would bind a
key and is not to be had here is refused, since its writer would think the key more bound than it is.

Source: docs.litellm.ai/docs/proxy/virtual_keys, /users, /team_budgets and /customers, 2026-11.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model import periods
from trunkline.roster.records import KINDS, TITLES, Kind

Reader = Callable[[str, Any], Any]

_MOST_DOLLARS = 10**9
_TEXT = 256
_PIECES = 1000


def wrong(field: str, what: str, remedy: str = "") -> InvalidRequest:
    """The failure of a field that cannot be taken."""
    return InvalidRequest(f"`{field}` {what}.", param=field, remedy=remedy)


def text(field: str, value: Any) -> str:
    """A short text."""
    if not isinstance(value, str) or len(value) > _TEXT or not value.isprintable():
        raise wrong(field, f"is not a text of at most {_TEXT} printable characters")
    return value.strip()


def texts(field: str, value: Any) -> list[str]:
    """A list of short texts."""
    if not isinstance(value, list) or len(value) > _PIECES:
        raise wrong(field, f"is not a list of at most {_PIECES} texts")
    return [text(field, each) for each in value]


def money(field: str, value: Any) -> int:
    """Dollars as nano-dollars."""
    try:
        dollars = Decimal("nan") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        dollars = Decimal("nan")
    if not dollars.is_finite() or not 0 <= dollars <= _MOST_DOLLARS:
        raise wrong(field, "is no amount of dollars")
    return int(dollars * 10**9)


def count(field: str, value: Any) -> int:
    """A whole number, 0 or more."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise wrong(field, "is no whole number of 0 or more")
    return value


def flag(field: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong(field, "is neither true nor false")
    return value


def span(field: str, value: Any) -> str:
    """A period, as it is written: `30d`."""
    if not isinstance(value, str) or periods.seconds(value.strip()) is None:
        raise wrong(field, "is no period", "Write it as 30s, 5m, 12h, 7d, 2w or 1mo.")
    return value.strip()


def table(field: str, value: Any) -> dict[str, Any]:
    """A mapping."""
    if not isinstance(value, dict) or len(value) > _PIECES:
        raise wrong(field, f"is no object of at most {_PIECES} members")
    return value


def names(field: str, value: Any) -> dict[str, str]:
    """Texts by texts."""
    return {text(field, key): text(field, each) for key, each in table(field, value).items()}


def counts(field: str, value: Any) -> dict[str, int]:
    """Whole numbers by model."""
    return {text(field, key): count(field, each) for key, each in table(field, value).items()}


def model_budgets(field: str, value: Any) -> dict[str, tuple[int, str]]:
    """Caps by model: `{"gpt-5": {"budget_limit": 1, "time_period": "1d"}}`, or the number alone."""
    found: dict[str, tuple[int, str]] = {}
    for model, said in table(field, value).items():
        if not isinstance(said, dict):
            found[text(field, model)] = (money(field, said), "")
            continue
        strange = said.keys() - {"budget_limit", "max_budget", "time_period", "budget_duration"}
        cap = said.get("budget_limit", said.get("max_budget"))
        lasts = said.get("time_period", said.get("budget_duration"))
        if strange or cap is None:
            raise wrong(field, f"of {model[:80]!r} must have `budget_limit` and may have `time_period`, nothing else")
        found[text(field, model)] = (money(field, cap), span(field, lasts) if lasts is not None else "")
    return found


_ALLOWANCE: dict[str, tuple[str, Reader]] = {
    "max_budget": ("max_budget", money),
    "soft_budget": ("soft_budget", money),
    "budget_duration": ("budget_duration", span),
    "rpm_limit": ("rpm_limit", count),
    "tpm_limit": ("tpm_limit", count),
    "max_parallel_requests": ("max_parallel_requests", count),
    "model_max_budget": ("model_max_budget", model_budgets),
    "model_rpm_limit": ("model_rpm_limit", counts),
    "model_tpm_limit": ("model_tpm_limit", counts),
    "blocked": ("blocked", flag),
    "metadata": ("metadata", table),
}

FIELDS: dict[Kind, dict[str, tuple[str, Reader]]] = {
    "key": {
        **_ALLOWANCE,
        "key_alias": ("alias", text),
        "models": ("models", texts),
        "aliases": ("aliases", names),
        "tags": ("tags", texts),
        "permissions": ("permissions", table),
        "user_id": ("user", text),
        "team_id": ("team", text),
    },
    "user": {
        **_ALLOWANCE,
        "user_alias": ("alias", text),
        "user_email": ("email", text),
        "user_role": ("role", text),
        "models": ("models", texts),
    },
    "team": {**_ALLOWANCE, "team_alias": ("alias", text), "models": ("models", texts)},
    "end": {**_ALLOWANCE, "alias": ("alias", text), "default_model": ("default_model", text)},
}
"""LiteLLM's name → the record's, and how it is read."""

_EMPTY: dict[str, str] = {
    "permissions": "permissions are kept and shown, and change nothing",
    "user_role": "roles are kept and shown, and change nothing: only the master key administers",
}
"""Fields that are kept and do nothing."""

_MOOT: dict[str, str] = {
    "send_invite_email": "no mail is sent",
    "config": "a key has no configuration of its own",
    "spend": "what was spent is read from the ledger, it cannot be set",
    "key_name": "the shown name of a key is made of its last signs",
    "created_by": "who made it is written down by itself",
    "password": "there is no log-in by a password",
    "sso_user_id": "there is no log-in by a password or another account",
    "invite_link": "no mail is sent",
}
"""Fields of LiteLLM's that could change nothing here."""

_BINDING = (
    *("guardrails", "policies", "prompts", "allowed_cache_controls", "enforced_params", "allowed_routes"),
    *("object_permission", "allowed_passthrough_routes", "budget_id", "organization_id", "project_id", "agent_id"),
    *("allowed_model_region", "rpm_limit_type", "tpm_limit_type", "auto_rotate", "rotation_interval", "key_type"),
    *("access_group_ids", "allowed_vector_store_indexes", "router_settings", "model_aliases", "admins", "teams"),
    *("team_member_budget", "team_member_rpm_limit", "team_member_tpm_limit", "team_member_permissions"),
    *("team_member_key_duration", "disable_global_guardrails", "secret_manager_settings", "organizations"),
)
"""Fields of LiteLLM's that bind or steer, and are not to be had here."""


def read(
    kind: Kind, body: Mapping[str, Any], also: tuple[str, ...] = (), *, changing: bool
) -> tuple[dict[str, Any], list[str]]:
    """What a body says: (the record's members, remarks on what changes nothing).

    `also` are fields that the caller reads himself. `changing`: a null takes away what was said; else it says nothing.
    Raises `InvalidRequest` for what is unknown, or cannot be.
    """
    known = FIELDS[kind]
    said: dict[str, Any] = {}
    remarks: list[str] = []
    for field, value in body.items():
        if field in also:
            continue
        if (found := known.get(field)) is not None:
            name, reader = found
            if value is None:
                if changing:
                    said[name] = _default(kind, name)
                continue
            said[name] = reader(field, value)
            if field in _EMPTY and value:
                remarks.append(f"`{field}`: {_EMPTY[field]}.")
        elif value in (None, [], {}, ""):
            continue
        elif field in _MOOT:
            remarks.append(f"`{field}`: {_MOOT[field]}.")
        elif field in _BINDING:
            what = f"is LiteLLM's; Trunkline does not have it for a {TITLES[kind]}"
            raise wrong(field, what, "Leave it out: nothing was changed.")
        else:
            near = difflib.get_close_matches(field, [*known, *also], n=1, cutoff=0.6)
            remedy = f"Did you mean `{near[0]}`?" if near else "Leave it out."
            raise wrong(field[:60], f"is no field of a {TITLES[kind]}", f"{remedy} Nothing was changed.")
    return said, remarks


def _default(kind: Kind, name: str) -> Any:
    """What a record has where nothing was said."""
    return getattr(KINDS[kind](), name)


def bound(said: Mapping[str, Any], defaults: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """A body with the configuration's `default_key_generate_params` where it says nothing, held to its
    `upperbound_key_generate_params`: what is above is refused, what is absent becomes the bound, as LiteLLM has it."""
    body = {**{name: value for name, value in defaults.items() if said.get(name) is None}, **_said(said)}
    for name, most in upper.items():
        if most is None:
            continue
        asked = body.get(name)
        if asked is None:
            body[name] = most
        elif _size(name, asked) > _size(name, most):
            raise wrong(name, f"is {asked!r}; this gateway allows {most!r} at most", "Ask for less.")
    return body


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _size(name: str, value: Any) -> float:
    if name in ("duration", "budget_duration"):
        return math.inf if value == "-1" else float(periods.seconds(span(name, value)) or 0)
    return float(money(name, value))
