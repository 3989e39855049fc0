"""Rows in LiteLLM's shape (`/spend/logs`), a page at a time, and its summary by day.

SQLite writes the JSON itself: ten million rows pass without one Python object each, and money is written digit by
digit. Each page is a question of its own, so that a slow reader holds nothing back. Shape: LiteLLM's `SpendLogs`
(litellm/proxy/_types.py, read 2026-11).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from trunkline.ledger.balances import OF_A_USER
from trunkline.ledger.period import EVER, Period
from trunkline.ledger.read import reading, report
from trunkline.ledger.sqlite import id_from
from trunkline.ledger.sums import DAY
from trunkline.model.here import CACHE, HERE
from trunkline.model.usage import dollars

PAGE = 500
"""Rows of a page: some half a megabyte."""

_MONEY = "json(printf('%d.%09d', {0} / 1000000000, {0} % 1000000000))"
_TIME = "strftime('%Y-%m-%dT%H:%M:%fZ', {0} / 1000.0, 'unixepoch')"

_ROW = f"""
    json_object(
        'request_id', request,
        'call_type', operation,
        'api_key', key,
        'spend', {_MONEY.format("billed_nano")},
        'total_tokens', input + cache_read + cache_write + output,
        'prompt_tokens', input + cache_read + cache_write,
        'completion_tokens', output,
        'startTime', {_TIME.format("started_ms")},
        'endTime', {_TIME.format("ended_ms")},
        'completionStartTime', CASE WHEN first_token_ms > 0
            THEN {_TIME.format("MIN(ended_ms, started_ms + first_token_ms)")} END,
        'request_duration_ms', ended_ms - started_ms,
        'model', model,
        'model_id', deployment,
        'model_group', "group",
        'custom_llm_provider', provider,
        'user', user,
        'end_user', user,
        'team_id', NULL,
        'session_id', session,
        'request_tags', json(tags),
        'cache_hit', CASE WHEN provider = '{HERE}' AND deployment = '{CACHE}' THEN 'True' ELSE 'False' END,
        'status', CASE outcome WHEN 'ok' THEN 'success' ELSE 'failure' END,
        'metadata', json_object(
            'attempt', attempt,
            'estimated', json(CASE WHEN estimated THEN 'true' ELSE 'false' END),
            'priced', json(CASE WHEN priced THEN 'true' ELSE 'false' END),
            'value', {_MONEY.format("value_nano")},
            'asked', asked,
            'outcome', outcome,
            'provider_status', status,
            'stop_reason', stop,
            'cache_read_input_tokens', cache_read,
            'cache_creation_input_tokens', cache_write,
            'reasoning_tokens', reasoning,
            'why', why,
            'error', said
        )
    )
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for. Empty: all; `keys` None: of any key."""

    keys: tuple[str, ...] | None = None
    request: str = ""
    user: str = ""
    """An end user whom requests named, or a user whose keys asked."""
    period: Period = EVER
    newest_first: bool = False


def page(home: Path, wanted: Wanted, after: int | None = None) -> tuple[bytes, int | None]:
    """Up to `PAGE` rows as JSON objects with commas between them, and where the next page begins (None: there is none).

    A call may take as long as it takes to look through the rows of the period: not on the event loop.
    """
    with reading(home) as connection:
        if connection is None:
            return b"", None
        where, values = _where(wanted, after)
        order = "DESC" if wanted.newest_first else "ASC"
        question = f"SELECT id, {_ROW} FROM attempts WHERE {where} ORDER BY id {order} LIMIT {PAGE}"  # noqa: S608
        found = [tuple(row) for row in connection.execute(question, values)]
    return ",".join(text for _, text in found).encode(), found[-1][0] if len(found) == PAGE else None


def _where(wanted: Wanted, after: int | None) -> tuple[str, list[Any]]:
    # A request is found by its attempts' index: the plus keeps SQLite from walking the period's rows instead.
    at = "+id" if wanted.request else "id"
    parts = [f"{at} >= ?", f"{at} < ?"]
    values: list[Any] = [id_from(wanted.period.start), id_from(wanted.period.end)]
    if after is not None:
        parts.append(f"{at} < ?" if wanted.newest_first else f"{at} > ?")
        values.append(after)
    if wanted.request:
        parts.append("attempt >= ? AND attempt < ?")
        values += [f"{wanted.request}-", f"{wanted.request}."]
    if wanted.user:
        parts.append(f"(user = ? OR {OF_A_USER})")
        values += [wanted.user] * 2
    if wanted.keys is not None:
        parts.append(f"key IN ({','.join('?' * len(wanted.keys))})")
        if not {"", "master"} & set(wanted.keys):
            parts.append("key NOT IN ('', 'master')")  # what the index is on
        values += wanted.keys
    return " AND ".join(parts), values


def summary(home: Path, wanted: Wanted) -> list[dict[str, Any]]:
    """LiteLLM's summary by day: `{startTime, spend, <key>: spend, users: {…}, models: {…}}`, days that follow the last
    one with rows filled up to the period's end. The period is of whole days."""
    days: dict[int, dict[str, Any]] = {}
    with reading(home) as connection:
        if connection is not None:
            for day, what, name, nano in _parts(connection, wanted):
                of_day = days.setdefault(day, {"spend": 0, "users": {}, "models": {}})
                if what == "key":
                    of_day["spend"] += nano
                    of_day[name] = of_day.get(name, 0) + nano
                else:
                    of_day[what][name] = of_day[what].get(name, 0) + nano
    if days:
        for day in range(max(days) + 1, wanted.period.end // DAY):
            days[day] = {"spend": 0, "users": {}, "models": {}}
    return [{**_exact(of_day), "startTime": _date(day)} for day, of_day in sorted(days.items())]


def _parts(connection: sqlite3.Connection, wanted: Wanted) -> list[tuple[int, str, str, int]]:
    first, end = wanted.period.days()
    if wanted.keys is None and not wanted.request and not wanted.user:
        return connection.execute(
            "WITH d AS (SELECT * FROM days WHERE day >= ? AND day < ?) "
            "SELECT day, 'key', key, SUM(billed_nano) FROM d GROUP BY 1, 3 UNION ALL "
            "SELECT day, 'models', model, SUM(billed_nano) FROM d GROUP BY 1, 3 UNION ALL "
            "SELECT day, 'users', user, billed_nano FROM day_users WHERE day >= ? AND day < ?",
            (first, end) * 2,
        ).fetchall()
    where, values = _where(wanted, None)
    parts = [
        f"SELECT started_ms / {DAY}, '{what}', {column}, SUM(billed_nano) FROM attempts WHERE {where} GROUP BY 1, 3"  # noqa: S608
        for what, column in (("key", "key"), ("models", "model"), ("users", "user"))
    ]
    return connection.execute(" UNION ALL ".join(parts), values * 3).fetchall()


def models_of_keys(home: Path, period: Period) -> list[dict[str, Any]]:
    """What each key spent on each model, over whole days, dearest first."""
    first, end = period.days()
    with reading(home) as connection:
        if connection is None:
            return []
        found = connection.execute(
            "SELECT key, model, SUM(billed_nano) AS billed_nano, SUM(input) AS input, SUM(cache_read) AS cache_read, "
            "SUM(cache_write) AS cache_write, SUM(output) AS output FROM days WHERE day >= ? AND day < ? "
            "GROUP BY key, model ORDER BY SUM(billed_nano) DESC, key, model",
            (first, end),
        )
        return [dict(row) for row in found]


def tags(home: Path, period: Period) -> list[dict[str, Any]]:
    """`/spend/tags`: `{individual_request_tag, log_count, total_spend}`, dearest first."""
    return [
        {"individual_request_tag": row["tag"], "log_count": row["attempts"], "total_spend": exact(row["billed_nano"])}
        for row in report(home, "tag", period).rows
        if row["tag"]
    ]


def exact(nano: int) -> msgspec.Raw:
    """Nano-dollars as a JSON number of dollars: all digits, and none that was not there."""
    return msgspec.Raw(dollars(nano).encode())


def _exact(sums: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _exact(of) if isinstance(of, dict) else exact(of) for name, of in sums.items()}


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY / 1000, UTC).date().isoformat()
