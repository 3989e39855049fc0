"""The limits of whoever asks: what an attempt counts on, how long it waits, what is told of them.

Of rpm a request counts once, however often it is tried, as in LiteLLM; tokens and places in flight count per attempt,
as each is one at a provider. All of it is taken in the transaction of the hold, so that no limit is ever passed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

from trunkline.errors import OverLimit, StoreDown
from trunkline.guard.grant import Limit
from trunkline.model.wires import FREE
from trunkline.route.plan import Candidate
from trunkline.state.store import Full, HoldRef
from trunkline.state.types import Meter
from trunkline.state.window import REQUESTS, TOKENS
from trunkline.upstream import places
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.reserve import reserved

_SAID = {"flight": "calls at a time", "requests": "requests a minute", "tokens": "tokens a minute"}
_FIELD = {"flight": "max_parallel_requests", "requests": "rpm_limit", "tokens": "tpm_limit"}
TYPES = {"flight": "parallel", "requests": "requests", "tokens": "tokens"}
"""What an error calls each kind of limit."""
_WHO = {"user": "The user", "team": "The team", "end": "The end user"}
_SOON = 1
"""Seconds after which a client may try again where nobody knows how long the calls in flight take."""


def bind(call: Call, engine: Engine, limits: tuple[Limit, ...]) -> None:
    """Sets the limits that a call counts on."""
    if limits and call.operation not in FREE:
        call.limits = limits
        call.rates = partial(rate_headers, engine, call)


def counts_of(record: Record) -> Sequence[Meter]:
    """All that an attempt counts on: its deployment's and provider's limits, and the caller's. Raises `OverLimit`."""
    call, candidate, estimate = record.call, record.candidate, record.estimate
    found = places.counts_of(call, candidate, estimate)
    if not call.limits:
        return found
    return (*found, *counts(call, candidate, reserved(call, candidate, record.profile, estimate)))


def taken(call: Call, hold: HoldRef) -> None:
    """Notes what a hold saw: for the headers, and since a request counts once. A further attempt counts on no requests,
    so what the first one saw of those is still told."""
    seen, before = hold.seen, call.seen
    if before is not None and seen is not None:
        seen = seen[0], {**before[1], **seen[1]}
    call.counted, call.seen = True, seen or before


def counts(call: Call, candidate: Candidate, tokens: int) -> list[Meter]:
    """What an attempt counts on; `tokens` is what it may come to. Raises `OverLimit` where a limit is 0."""
    found: list[Meter] = []
    group, asked, again = candidate.group, call.asked, call.counted
    for limit in call.limits:
        if limit.group and limit.group != group and limit.group != asked:
            continue
        rpm, tpm, parallel = limit.rpm, limit.tpm, limit.parallel
        if rpm == 0 or tpm == 0 or parallel == 0:
            raise _none(call, limit)
        if again:
            rpm = None
        if rpm is not None or tpm is not None or parallel is not None:
            found.append(Meter(limit.name, parallel, rpm, tpm, tokens))
    return found


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
    rates = engine.health.rates((count.name,))[count.name]
    # What they set aside comes back, mostly, when they end.
    settled = max(0, rates.tokens - rates.held)
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
    refused = OverLimit(
        f"{_who(call, count.name)} has a limit of {count.limit:,} {_SAID[count.kind]} ({_FIELD[count.kind]}): "
        f"they {what}{more}.",
        remedy=f"Send it again in {wait} s.",
        retry_after=wait,
    )
    refused.limit_type = TYPES[count.kind]
    return refused


def rate_headers(engine: Engine, call: Call) -> list[tuple[bytes, bytes]]:
    """`x-ratelimit-…` of the limits of which the least is left: OpenAI's names, seconds as `12s`.

    What the last hold saw is told, which costs nothing; for a call that was let through nowhere the state is asked.
    """
    if call.seen is None:
        return _asked(engine, call)
    until, tallies = call.seen
    requests: tuple[int, int] | None = None
    tokens: tuple[int, int] | None = None
    for limit in call.limits:
        tally = tallies.get(limit.name)
        if tally is None:
            continue
        if (most := limit.rpm) is not None and (requests is None or most - tally[REQUESTS] < requests[0]):
            requests = (most - tally[REQUESTS], most)
        if (most := limit.tpm) is not None and (tokens is None or most - tally[TOKENS] < tokens[0]):
            tokens = (most - tally[TOKENS], most)
    reset = b"%ds" % math.ceil(max(0.0, until - engine.loop.time()))
    return _told(requests, reset, tokens, reset)


def _asked(engine: Engine, call: Call) -> list[tuple[bytes, bytes]]:
    limits = list(_held_to(call, call.asked_group))
    try:
        rates = engine.health.rates([limit.name for limit in limits])
    except StoreDown:
        # The log tells of it; the error that says so goes out all the same.
        return []
    requests = [(each.rpm - rates[each.name].requests, each.rpm) for each in limits if each.rpm is not None]
    tokens = [(each.tpm - rates[each.name].tokens, each.tpm) for each in limits if each.tpm is not None]
    resets = (
        max((rates[each.name].requests_reset for each in limits if each.rpm is not None), default=0.0),
        max((rates[each.name].tokens_reset for each in limits if each.tpm is not None), default=0.0),
    )
    first, second = (b"%ds" % math.ceil(each) for each in resets)
    return _told(min(requests, default=None), first, min(tokens, default=None), second)


def _told(
    requests: tuple[int, int] | None, requests_reset: bytes, tokens: tuple[int, int] | None, tokens_reset: bytes
) -> list[tuple[bytes, bytes]]:
    """(left, limit) of each, where there is one."""
    head: list[tuple[bytes, bytes]] = []
    if requests is not None:
        left, limit = requests
        head.append((b"x-ratelimit-limit-requests", b"%d" % limit))
        head.append((b"x-ratelimit-remaining-requests", b"%d" % left if left > 0 else b"0"))
        head.append((b"x-ratelimit-reset-requests", requests_reset))
    if tokens is not None:
        left, limit = tokens
        head.append((b"x-ratelimit-limit-tokens", b"%d" % limit))
        head.append((b"x-ratelimit-remaining-tokens", b"%d" % left if left > 0 else b"0"))
        head.append((b"x-ratelimit-reset-tokens", tokens_reset))
    return head


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
