"""What the shared hot state keeps. Plain data, packed with msgpack; no I/O.

A `Hold` is written before a request leaves for a provider; a `Row` replaces it when the attempt ends. Whoever finds
a hold whose writer is dead turns it into a row itself, so that every request that reached a provider has one row.
A `Meter` is what a hold counts on under one name; a `Circuit` is how a deployment or a key does.

Fields are only ever added at the end, with a default: files of older versions keep opening.
"""

from __future__ import annotations

from array import array
from typing import Literal, NamedTuple

import msgspec

Tally = Literal["flight", "requests", "tokens"]
"""What is counted: attempts under way now, attempts begun in the last minute, tokens of the last minute."""

Taken = tuple[bytes, str, int, int]
"""What a hold took of one count, to be given back: the count's key, `f` (flights) or `t` (tokens), how much, and the
bucket of the minute that it went into. Of a budget: the balance's key, `b` (what is billed counts) or `v` (the value at
list price), nano-dollars, and the start of the period."""


class Meter(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What an attempt counts on under one name: a limit of each kind. None: not counted; 0: counted, never refused.
    Requests and tokens are a minute's."""

    name: str
    """What is limited: `d:<deployment>|<model>`, `k:<key>`, ..."""
    flights: int | None = None
    requests: int | None = None
    tokens: int | None = None
    amount: int = 0
    """The tokens that are set aside for the attempt."""


class Count(msgspec.Struct, array_like=True, frozen=True):
    """One limit of a `Meter`, and how much an attempt counts there."""

    name: str
    kind: Tally
    limit: int
    amount: int = 1


class Rates(NamedTuple):
    """What is counted under a name, and in how many seconds the minute's requests and tokens will all have slid out."""

    flights: int
    requests: int
    tokens: int
    held: int
    """Those of the tokens that attempts in flight set aside."""
    requests_reset: float
    tokens_reset: float


Seen = tuple[float, dict[str, "array[int]"]]
"""What a hold's counts came to: when what was counted with it will have slid out (monotonic seconds), and the tallies
(`window`), this attempt among them."""


class Cap(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One budget that an attempt counts on, in the period that holds now. Money is nano-dollars."""

    name: str
    """What is capped: `all`, `key:<id>`, `provider:<name>`, ..."""
    period: str
    """As it was written: `24h`; empty: never begins anew."""
    start: int
    """Unix time at which the period began; 0 for one that never ends."""
    reset: int
    """Unix time at which the next begins; 0: never."""
    limit: int
    amount: int = 0
    """The most that the attempt may cost."""
    counts: Literal["b", "v"] = "b"
    """Whether what is billed counts, or the value at list price."""
    share: int = 0
    """Once so much is spent the attempt makes way for a fallback; 0: never."""
    soft: int = 0
    """When so much is spent it is told, once; 0: never."""
    key: bytes = b""
    """What `balances.balance_of` says of name, period and start, where whoever asks knows it; empty: it is reckoned."""


class Circuit(msgspec.Struct, array_like=True):
    """How a deployment (`d:<id>|<model>`) or a key (`k:<digest>`) does. Times are unix seconds, 0 is never."""

    fails: int = 0
    """Failures in a row."""
    since: float = 0.0
    """When the first of them was."""
    opened: int = 0
    """How often it was opened without a success in between."""
    until: float = 0.0
    """It rests until then."""
    probe: float = 0.0
    """When the one call that tries it out was let through."""
    kind: str = ""
    """The last failure's kind."""
    said: str = ""
    """The last failure's sentence."""


class Hold(msgspec.Struct, array_like=True, gc=False):
    """One attempt that may be under way at a provider. Times are unix seconds; money is nano-dollars."""

    attempt: str
    """Request id and number of the attempt: `…-0`. Unique for ever."""
    request: str
    """`x-litellm-call-id`."""
    started: float
    asked: str
    """The model the client named."""
    group: str
    deployment: str
    provider: str
    model: str
    """The name the provider is told."""
    wire: str
    operation: str
    key: str = ""
    """Who: a hash of the gateway key, `master`, or empty without keys. Never the key."""
    session: str = ""
    user: str = ""
    tags: tuple[str, ...] = ()
    streamed: bool = False
    worst: int = 0
    """The most this attempt may cost."""
    estimate_input: int = 0
    """Tokens, estimated locally: what a dead worker's hold is settled with."""
    taken: tuple[Taken, ...] = ()
    """What is given back when it ends. Filled in by the state."""
    why: str = ""
    """Why this deployment is asked: one phrase."""
    funds: tuple[Taken, ...] = ()
    """What it holds of budgets. Filled in by the state."""


class Progress(msgspec.Struct, array_like=True, gc=False):
    """How far an attempt came, noted now and then while it streams."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


class Row(msgspec.Struct, array_like=True, gc=False):
    """One attempt, ended: a row of the ledger."""

    attempt: str
    request: str
    started: float
    ended: float
    first_token: float
    """Seconds from the start to the first semantic event; 0 when none came."""
    asked: str
    group: str
    deployment: str
    provider: str
    model: str
    """The model that answered, as the provider named it, else the one that was asked of it."""
    wire: str
    operation: str
    status: int
    """HTTP status that the provider gave; 0: none came."""
    outcome: str
    """`ok`, or the code of the failure: `provider_cut`, `client_gone`, `worker_died`, ..."""
    stop: str
    key: str
    session: str
    user: str
    tags: tuple[str, ...]
    streamed: bool
    input: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    billed: int
    """Nano-dollars charged."""
    value: int
    """Nano-dollars at list price: differs from `billed` on flat plans."""
    priced: bool
    """False: the model has no known price, and `billed` is 0 for that reason alone."""
    estimated: bool
    """True: the provider never told the usage; counted upward from what was seen."""
    why: str = ""
    """Why this deployment was asked: one phrase."""
    said: str = ""
    """What went wrong, in the failure's own sentence: without secrets, without words of the prompt, at most 500
    characters. (What is added to a row stands at its end and has a default: older rows may wait in an outbox.)"""
    funds: tuple[Taken, ...] = ()
    """The budgets that it is charged to, as an earlier version wrote them. Empty in a new row."""
    charged: bytes = b""
    """The budgets that it is charged to (`pack.charged`). Filled in by the state."""


def row_of(
    hold: Hold,
    *,
    ended: float,
    status: int,
    outcome: str,
    stop: str = "",
    used: Progress | None = None,
    billed: int = 0,
    value: int = 0,
    priced: bool = True,
    estimated: bool = False,
    said: str = "",
) -> Row:
    """The row of an attempt of which no more is known than its hold and what it `used`."""
    used = used or Progress()
    return Row(
        attempt=hold.attempt,
        request=hold.request,
        started=hold.started,
        ended=ended,
        first_token=0.0,
        asked=hold.asked,
        group=hold.group,
        deployment=hold.deployment,
        provider=hold.provider,
        model=hold.model,
        wire=hold.wire,
        operation=hold.operation,
        status=status,
        outcome=outcome,
        stop=stop,
        key=hold.key,
        session=hold.session,
        user=hold.user,
        tags=hold.tags,
        streamed=hold.streamed,
        input=used.input,
        cache_read=used.cache_read,
        cache_write=used.cache_write,
        output=used.output,
        reasoning=0,
        billed=billed,
        value=value,
        priced=priced,
        estimated=estimated,
        why=hold.why,
        said=said,
    )
