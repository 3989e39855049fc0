"""What can be done with teams and who is in them, in LiteLLM's bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.roster import fields, keys, shown
from trunkline.roster.acts import change, make, remove, warned
from trunkline.roster.office import Office, changed, lists, needed, only
from trunkline.roster.records import Member, Team, User

Body = Mapping[str, Any]


def new(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/new`."""
    said, remarks = fields.read("team", body, ("team_id", "members_with_roles"), changing=False)
    name = fields.text("team_id", body.get("team_id") or keys.fresh_id())
    record = Team(**said, members=[_member(each) for each in _several(body.get("members_with_roles") or [])])
    make(office, "team", name, record, said, who, lambda: _known(office, record.members, who))
    return {**_team(office, name, record), **warned(remarks)}


def update(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/update`."""
    said, remarks = fields.read("team", body, ("team_id",), changing=True)
    name = needed(body, "team_id")
    (record,) = change(office, "team", "update", [name], said, who)
    return {"team_id": name, "data": _team(office, name, record), **warned(remarks)}


def delete(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/delete`: with all its keys, as LiteLLM does."""
    only(body, "team_ids")
    named = lists(body, "team_ids")
    remove(office, "team", named, who)
    return {"deleted_teams": named}


def block(office: Office, body: Body, who: str, *, blocked: bool = True) -> dict[str, Any]:
    """`/team/block`: none of its keys is taken any more."""
    only(body, "team_id")
    name = needed(body, "team_id")
    action = "block" if blocked else "unblock"
    (record,) = change(office, "team", action, [name], {"blocked": blocked}, who)
    return _team(office, name, record)


def unblock(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/unblock`."""
    return block(office, body, who, blocked=False)


def info(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/info?team_id=`: the team and its keys."""
    only(body, "team_id")
    name = needed(body, "team_id")
    record: Team = office.record("team", name)
    held = office.store.where("key", {"team": name})
    return {
        "team_id": name,
        "team_info": _team(office, name, record),
        "keys": [keys.told(office, row) for row in held],
        "team_memberships": _team(office, name, record)["members_with_roles"],
    }


def listed(office: Office, body: Body, who: str) -> list[dict[str, Any]]:
    """`/team/list`, of all or of one user."""
    only(body, "user_id")
    of = body.get("user_id")
    rows = office.store.where("team", {})
    mine = (row for row in rows if not of or any(each.user == of for each in row.record.members))
    return [_team(office, row.name, row.record) for row in mine]


def member_add(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/member_add`: one, or a list of them."""
    only(body, "team_id", "member", "max_budget_in_team")
    name = needed(body, "team_id")
    cap = body.get("max_budget_in_team")
    added = [_member(each, cap) for each in _several(body.get("member"))]
    with office.store.step():
        record: Team = office.record("team", name)
        there = {each.user for each in record.members}
        if again := [each.user for each in added if each.user in there]:
            raise InvalidRequest(f"{again[0]!r} is in the team already.", param="member")
        _known(office, added, who)
        record = changed(record, {"members": [*record.members, *added]})
        office.write("team/member_add", who, "team", name, record, {"added": [each.user for each in added]})
    office.told()
    return _team(office, name, record)


def member_update(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/member_update`: what a member may spend of the team's (a null: no bound of their own), and their role."""
    only(body, "team_id", "user_id", "user_email", "max_budget_in_team", "role")
    name, user = needed(body, "team_id"), _user_of(body, office)
    with office.store.step():
        record: Team = office.record("team", name)
        old = next((each for each in record.members if each.user == user), None)
        if old is None:
            raise InvalidRequest(f"{user!r} is not in the team.", param="user_id")
        said = {"user_id": user, "role": body.get("role") or old.role}
        cap = body["max_budget_in_team"] if "max_budget_in_team" in body else shown.dollars(old.max_budget)
        new = _member(said, cap)
        record = changed(record, {"members": [new if each is old else each for each in record.members]})
        told = {"max_budget": new.max_budget, "role": new.role, "user": user}
        office.write("team/member_update", who, "team", name, record, told)
    office.told()
    return {"team_id": name, "user_id": user, "role": new.role, "max_budget_in_team": shown.dollars(new.max_budget)}


def member_delete(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/team/member_delete`. Their keys of the team stay: they are the team's."""
    only(body, "team_id", "user_id", "user_email")
    name, user = needed(body, "team_id"), _user_of(body, office)
    with office.store.step():
        record: Team = office.record("team", name)
        left = [each for each in record.members if each.user != user]
        if len(left) == len(record.members):
            raise InvalidRequest(f"{user!r} is not in the team.", param="user_id")
        record = changed(record, {"members": left})
        office.write("team/member_delete", who, "team", name, record, {"gone": user})
    office.told()
    return _team(office, name, record)


def _user_of(body: Body, office: Office) -> str:
    if body.get("user_id"):
        return needed(body, "user_id")
    email = needed(body, "user_email")
    found = [row.name for row in office.store.where("user", {}) if row.record.email == email]
    if not found:
        raise InvalidRequest(f"No user has the address {email[:100]!r}.", param="user_email")
    return found[0]


def _several(given: Any) -> list[Any]:
    several = given if isinstance(given, list) else [given]
    if not all(isinstance(each, dict) for each in several):
        raise InvalidRequest("`member` is no object.", param="member", remedy='Send {"user_id": …, "role": "user"}.')
    return several


def _member(said: dict[str, Any], cap: Any = None) -> Member:
    only(said, "user_id", "role", "max_budget_in_team")
    cap = said.get("max_budget_in_team", cap)
    role = said.get("role") or "user"
    if role not in ("user", "admin"):
        raise InvalidRequest("`role` is neither user nor admin.", param="role")
    most = None if cap is None else fields.money("max_budget_in_team", cap)
    return Member(user=fields.text("user_id", needed(said, "user_id")), role=role, max_budget=most)


def _known(office: Office, members: list[Member], who: str) -> None:
    """Users that are not there yet are made."""
    for each in members:
        if office.store.get("user", each.user) is None:
            office.write("user/new", who, "user", each.user, User(), {})


def _team(office: Office, name: str, record: Team) -> dict[str, Any]:
    held = office.store.where("key", {"team": name}, deleted=True)
    return shown.team(name, record, office.spent(held, record.budget_duration), office.reset)
