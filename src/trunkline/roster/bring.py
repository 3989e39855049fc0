"""Takes over LiteLLM's keys: its table `LiteLLM_VerificationToken`, exported as CSV or JSON.

The table holds sha256 of each key (`token`), and only the outer half of our hash is put around it: keys stay valid, and
nobody has to be given a new one. What a row has that cannot be kept is named; a row that bounds its key by something
that is not to be had here is left out, and said.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trunkline.errors import ConfigInvalid, InvalidRequest
from trunkline.roster import fields, hashes
from trunkline.roster.office import Office, of_key
from trunkline.roster.records import Key, Team, User

_JSON = frozenset(
    {"aliases", "config", "permissions", "metadata", "model_max_budget", "model_spend", "models", "router_settings"}
)
"""Columns that are JSON or lists, which a CSV writes as text."""
_NUMBERS = frozenset({"max_budget", "soft_budget", "rpm_limit", "tpm_limit", "max_parallel_requests"})
_DROPPED = frozenset(
    {
        *("token", "key_name", "spend", "expires", "created_at", "updated_at", "created_by", "updated_by"),
        *("model_spend", "budget_reset_at", "last_active", "rotation_count", "key_rotation_at", "last_rotation_at"),
        "soft_budget_cooldown",
    }
)
"""Columns that are read elsewhere, or that the ledger knows better."""
_OFF = frozenset({"", "f", "false", "{}", "[]", "null", "none"})


def bring(office: Office, file: Path, *, who: str, dry: bool = False) -> dict[str, Any]:
    """`{"taken", "known", "failed", "remarks"}`. Raises `ConfigInvalid` where the file is no such table."""
    taken = known = failed = 0
    remarks: list[str] = []
    for number, row in enumerate(_rows(file), 1):
        token = str(row.get("token") or "").strip()
        named = str(row.get("key_alias") or row.get("key_name") or f"row {number}")
        try:
            if not hashes.HASH.fullmatch(token):
                raise InvalidRequest("`token` is no sha256 in hexadecimal digits.")
            stored = hashes.outer(office.secret, token)
            if office.store.get("key", stored) is not None:
                known += 1
                continue
            record, notes = _record(row)
            remarks += [f"{named}: {note}" for note in notes]
            if not dry:
                with office.store.step():
                    remarks += _owners(office, record, who)
                    office.write("key/import", who, "key", stored, record, of_key(record))
            taken += 1
        except InvalidRequest as refused:
            failed += 1
            remarks.append(f"{named}: left out: {refused.message}")
    if taken and not dry:
        office.told()
    return {"taken": taken, "known": known, "failed": failed, "remarks": remarks}


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
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
    if not rows or not all(isinstance(row, dict) and "token" in row for row in rows):
        remedy = 'Export it, for example by \\copy "LiteLLM_VerificationToken" to keys.csv csv header.'
        raise ConfigInvalid(f"{file} is no table of LiteLLM's keys: it has no column `token`.", remedy=remedy)
    yield from rows


def _record(row: Mapping[str, Any]) -> tuple[Key, list[str]]:
    body: dict[str, Any] = {}
    for name, value in row.items():
        if name in _DROPPED or value is None:
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
    said, notes = fields.read("key", body, changing=False)
    expires = row.get("expires")
    hint = str(row.get("key_name") or "")
    return Key(hint=hint if hint.startswith("sk-...") else "", expires=_moment(expires), **said), notes


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
            if name == "models" and value.startswith("{") and value.endswith("}"):
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
    """A user or a team that is not here is made, without bounds of its own: their tables are others."""
    made = []
    if record.user and office.store.get("user", record.user) is None:
        office.write("key/import", who, "user", record.user, User(), {})
        made.append(f"the user {record.user}")
    if record.team and office.store.get("team", record.team) is None:
        office.write("key/import", who, "team", record.team, Team(), {})
        made.append(f"the team {record.team}")
    return [f"{each} was made, without bounds: say them with /user/update or /team/update" for each in made]
