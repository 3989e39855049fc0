"""What became of one request: each attempt and the sums, as plain data. Pure; `told` puts it in words.

Its parts come from three places: the ledger (rows), the hot state's outbox (rows that are not in the ledger yet) and
its holds (attempts that are under way). `docs/configuration.md` shows the JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from trunkline.model.usage import dollars
from trunkline.state.traces import Live, Traces
from trunkline.state.types import Row

State = Literal["under_way", "ended", "abandoned"]
"""`abandoned`: its worker died, and nobody has settled it yet."""


class Tokens(msgspec.Struct, frozen=True):
    """Each token counted once; `reasoning` is a part of `output`."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one deployment. Times in seconds; money in dollars, as exact decimal strings."""

    attempt: str
    state: State
    why: str
    deployment: str
    provider: str
    model: str
    group: str
    wire: str
    outcome: str
    """`ok`, or the failure's code; empty while it is under way."""
    said: str = ""
    status: int = 0
    """The provider's; 0: none came."""
    started: float
    """Unix time."""
    first_token: float | None = None
    """From the start of the request; None: none came."""
    duration: float
    """Until it ended, or until now."""
    stop: str = ""
    tokens: Tokens
    cost: str | None
    """None: the model has no known price, or the attempt has not ended."""
    cost_nano: int | None
    """The same in nano-dollars."""
    list_price: str | None
    """What it would cost without a flat plan."""
    estimated: bool = False

    @property
    def number(self) -> int:
        """0 for the first."""
        digits = self.attempt.rpartition("-")[2]
        return int(digits) if digits.isdecimal() else 0

    @property
    def called(self) -> str:
        """`zai/glm-5.3`, as the route names it."""
        return f"{self.provider}/{self.model}"


class Totals(msgspec.Struct, frozen=True):
    """Of all attempts. `cost` counts what is priced; `unpriced` says that something was not."""

    attempts: int
    duration: float
    tokens: Tokens
    cost: str
    cost_nano: int
    unpriced: bool
    estimated: bool


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A request."""

    id: str
    asked: str
    operation: str
    streamed: bool
    started: str
    """RFC 3339, UTC."""
    key: str
    session: str
    user: str
    tags: list[str]
    state: State
    outcome: str
    route: str
    attempts: list[Attempt]
    totals: Totals
    told: list[str] = []
    """The same in sentences."""


def story(request: str, ledger: Iterable[Mapping[str, Any]], traces: Traces, now: float) -> Story | None:
    """The story of a request, from rows of the ledger and what the hot state has; None where nobody knows it."""
    heads: dict[str, dict[str, Any]] = {}
    attempts: dict[str, Attempt] = {}
    # Later ones win: what has ended is not under way, wherever it was seen so.
    for live in traces.live:
        heads[live.hold.attempt], attempts[live.hold.attempt] = _head(live.hold), _of_live(live, now)
    for row in traces.ended:
        heads[row.attempt], attempts[row.attempt] = _head(row), _of_row(row)
    for told in ledger:
        row = _row(told)
        heads[row.attempt], attempts[row.attempt] = _head(row), _of_row(row)
    if not attempts:
        return None
    listed = sorted(attempts.values(), key=lambda each: each.number)
    state: State = "ended"
    for each in listed:
        state = each.state if each.state != "ended" and state != "under_way" else state
    first = listed[0]
    return Story(
        id=request,
        **heads[first.attempt],
        started=_stamp(first.started),
        state=state,
        outcome=listed[-1].outcome if state == "ended" else "",
        route=" > ".join(
            each.called if each.outcome in ("ok", "") else f"{each.called}:{each.outcome}" for each in listed
        ),
        attempts=listed,
        totals=_totals(listed),
    )


def _stamp(seconds: float) -> str:
    whole, part = divmod(round(seconds * 1000), 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{part:03d}Z"


def _head(record: Any) -> dict[str, Any]:
    fields = ("asked", "operation", "streamed", "key", "session", "user")
    return {**{name: getattr(record, name) for name in fields}, "tags": list(record.tags)}


def _of_row(row: Row) -> Attempt:
    # To the millisecond, as the ledger keeps it: a story does not change when its rows move there.
    began, ended = round(row.started * 1000), round(row.ended * 1000)
    return Attempt(
        attempt=row.attempt,
        state="ended",
        why=row.why,
        deployment=row.deployment,
        provider=row.provider,
        model=row.model,
        group=row.group,
        wire=row.wire,
        outcome=row.outcome,
        said=row.said,
        status=row.status,
        started=began / 1000,
        first_token=round(row.first_token, 3) or None,
        duration=max(0, ended - began) / 1000,
        stop=row.stop,
        tokens=Tokens(row.input, row.cache_read, row.cache_write, row.output, row.reasoning),
        cost=dollars(row.billed) if row.priced else None,
        cost_nano=row.billed if row.priced else None,
        list_price=dollars(row.value) if row.priced else None,
        estimated=row.estimated,
    )


def _of_live(live: Live, now: float) -> Attempt:
    hold, seen = live.hold, live.progress
    tokens = Tokens() if seen is None else Tokens(seen.input, seen.cache_read, seen.cache_write, seen.output)
    return Attempt(
        attempt=hold.attempt,
        state="under_way" if live.alive else "abandoned",
        why=hold.why,
        deployment=hold.deployment,
        provider=hold.provider,
        model=hold.model,
        group=hold.group,
        wire=hold.wire,
        outcome="" if live.alive else "worker_died",
        started=hold.started,
        duration=round(max(0.0, now - hold.started), 3),
        tokens=tokens,
        cost=None,
        cost_nano=None,
        list_price=None,
        estimated=seen is not None,
    )


def _row(told: Mapping[str, Any]) -> Row:
    """A row as the ledger tells it."""
    same = ("attempt", "request", "asked", "group", "deployment", "provider", "model", "wire", "operation", "status")
    more = ("outcome", "stop", "key", "session", "user", "input", "cache_read", "cache_write", "output", "reasoning")
    return Row(
        **{name: told[name] for name in (*same, *more)},
        started=told["started_ms"] / 1000,
        ended=told["ended_ms"] / 1000,
        first_token=told["first_token_ms"] / 1000,
        tags=tuple(msgspec.json.decode(told["tags"] or "[]")),
        streamed=bool(told["streamed"]),
        billed=told["billed_nano"],
        value=told["value_nano"],
        priced=bool(told["priced"]),
        estimated=bool(told["estimated"]),
        # A ledger that no gateway of this version has opened yet lacks these two.
        why=told.get("why", ""),
        said=told.get("said", ""),
    )


def _totals(attempts: list[Attempt]) -> Totals:
    names = Tokens.__struct_fields__
    nano = sum(each.cost_nano or 0 for each in attempts)
    began = min(each.started for each in attempts)
    return Totals(
        attempts=len(attempts),
        duration=round(max(each.started + each.duration for each in attempts) - began, 3),
        tokens=Tokens(*(sum(getattr(each.tokens, name) for each in attempts) for name in names)),
        cost=dollars(nano),
        cost_nano=nano,
        unpriced=any(each.cost is None and each.state == "ended" for each in attempts),
        estimated=any(each.estimated for each in attempts),
    )
