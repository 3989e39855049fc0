"""Takes over LiteLLM's keys, users and teams: its tables `LiteLLM_VerificationToken`, `LiteLLM_UserTable` and
`LiteLLM_TeamTable`, exported as CSV or JSON.

The table of keys holds sha256 of each key (`token`), and only the outer half of our hash is put around it: keys stay
valid, and nobody has to be given a new one. What a row has that cannot be kept is named; a row that bounds its key (or
user, or team) by something that is not to be had here is left out, and said.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from trunkline.errors import ConfigInvalid, InvalidRequest
from trunkline.roster import fields, hashes
from trunkline.roster.office import Office, of_key
from trunkline.roster.records import KINDS, Key, Kind, Member, Record, Team, User

_JSON = frozenset(
    {
        *("aliases", "config", "permissions", "metadata", "model_max_budget", "model_spend", "models"),
        *("router_settings", "members_with_roles", "members", "admins", "teams", "policies"),
    }
)
"""Columns that are JSON or lists, which a CSV writes as text."""
_NUMBERS = frozenset({"max_budget", "soft_budget", "rpm_limit", "tpm_limit", "max_parallel_requests"})
_LISTS = frozenset({"models", "members", "admins", "teams", "policies"})
_DROPPED = frozenset(
    {
        *("token", "key_name", "spend", "expires", "created_at", "updated_at", "created_by", "updated_by"),
        *("model_spend", "budget_reset_at", "last_active", "rotation_count", "key_rotation_at", "last_rotation_at"),
        *("soft_budget_cooldown", "last_refreshed_at"),
    }
)
"""Columns that are read elsewhere, or that the ledger knows better."""
_OFF = frozenset({"", "f", "false", "{}", "[]", "null", "none"})


_TABLES: dict[Kind, tuple[str, str]] = {
    "key": ("LiteLLM_VerificationToken", "token"),
    "user": ("LiteLLM_UserTable", "user_id"),
    "team": ("LiteLLM_TeamTable", "team_id"),
}
"""LiteLLM's table of each, and the column that names a row."""
_ELSEWHERE: dict[Kind, frozenset[str]] = {
    "key": frozenset(),
    # A team says itself who is in it; an account's password and its log-in elsewhere open nothing here.
    "user": frozenset({"user_id", "team_id", "teams", "password", "sso_user_id"}),
    "team": frozenset({"team_id", "members", "admins", "members_with_roles", "model_id"}),
}
"""Columns that are read otherwise, or that say nothing here."""


def bring(office: Office, kind: Kind, file: Path, *, who: str, dry: bool = False) -> dict[str, Any]:
    """`{"taken", "known", "failed", "remarks"}`. Raises `ConfigInvalid` where the file is no such table."""
    taken = known = failed = 0
    remarks: list[str] = []
    for number, row in enumerate(_rows(kind, file), 1):
        named = str(row.get(f"{kind}_alias") or row.get("key_name") or row.get(f"{kind}_id") or f"row {number}")
        try:
            stored = _stored(office, kind, row)
            if not _open(office, kind, stored):
                known += 1
                continue
            record, notes = _record(kind, row)
            remarks += [f"{named}: {note}" for note in notes]
            if not dry:
                with office.store.step():
                    remarks += _put(office, kind, stored, record, who)
            taken += 1
        except InvalidRequest as refused:
            failed += 1
            remarks.append(f"{named}: left out: {refused.message}")
    if taken and not dry:
        office.told()
    return {"taken": taken, "known": known, "failed": failed, "remarks": remarks}


def _stored(office: Office, kind: Kind, row: Mapping[str, Any]) -> str:
    """The name that a row's record is stored under."""
    name = str(row.get(_TABLES[kind][1]) or "").strip()
    if kind != "key":
        if not name:
            raise InvalidRequest(f"`{kind}_id` is empty.")
        return fields.text(f"{kind}_id", name)
    if not hashes.HASH.fullmatch(name):
        raise InvalidRequest("`token` is no sha256 in hexadecimal digits.")
    return hashes.outer(office.secret, name)


def _open(office: Office, kind: Kind, stored: str) -> bool:
    """Whether the row is to be taken: nobody is there of that name, or only a name that was made for a key."""
    there: Record | None = office.store.get(kind, stored)
    if there is None:
        return True
    bare = msgspec.structs.replace(there, created=0.0, updated=0.0, created_by="")
    return kind != "key" and bare == KINDS[kind]()


def _put(office: Office, kind: Kind, stored: str, record: Record, who: str) -> list[str]:
    told: Mapping[str, Any] = msgspec.to_builtins(record) if not isinstance(record, Key) else of_key(record)
    remarks = _owners(office, record, who) if isinstance(record, Key) else []
    if isinstance(record, Team):
        for each in record.members:
            if office.store.get("user", each.user) is None:
                office.write("team/import", who, "user", each.user, User(), {})
    office.write(f"{kind}/import", who, kind, stored, record, told)
    return remarks


