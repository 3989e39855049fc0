"""What can be done with keys: made, changed, shown, listed, blocked, deleted, made anew. In LiteLLM's bodies."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

from trunkline.errors import CallerFailure, InvalidRequest
from trunkline.model import periods
from trunkline.roster import fields, hashes, shown
from trunkline.roster.acts import warned
from trunkline.roster.fields import wrong
from trunkline.roster.office import Office, changed, lists, needed, of_key, only, paged
from trunkline.roster.records import ID, Key, User, id_of
from trunkline.roster.store import Row

Body = Mapping[str, Any]

_OWN = re.compile(r"[\x21-\x7e]{12,200}")
"""What a key of one's own may be: long enough not to be guessed, and what a header can carry."""


def generate(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/key/generate`. The answer is the only place where the key itself is ever told."""
    body = fields.bound(body, office.rules.defaults, office.rules.upper)
    said, remarks = fields.read("key", body, ("key", "duration"), changing=False)
    key = _own(office, body.get("key")) or hashes.fresh()
    stored = hashes.stored(office.secret, key.encode())
    record = Key(hint=hashes.hint(key), expires=_until(office, body.get("duration")), **said)
    with office.store.step():
        if office.store.get("key", stored) is not None:
            raise wrong("key", "is a key of this gateway already")
        _fits(office, stored, record, who)
        office.write("key/generate", who, "key", stored, record, of_key(record))
    office.told()
    return {"key": key, **_shown(office, stored, record), "token_id": stored, **warned(remarks)}


def update(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/key/update`: what is said changes, a null takes away, the rest stays."""
    said, remarks = fields.read("key", body, ("key", "duration"), changing=True)
    fields.bound({name: value for name, value in body.items() if name in office.rules.upper}, {}, _asked(office, body))
    with office.store.step():
        stored = office.stored(needed(body, "key"))
        record: Key = changed(office.record("key", stored), said)
        if "duration" in body:
            record.expires = _until(office, body["duration"])
            said["expires"] = record.expires
        _fits(office, stored, record, who)
        office.write("key/update", who, "key", stored, record, said)
    office.told()
    return {"key": stored, **_shown(office, stored, record), **warned(remarks)}


def _asked(office: Office, body: Body) -> dict[str, Any]:
    """The upper bounds of what a change says: what it does not mention is not put in."""
    return {name: most for name, most in office.rules.upper.items() if body.get(name) is not None}


def delete(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/key/delete`: all of the named, or none of them."""
    only(body, "keys", "key_aliases")
    named = lists(body, "keys", "key_aliases")
    aliases = set(body.get("key_aliases") or ())
    with office.store.step():
        found: list[str] = []
        for each in named:
            if each in aliases:
                rows = office.store.where("key", {"alias": each})
                if not rows:
                    raise CallerFailure(f"No key is called {each!r}.", status=404, code="key_not_found")
                found += [row.name for row in rows]
            else:
                found.append(office.stored(each))
        for stored in dict.fromkeys(found):
            office.write("key/delete", who, "key", stored, office.record("key", stored), {}, deleted=True)
    office.told()
    return {"deleted_keys": named}


def block(office: Office, body: Body, who: str, *, blocked: bool = True) -> dict[str, Any]:
    """`/key/block` and `/key/unblock`."""
    only(body, "key")
    action = "key/block" if blocked else "key/unblock"
    with office.store.step():
        stored = office.stored(needed(body, "key"))
        record = changed(office.record("key", stored), {"blocked": blocked})
        office.write(action, who, "key", stored, record, {"blocked": blocked})
    office.told()
    return _shown(office, stored, record)


def unblock(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/key/unblock`."""
    return block(office, body, who, blocked=False)


def regenerate(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/key/regenerate`: another key with the same rights, id and spend; the old one is none from now on."""
    said, remarks = fields.read("key", body, ("key", "new_key", "duration"), changing=True)
    key = _own(office, body.get("new_key")) or hashes.fresh()
    new = hashes.stored(office.secret, key.encode())
    with office.store.step():
        old = office.stored(needed(body, "key"))
        before: Key = office.record("key", old)
        if office.store.get("key", new) is not None:
            raise wrong("new_key", "is a key of this gateway already")
        record: Key = changed(before, {**said, "hint": hashes.hint(key), "id": id_of(old, before)})
        if body.get("duration") is not None:
            record.expires = _until(office, body["duration"])
        office.write("key/regenerate", who, "key", old, before, {"into": record.hint}, deleted=True)
        _fits(office, new, record, who)
        office.write("key/regenerate", who, "key", new, record, {"from": before.hint, **said})
    office.told()
    return {"key": key, **_shown(office, new, record), "token_id": new, **warned(remarks)}


def info(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/key/info?key=`: `{key, info}`."""
    only(body, "key")
    named = needed(body, "key")
    stored = office.stored(named)
    record: Key = office.record("key", stored)
    told = named if hashes.HASH.fullmatch(named) or len(named) == ID else record.hint
    return {"key": told, "info": _shown(office, stored, record)}


def listed(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/key/list`: stored hashes, or with `return_full_object=true` all that is known of each."""
    only(body, "page", "size", "user_id", "team_id", "key_alias", "key_hash", "return_full_object", "include_team_keys")
    page, size = paged(body)
    full = str(body.get("return_full_object", "")).lower() == "true"
    if body.get("key_hash"):
        stored = office.found(needed(body, "key_hash"))
        one = Row("key", stored, office.record("key", stored), False) if stored is not None else None
        found = [] if one is None else [told(office, one) if full else one.name]
        return {"keys": found, "total_count": len(found), "current_page": 1, "total_pages": len(found)}
    columns = {"user_id": "user", "team_id": "team", "key_alias": "alias"}
    clauses = {column: str(body[field]) for field, column in columns.items() if body.get(field)}
    total = office.store.count("key", clauses)
    rows = office.store.where("key", clauses, most=size, skip=(page - 1) * size)
    return {
        "keys": [_shown(office, row.name, row.record) if full else row.name for row in rows],
        "total_count": total,
        "current_page": page,
        "total_pages": -(-total // size),
    }


def _shown(office: Office, stored: str, record: Key) -> dict[str, Any]:
    return told(office, Row("key", stored, record, False))


def told(office: Office, row: Row) -> dict[str, Any]:
    """A key as pages tell it, with what it has spent in its period."""
    return shown.key(row.name, row.record, office.spent([row], row.record.budget_duration), office.reset)


def _own(office: Office, given: Any) -> str:
    if given is None:
        return ""
    if not isinstance(given, str) or not _OWN.fullmatch(given):
        raise wrong("key", "is no key", "Send 12 to 200 signs without blanks, or leave it out to have one made.")
    if office.taken(given):
        raise wrong("key", "is the master key or `client_key`", "Send another.")
    return given


def _until(office: Office, duration: Any) -> float:
    """When a key ends that lives so long from now; 0: never."""
    if duration in (None, "-1", -1):
        return 0.0
    return office.now() + (periods.seconds(fields.span("duration", duration)) or 0)


def _fits(office: Office, stored: str, record: Key, who: str) -> None:
    """Raises `InvalidRequest` where a team is not there or a name is taken; a user that is not there is made."""
    if record.team and office.store.get("team", record.team) is None:
        raise InvalidRequest(
            f"No team {record.team!r} is known here.", param="team_id", remedy="Make it with POST /team/new first."
        )
    if record.user and office.store.get("user", record.user) is None:
        office.write("user/new", who, "user", record.user, User(), {})
    if record.alias and any(row.name != stored for row in office.store.where("key", {"alias": record.alias})):
        raise InvalidRequest(
            f"A key is called {record.alias!r} already.", param="key_alias", remedy="Give it another alias."
        )
    if "all-team-models" in record.models and not record.team:
        raise InvalidRequest("`models` says all-team-models, and the key has no team.", param="models")


def fresh_id() -> str:
    """A name for a user or a team that was given none, as LiteLLM makes them."""
    return str(uuid.uuid4())


def started() -> float:
    """Unix time: for an office on the command line."""
    return time.time()
