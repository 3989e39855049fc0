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
    caller, wishes = call.caller, call.wishes
    told: list[object] = [
        call.snapshot.version,
        namespace,
        "" if caching.shared else caller.key,
        caller.provider_key,
        call.operation,
        call.asked,
        call.tail,
        call.query,
        call.streamed,
        [pair for pair in call.headers if pair[0].startswith(_VENDORS) or b"beta" in pair[0]],
    ]
    if wishes is not NO_WISHES:
        # Another list of stand-ins, or another provider, may have another model answer.
        chosen = (wishes.no_fallbacks or None, wishes.provider or None, wishes.pretend or None)
        asks = (wishes.fallbacks, wishes.window, wishes.policy, *chosen)
        if any(each is not None for each in asks):
            told.append(repr(asks))
    ignored = _TOLD_OTHERWISE if call.operation in _ECHOING else _NO_MATTER
    members = [(name, memoryview(raw)) for name, raw in body.members.items() if name not in ignored]
    told.append([(name, raw.nbytes) for name, raw in members])
    digest = hashlib.sha256(repr(told).encode("utf-8", "surrogatepass"))
    for _, raw in members:
        digest.update(raw)
    return digest.hexdigest()


def _keeps_state(body: Body) -> bool:
    """Whether the call goes on from something that its provider keeps, or asks it to keep something."""
    if any(_has(body, name) for name in _KEPT_THERE):
        return True
    return any(name in body.members and bytes(body.members[name]) == b"true" for name in ("store", "background"))


def _has(body: Body, name: str) -> bool:
    return name in body.members and bytes(body.members[name]) not in _NOTHING
