"""The limits of whoever asks: what an attempt counts on, how long it waits, what is told of them.

Of rpm a request counts once, however often it is tried, as in LiteLLM; tokens and places in flight count per attempt,
as each is one at a provider. All of it is taken in the transaction of the hold, so that no limit is ever passed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from trunkline.errors import OverLimit, StoreDown
from trunkline.guard.grant import Limit
from trunkline.model.wires import FREE
from trunkline.route.plan import Candidate
from trunkline.state.store import Full
from trunkline.state.types import Count
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine, Health

HELD = "|held"
"""Behind a name: the tokens that calls in flight have set aside. They come back, mostly, when those end."""

_SAID = {"flight": "calls at a time", "requests": "requests a minute", "tokens": "tokens a minute"}
_FIELD = {"flight": "max_parallel_requests", "requests": "rpm_limit", "tokens": "tpm_limit"}
_WHO = {"user": "The user", "team": "The team", "end": "The end user"}
_SOON = 1
"""Seconds after which a client may try again where nobody knows how long the calls in flight take."""


def bind(call: Call, health: Health, limits: tuple[Limit, ...]) -> None:
    """Sets the limits that a call counts on."""
    if limits and call.operation not in FREE:
        call.limits = limits
        call.rates = partial(rate_headers, health, call)


def counts(call: Call, candidate: Candidate, tokens: int) -> Iterator[Count]:
    """What an attempt counts on; `tokens` is what it may come to. Raises `OverLimit` where a limit is 0."""
    for limit in _held_to(call, candidate.group):
        if 0 in (limit.rpm, limit.tpm, limit.parallel):
            raise _none(call, limit)
        if limit.parallel is not None:
            yield Count(limit.name, "flight", limit.parallel)
        if limit.rpm is not None and not call.counted:
            yield Count(limit.name, "requests", limit.rpm)
        if limit.tpm is not None:
            yield Count(limit.name, "tokens", limit.tpm, tokens)
            yield Count(limit.name + HELD, "flight", 0, tokens)


def mine(call: Call, full: Full) -> bool:
    """Whether it is a limit of the caller's, which no other deployment helps with."""
    return any(full.count.name == limit.name for limit in call.limits)


def passing(engine: Engine, full: Full) -> bool:
    """Whether only calls in flight stand in the way: then it is waited for them a little."""
    count = full.count
    if count.kind == "flight":
        return True
    if count.kind == "requests":
        return False
    used = engine.health.used((count.name, count.name + HELD))
    settled = max(0, used[count.name][2] - used[count.name + HELD][0])
    return not settled or settled + count.amount <= count.limit


def fits(engine: Engine, full: Full) -> bool:
    """Whether what was in the way is gone, by a look that takes nothing."""
    count = full.count
    flights, _, tokens = engine.health.used((count.name,))[count.name]
    used = flights if count.kind == "flight" else tokens
    return not (used + count.amount > count.limit and (used or count.kind == "flight"))


def refusal(call: Call, engine: Engine, full: Full) -> OverLimit:
    """The failure that says which limit of whom is reached, and when it may fit."""
    count = full.count
    wait = _SOON if count.kind == "flight" or passing(engine, full) else max(1, math.ceil(full.wait))
    what = "are in flight" if count.kind == "flight" else "are used up"
    more = f", and this call may take {count.amount:,}" if count.kind == "tokens" else ""
    return OverLimit(
        f"{_who(call, count.name)} has a limit of {count.limit:,} {_SAID[count.kind]} ({_FIELD[count.kind]}): "
        f"they {what}{more}.",
        remedy=f"Send it again in {wait} s.",
        retry_after=wait,
    )


def rate_headers(health: Health, call: Call) -> list[tuple[bytes, bytes]]:
    """`x-ratelimit-…` of the limits of which the least is left: OpenAI's names, seconds as `12s`."""
    limits = list(_held_to(call, call.asked_group))
    try:
        rates = health.rates([limit.name for limit in limits])
    except StoreDown:
        # The log tells of it; an answer, or the error that says so, goes out all the same.
        return []
    requests = [(max(0, limit.rpm - rates[limit.name].requests), limit) for limit in limits if limit.rpm is not None]
    tokens = [(max(0, limit.tpm - rates[limit.name].tokens), limit) for limit in limits if limit.tpm is not None]
    head: list[tuple[bytes, bytes]] = []
    if requests:
        left, limit = min(requests, key=lambda each: each[0])
        head += _told(b"requests", limit.rpm or 0, left, rates[limit.name].requests_reset)
    if tokens:
        left, limit = min(tokens, key=lambda each: each[0])
        head += _told(b"tokens", limit.tpm or 0, left, rates[limit.name].tokens_reset)
    return head


def _told(what: bytes, limit: int, left: int, reset: float) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-ratelimit-limit-" + what, b"%d" % limit),
        (b"x-ratelimit-remaining-" + what, b"%d" % left),
        (b"x-ratelimit-reset-" + what, b"%ds" % math.ceil(reset)),
    ]


def _held_to(call: Call, group: str) -> Iterator[Limit]:
    for limit in call.limits:
        if not limit.group or limit.group in (group, call.asked):
            yield limit


def _none(call: Call, limit: Limit) -> OverLimit:
    kind = "requests" if limit.rpm == 0 else "tokens" if limit.tpm == 0 else "flight"
    failure = OverLimit(
        f"{_who(call, limit.name)} has a limit of 0 {_SAID[kind]} ({_FIELD[kind]}).",
        remedy="Ask whoever set it.",
    )
    failure.hopeless = True
    return failure


def _who(call: Call, name: str) -> str:
    whole, _, group = name.partition("|group:")
    kind, _, who = whole.partition(":")
    grant = call.caller.grant
    called = grant.called if kind == "key" and grant is not None else f"{_WHO.get(kind, kind)} {who!r}"
    return f"{called}, for the model {group!r}," if group else called
