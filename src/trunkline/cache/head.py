"""The headers of an answer that is told again: what is about it stays, what was about one call does not. Pure."""

from __future__ import annotations

from trunkline.cache.shelf import Head, Kept
from trunkline.upstream.answer_head import printable
from trunkline.upstream.call import Call

HIT, MISS, JOINED = b"hit", b"miss", b"joined"

_OF_ONE_CALL = frozenset(
    {
        b"x-litellm-call-id",
        b"x-litellm-response-cost",
        b"x-trunkline-ignored",
        b"x-trunkline-fit",
        b"retry-after",
        b"age",
    }
)
_OF_ONE_WAY = frozenset({b"x-trunkline-route", b"x-litellm-attempted-retries", b"x-litellm-attempted-fallbacks"})


def lasting(head: Head) -> Head:
    """What is kept of an answer's headers."""
    return [pair for pair in _others(head) if pair[0] not in _OF_ONE_WAY]


def missed(head: Head) -> Head:
    """The headers of an answer that was not here."""
    return [*head, (b"x-trunkline-cache", MISS)]


def joined(head: Head, call: Call, key: str) -> Head:
    """The headers for a call that was told another's answer as that came."""
    return [*_others(head), *_own(call, key, JOINED)]


def hit(kept: Kept, call: Call, key: str, age: int) -> Head:
    """The headers of a kept answer; `age` in seconds."""
    return [*kept.head, *_own(call, key, HIT), (b"x-trunkline-route", b"cache"), (b"age", b"%d" % age)]


def _others(head: Head) -> Head:
    return [pair for pair in head if pair[0] not in _OF_ONE_CALL and b"ratelimit" not in pair[0]]


def _own(call: Call, key: str, how: bytes) -> Head:
    """LiteLLM's clients take the presence of `x-litellm-cache-key` for a hit, so a miss has none."""
    own = [
        (b"x-litellm-call-id", call.id.encode()),
        (b"x-litellm-response-cost", b"0"),
        (b"x-litellm-cache-key", key.encode()),
        (b"x-trunkline-cache", how),
    ]
    if call.rates is not None:
        own += call.rates()
    if call.caller.ignored:
        own.append((b"x-trunkline-ignored", printable(",".join(call.caller.ignored))))
    return own