def _rows(kind: Kind, file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{file} cannot be read: {error}.", remedy="Export the table again.") from None
    if text.lstrip().startswith(("[", "{")):
        try:
            rows = json.loads(text)
        except ValueError:
            try:  # a line each, as `psql` and `jq -c` write them
                rows = [json.loads(line) for line in text.splitlines() if line.strip()]
            except ValueError as broken:
                raise ConfigInvalid(f"{file} is no JSON: {broken}.", remedy="Export the table again.") from None
        rows = rows if isinstance(rows, list) else [rows]
    else:
        rows = list(csv.DictReader(text.splitlines()))
    table, column = _TABLES[kind]
    if not rows or not all(isinstance(row, dict) and column in row for row in rows):
        remedy = f'Export it, for example by \\copy "{table}" to {kind}s.csv csv header.'
        raise ConfigInvalid(f"{file} is no table of LiteLLM's {kind}s: it has no column `{column}`.", remedy=remedy)
    yield from rows


def _record(kind: Kind, row: Mapping[str, Any]) -> tuple[Record, list[str]]:
    body: dict[str, Any] = {}
    for name, value in row.items():
        if name in _DROPPED or name in _ELSEWHERE[kind] or value is None:
            continue
        if isinstance(value, str):
            value = _typed(name, value)
        if value is not False and value not in (None, "", [], {}):
            body[name] = value
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        # LiteLLM keeps some fields there.
        for name in ("model_rpm_limit", "model_tpm_limit", "tags"):
            if metadata.get(name):
                body.setdefault(name, metadata.pop(name))
    said, notes = fields.read(kind, body, changing=False)
    if (spent := _spent(row)) and said.get("max_budget") is not None:
        notes.append(f"${spent} that it has spent there are not counted here: its `max_budget` begins anew")
    if kind == "user":
        return User(**said), notes
    if kind == "team":
        return Team(**said, members=_members(row)), notes
    expires = row.get("expires")
    hint = str(row.get("key_name") or "")
    return Key(hint=hint if hint.startswith("sk-...") else "", expires=_moment(expires), **said), notes


def _spent(row: Mapping[str, Any]) -> str:
    """Dollars that it had spent, as they were written; empty: nothing, or no number."""
    told = str(row.get("spend") or "").strip()
    try:
        return told if float(told) > 0 else ""
    except ValueError:
        return ""


def _members(row: Mapping[str, Any]) -> list[Member]:
    """Who is in a team: `members_with_roles`, in which LiteLLM keeps them; older rows have `members` and `admins`."""
    told: dict[str, str] = {}
    for name, role in (("members", "user"), ("admins", "admin"), ("members_with_roles", "")):
        value = row.get(name)
        for each in (_typed(name, value) if isinstance(value, str) else value) or ():
            user = each.get("user_id") if isinstance(each, dict) else each
            if isinstance(user, str) and user:
                asked = str(each.get("role") or "user") if isinstance(each, dict) else role
                told[fields.text("user_id", user)] = "admin" if asked == "admin" else "user"
    return [Member(user=user, role=role) for user, role in told.items()]


def _typed(name: str, value: str) -> Any:
    value = value.strip()
    if value.lower() in _OFF:
        return None
    if name == "blocked":
        return value.lower() in ("t", "true", "1")
    if name in _NUMBERS:
        try:
            number = float(value)
        except ValueError:
            raise InvalidRequest(f"`{name}` is {value[:40]!r}, which is no number.") from None
        return int(number) if number.is_integer() else number
    if name in _JSON:
        try:
            return json.loads(value)
        except ValueError:
            if name in _LISTS and value.startswith("{") and value.endswith("}"):
                return next(csv.reader([value[1:-1]]), [])  # PostgreSQL's way to write a list
            raise InvalidRequest(f"`{name}` is no JSON.") from None
    return value


def _moment(value: Any) -> float:
    """When a key ends: LiteLLM writes UTC without saying so."""
    if value in (None, ""):
        return 0.0
    try:
        moment = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
    except ValueError:
        raise InvalidRequest(f"`expires` is {str(value)[:40]!r}, which is no time.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _owners(office: Office, record: Key, who: str) -> list[str]:
    """A user or a team that is not here is made, without bounds of its own: those are in tables of their own."""
    made = []
    if record.user and office.store.get("user", record.user) is None:
        office.write("key/import", who, "user", record.user, User(), {})
        made.append(f"the user {record.user}")
    if record.team and office.store.get("team", record.team) is None:
        office.write("key/import", who, "team", record.team, Team(), {})
        made.append(f"the team {record.team}")
    return [f"{each} was made, without bounds: import its table, too, or say them anew" for each in made]
