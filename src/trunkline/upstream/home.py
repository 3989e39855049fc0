"""Keeps a session at the deployment whose prompt cache is warm for it, as long as cache reads are seen there.

A session is what the client calls one, else whoever begins with the same words. Only a group with a choice asks. A
session that the client names is at home where it was answered first; one that is guessed, where a cache was seen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from trunkline.errors import StoreDown
from trunkline.route.plan import Candidate
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.wire.body import Body

_raws = msgspec.json.Decoder(list[msgspec.Raw])
_TURNS = ("messages", "input", "contents")
_ABOVE = ("system", "instructions", "systemInstruction", "system_instruction")
_FIRST = 8
"""Turns that are looked through for the first of the user's."""


def at_home(engine: Engine, call: Call, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates, the one where the session is at home first within its group."""
    if len(candidates) < 2 or candidates[1].group != candidates[0].group:
        return candidates
    name, _ = session_of(call, candidates[0].group)
    home = engine.health.home_of(name) if name else None
    if not home or home == candidates[0].deployment.id:
        return candidates
    group = candidates[0].group
    warm = next((each for each in candidates if each.group == group and each.deployment.id == home), None)
    return candidates if warm is None else [warm, *(each for each in candidates if each is not warm)]


def settle(engine: Engine, call: Call, candidate: Candidate, record: Record) -> None:
    """Notes where the session was answered, if a cache may be warm there. Failover moves it, and it stays there."""
    name, named = call.home
    if not name:
        return
    usage = record.usage
    warm = usage.cache_read > 0 or usage.cache_write > 0 or usage.cache_write_1h > 0
    with contextlib.suppress(StoreDown):
        if warm or (named and engine.health.home_of(name) is None) or (named and call.steps):
            engine.health.settle_in(name, candidate.deployment.id, engine.now())


def session_of(call: Call, group: str) -> tuple[str, bool]:
    """The session's name, with the group that it is a session of, and whether the client named it. Kept in the call."""
    if not call.home[0]:
        told = call.session or _told(call.body)
        name = told or _opening(call.body)
        call.home = (f"{group}\0{call.caller.key}\0{name}", bool(told)) if name else ("", False)
    return call.home


def _told(body: object) -> str:
    if not isinstance(body, Body):
        return ""
    members = body.members
    if "prompt_cache_key" in members and isinstance(key := body.get("prompt_cache_key"), str):
        return key
    if "metadata" in members:
        metadata: Any = body.get("metadata")
        if isinstance(metadata, dict) and isinstance(user := metadata.get("user_id"), str):
            return user
    return ""


def _opening(body: object) -> str:
    """A digest of the system's words and the first turn of the user's: what a cache would have to begin with."""
    if not isinstance(body, Body):
        return ""
    members = body.members
    digest = blake2b(digest_size=12)
    for name in _ABOVE:
        if name in members:
            digest.update(members[name])
    turns = next((members[name] for name in _TURNS if name in members), None)
    if turns is None:
        return ""
    raw = bytes(turns)
    if raw[:1] != b"[":
        digest.update(raw)
        return digest.hexdigest()
    try:
        found = _raws.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    for turn in found[:_FIRST]:
        digest.update(turn)
        if b'"user"' in bytes(turn):
            break
    return digest.hexdigest()
