"""Keeps a session at the deployment whose prompt cache is warm for it, as long as cache reads are seen there.

A session is what the client calls one, else whoever begins with the same words. Only a group with a choice asks. A
session that the client names is at home where it was answered first; one that is guessed, where a cache was seen.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import msgspec

from trunkline.errors import StoreDown
from trunkline.route.plan import Candidate, Plan
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Home
from trunkline.upstream.engine import Engine
from trunkline.wire.body import Body

_raws = msgspec.json.Decoder(list[msgspec.Raw])
_TURNS = ("messages", "input", "contents")
_ABOVE = ("system", "instructions", "systemInstruction", "system_instruction")
_CACHED = 4096
"""Tokens of a prompt below which no provider need have cached it: its being cold says nothing (Anthropic's largest
minimum, platform.claude.com/docs/en/build-with-claude/prompt-caching, 2026-11)."""
_FIRST = 8
"""Turns that are looked through for the first of the user's."""


def where_warm(engine: Engine, call: Call, made: Plan) -> Plan:
    """The plan, with the deployment where the session is at home first of its group."""
    candidates = made.candidates
    if len(candidates) < 2 or candidates[1].group != candidates[0].group:
        return made
    group = candidates[0].group
    told = call.session or _told(call.body)
    name = told or _opening(call.body)
    if not name:
        return made
    name = f"{group}\0{call.caller.key}\0{name}"
    home = engine.health.home_of(name)
    call.home = Home(name, bool(told), home)
    if not home or home == candidates[0].deployment.id:
        return made
    warm = next((each for each in candidates if each.group == group and each.deployment.id == home), None)
    if warm is None:
        return made
    return replace(made, candidates=(warm, *(each for each in candidates if each is not warm)))


def settle(engine: Engine, call: Call, candidate: Candidate, record: Record) -> None:
    """Notes where the session was answered, if a cache may be warm there. Failover moves it, and it stays there.

    Where its home answers without a cache read, it has none any more: the strategy decides again.
    """
    home = call.home
    if home is None:
        return
    usage, here = record.usage, candidate.deployment.id
    warm = usage.cache_read > 0 or usage.cache_write > 0 or usage.cache_write_1h > 0
    with contextlib.suppress(StoreDown):
        if warm or (home.named and (home.at is None or (home.at and home.at != here))):
            engine.health.settle_in(home.name, here, engine.now())
        elif home.at == here and usage.prompt >= _CACHED:
            engine.health.settle_in(home.name, "", engine.now())


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
