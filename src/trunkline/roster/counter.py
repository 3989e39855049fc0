"""What can be asked of the office: path and method → what is done. Data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from trunkline.roster import keys, people, teams
from trunkline.roster.office import Office

Act = Callable[[Office, Mapping[str, Any], str], Any]

_ENDS: Mapping[str, Act] = {
    "new": people.end_new,
    "update": people.end_update,
    "delete": people.end_delete,
    "info": people.end_info,
    "list": people.end_list,
    "block": people.end_block,
    "unblock": people.end_unblock,
}
_ROOMS: Mapping[str, Mapping[str, Act]] = {
    "key": {
        "generate": keys.generate,
        "update": keys.update,
        "delete": keys.delete,
        "info": keys.info,
        "list": keys.listed,
        "block": keys.block,
        "unblock": keys.unblock,
        "regenerate": keys.regenerate,
    },
    "user": {
        "new": people.user_new,
        "update": people.user_update,
        "delete": people.user_delete,
        "info": people.user_info,
        "list": people.user_list,
    },
    "team": {
        "new": teams.new,
        "update": teams.update,
        "delete": teams.delete,
        "info": teams.info,
        "list": teams.listed,
        "block": teams.block,
        "unblock": teams.unblock,
        "member_add": teams.member_add,
        "member_update": teams.member_update,
        "member_delete": teams.member_delete,
    },
    "customer": _ENDS,
    "end_user": _ENDS,
}

ACTS: dict[str, tuple[Literal["GET", "POST"], Act]] = {
    f"/{room}/{name}": ("GET" if name in ("info", "list") else "POST", act)
    for room, acts in _ROOMS.items()
    for name, act in acts.items()
}

AT_ONCE: frozenset[Act] = frozenset({keys.generate, people.user_new, teams.new})
"""What is answered at once: a worker that does not know a key yet looks again before it refuses it."""

REGENERATE = "/regenerate"
"""`/key/{key}/regenerate` names the key in its path."""
