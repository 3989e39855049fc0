"""What can be asked of the office: path and method → what is done. Data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from trunkline.roster import keys, people, teams
from trunkline.roster.office import Office

Act = Callable[[Office, Mapping[str, Any], str], Any]

_KEYS: dict[str, tuple[Literal["GET", "POST"], Act]] = {
    "/key/generate": ("POST", keys.generate),
    "/key/update": ("POST", keys.update),
    "/key/delete": ("POST", keys.delete),
    "/key/info": ("GET", keys.info),
    "/key/list": ("GET", keys.listed),
    "/key/block": ("POST", keys.block),
    "/key/unblock": ("POST", keys.unblock),
    "/key/regenerate": ("POST", keys.regenerate),
}
_USERS: dict[str, tuple[Literal["GET", "POST"], Act]] = {
    "/user/new": ("POST", people.user_new),
    "/user/update": ("POST", people.user_update),
    "/user/delete": ("POST", people.user_delete),
    "/user/info": ("GET", people.user_info),
    "/user/list": ("GET", people.user_list),
}
_TEAMS: dict[str, tuple[Literal["GET", "POST"], Act]] = {
    "/team/new": ("POST", teams.new),
    "/team/update": ("POST", teams.update),
    "/team/delete": ("POST", teams.delete),
    "/team/info": ("GET", teams.info),
    "/team/list": ("GET", teams.listed),
    "/team/block": ("POST", teams.block),
    "/team/unblock": ("POST", teams.unblock),
    "/team/member_add": ("POST", teams.member_add),
    "/team/member_delete": ("POST", teams.member_delete),
}
_ENDS: dict[str, tuple[Literal["GET", "POST"], Act]] = {
    "/new": ("POST", people.end_new),
    "/update": ("POST", people.end_update),
    "/delete": ("POST", people.end_delete),
    "/info": ("GET", people.end_info),
    "/list": ("GET", people.end_list),
    "/block": ("POST", people.end_block),
    "/unblock": ("POST", people.end_unblock),
}

ACTS: dict[str, tuple[Literal["GET", "POST"], Act]] = {
    **_KEYS,
    **_USERS,
    **_TEAMS,
    **{f"{room}{path}": act for room in ("/customer", "/end_user") for path, act in _ENDS.items()},
}

AT_ONCE: frozenset[Act] = frozenset({keys.generate, people.user_new, teams.new})
"""What is answered at once: a worker that does not know a key yet looks again before it refuses it."""

REGENERATE = "/regenerate"
"""`/key/{key}/regenerate` names the key in its path."""
