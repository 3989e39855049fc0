"""What can be done with users and end users, in LiteLLM's bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trunkline.roster import fields, keys, shown
from trunkline.roster.acts import change, make, remove, warned
from trunkline.roster.office import Office, lists, needed, only, paged
from trunkline.roster.records import End, User

Body = Mapping[str, Any]


def user_new(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/user/new`: a user, and a key of theirs unless `auto_create_key` is false."""
    said, remarks = fields.read("user", body, ("user_id", "auto_create_key", "duration", "key_alias"), changing=False)
    name = fields.text("user_id", body.get("user_id") or keys.fresh_id())
    record = User(**said)
    make(office, "user", name, record, said, who)
    answer = {**shown.user(name, record, 0, office.reset), **warned(remarks)}
    if body.get("auto_create_key", True):
        about = {each: body[each] for each in ("duration", "key_alias", "models") if body.get(each) is not None}
        made = keys.generate(office, {"user_id": name, **about}, who)
        answer |= {each: made[each] for each in ("key", "token", "key_name", "expires")}
    return answer


def user_update(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/user/update`: makes the user where there is none, as LiteLLM does."""
    said, remarks = fields.read("user", body, ("user_id",), changing=True)
    name = fields.text("user_id", needed(body, "user_id"))
    (record,) = change(office, "user", "update", [name], said, who, made=True)
    return {"user_id": name, "data": _user(office, name, record), **warned(remarks)}


def user_delete(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/user/delete`: with all their keys, as LiteLLM does."""
    only(body, "user_ids")
    named = lists(body, "user_ids")
    remove(office, "user", named, who)
    return {"deleted_users": named}


def user_info(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/user/info?user_id=`: the user, their keys and their teams."""
    only(body, "user_id")
    name = needed(body, "user_id")
    record: User = office.record("user", name)
    held = office.store.where("key", {"user": name})
    teams = [row for row in office.store.where("team", {}) if any(each.user == name for each in row.record.members)]
    return {
        "user_id": name,
        "user_info": _user(office, name, record),
        "keys": [keys.told(office, row) for row in held],
        "teams": [{"team_id": row.name, "team_alias": row.record.alias or None} for row in teams],
    }


def user_list(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/user/list`."""
    only(body, "page", "page_size")
    page, size = paged(body, "page_size")
    total = office.store.count("user", {})
    rows = office.store.where("user", {}, most=size, skip=(page - 1) * size)
    return {
        "users": [_user(office, row.name, row.record) for row in rows],
        "total": total,
        "page": page,
        "page_size": size,
        "total_pages": -(-total // size),
    }


def _user(office: Office, name: str, record: User) -> dict[str, Any]:
    held = office.store.where("key", {"user": name}, deleted=True)
    return shown.user(name, record, office.spent(held, record.budget_duration), office.reset)


def end_new(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/customer/new`."""
    said, remarks = fields.read("end", body, ("user_id",), changing=False)
    name = fields.text("user_id", needed(body, "user_id"))
    record = End(**said)
    make(office, "end", name, record, said, who)
    return {**_end(office, name, record), **warned(remarks)}


def end_update(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/customer/update`."""
    said, remarks = fields.read("end", body, ("user_id",), changing=True)
    name = needed(body, "user_id")
    (record,) = change(office, "end", "update", [name], said, who)
    return {**_end(office, name, record), **warned(remarks)}


def end_delete(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/customer/delete`."""
    only(body, "user_ids")
    named = lists(body, "user_ids")
    remove(office, "end", named, who)
    return {"deleted_customers": len(named), "message": f"Deleted {len(named)}: {', '.join(named)}."}


def end_block(office: Office, body: Body, who: str, *, blocked: bool = True) -> dict[str, Any]:
    """`/customer/block`: end users that are not known yet are made, blocked."""
    only(body, "user_ids")
    named = [fields.text("user_ids", name) for name in lists(body, "user_ids")]
    action = "block" if blocked else "unblock"
    found = change(office, "end", action, named, {"blocked": blocked}, who, made=blocked)
    return {"blocked_users": [_end(office, name, record) for name, record in zip(named, found, strict=True)]}


def end_unblock(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/customer/unblock`."""
    return end_block(office, body, who, blocked=False)


def end_info(office: Office, body: Body, who: str) -> dict[str, Any]:
    """`/customer/info?end_user_id=`."""
    only(body, "end_user_id")
    name = needed(body, "end_user_id")
    return _end(office, name, office.record("end", name))


def end_list(office: Office, body: Body, who: str) -> list[dict[str, Any]]:
    """`/customer/list`."""
    only(body)
    return [_end(office, row.name, row.record) for row in office.store.where("end", {})]


def _end(office: Office, name: str, record: End) -> dict[str, Any]:
    return shown.end(name, record, office.end_spent(name, record.budget_duration), office.reset)
