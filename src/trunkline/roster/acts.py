"""What is done alike with users, teams and end users: made, changed, deleted. Each is one step of the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.roster.office import Office, changed
from trunkline.roster.records import KINDS, TITLES, Kind, Record

PAGES: Mapping[Kind, str] = {"key": "key", "user": "user", "team": "team", "end": "customer"}
"""How LiteLLM's pages call each."""


def make(
    office: Office,
    kind: Kind,
    name: str,
    record: Record,
    said: Mapping[str, Any],
    who: str,
    before: Callable[[], None] = lambda: None,
) -> None:
    """Puts a new one in; `before` is done first, in the same step. Raises `InvalidRequest` where it is there."""
    with office.store.step():
        if office.store.get(kind, name) is not None:
            raise InvalidRequest(
                f"The {TITLES[kind]} {name!r} is there already.",
                param="team_id" if kind == "team" else "user_id",
                remedy=f"Change it with POST /{PAGES[kind]}/update.",
            )
        before()
        office.write(f"{PAGES[kind]}/new", who, kind, name, record, said)
    office.told()


def change(
    office: Office, kind: Kind, action: str, names: Sequence[str], said: dict[str, Any], who: str, *, made: bool = False
) -> list[Any]:
    """Changes all of them, or none; their records. Raises `CallerFailure` (404) for one that is not there, unless it is
    `made` then."""
    found = []
    with office.store.step():
        for name in names:
            record = (office.store.get(kind, name) or KINDS[kind]()) if made else office.record(kind, name)
            found.append(changed(record, said))
            office.write(f"{PAGES[kind]}/{action}", who, kind, name, found[-1], said)
    office.told()
    return found


def remove(office: Office, kind: Kind, names: Sequence[str], who: str) -> None:
    """Deletes all of them, or none, a user's and a team's with all their keys, as LiteLLM does."""
    action = f"{PAGES[kind]}/delete"
    with office.store.step():
        for name in names:
            record = office.record(kind, name)
            for row in office.store.where("key", {kind: name}) if kind in ("user", "team") else ():
                office.write(action, who, "key", row.name, row.record, {}, deleted=True)
            office.write(action, who, kind, name, record, {}, deleted=True)
    office.told()


def warned(remarks: Sequence[str]) -> dict[str, Any]:
    """What an answer says of fields that change nothing."""
    return {"warnings": list(remarks)} if remarks else {}
