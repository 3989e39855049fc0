"""Which calls may be told an answer again, and the key that equal ones share: a digest of what decides it. Pure.

The body counts byte for byte, member for member in the order it came, but for members that do not change an answer.
"""

from __future__ import annotations

import hashlib

from trunkline.config.schema import Caching
from trunkline.model.wires import Operation
from trunkline.route.wishes import NO_WISHES
from trunkline.upstream.call import Call
from trunkline.wire.body import Body

_TOLD_OTHERWISE = frozenset({"model", "stream"})
"""Members that are in the key under what they mean: the model that is asked, and whether a stream is."""

_NO_MATTER = _TOLD_OTHERWISE | {
    "user",
    "user_id",
    "request_id",
    "metadata",
    "litellm_metadata",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "keep_alive",
}
"""Members that say who asks, or how long a provider keeps something warm."""

_ECHOING: frozenset[Operation] = frozenset({"responses"})
"""Operations whose answers repeat such members: there they decide what the client reads."""

_VENDORS = (b"anthropic-", b"openai-")
"""Beginnings of headers that may change what an answer is; so may those that have `beta` in their name."""

_KEPT_THERE = ("previous_response_id", "conversation", "container")
"""Members that name something which a provider keeps, and which is not what it was after each answer."""

_NOTHING = (b"null", b"[]", b"false", b"{}")


def key_of(call: Call, caching: Caching, namespace: str) -> str | None:
    """64 hex digits; None for a call whose answer is never told again."""
    body = call.body
    if call.operation not in caching.operations or not isinstance(body, Body) or _keeps_state(body):
        return None
    if call.streamed and not caching.streamed_tools and (_has(body, "tools") or _has(body, "functions")):
        return None
    digest = hashlib.blake2b(digest_size=32)

    def add(*parts: bytes | memoryview) -> None:
        for part in parts:
            digest.update(b"%d:" % memoryview(part).nbytes)
            digest.update(part)

    caller, wishes = call.caller, call.wishes
    whose = "" if caching.shared else caller.key
    told = (call.snapshot.version, namespace, whose, caller.provider_key, call.operation, call.asked, call.query)
    add(*(text.encode("utf-8", "surrogatepass") for text in told), call.tail.encode(), b"%d" % call.streamed)
    if wishes is not NO_WISHES:
        # Another list of stand-ins may have another model answer.
        asks = (wishes.fallbacks, wishes.window, wishes.policy, wishes.no_fallbacks or None)
        if any(each is not None for each in asks):
            add(repr(asks).encode("utf-8", "surrogatepass"))
    for name, value in call.headers:
        if name.startswith(_VENDORS) or b"beta" in name:
            add(name, value)
    ignored = _TOLD_OTHERWISE if call.operation in _ECHOING else _NO_MATTER
    for member, raw in body.members.items():
        if member not in ignored:
            add(member.encode("utf-8", "surrogatepass"), memoryview(raw))
    return digest.hexdigest()


def _keeps_state(body: Body) -> bool:
    """Whether the call goes on from something that its provider keeps, or asks it to keep something."""
    if any(_has(body, name) for name in _KEPT_THERE):
        return True
    return any(name in body.members and bytes(body.members[name]) == b"true" for name in ("store", "background"))


def _has(body: Body, name: str) -> bool:
    return name in body.members and bytes(body.members[name]) not in _NOTHING
