"""`/spend/*` and `/global/spend*` in LiteLLM's shapes: what was spent, for who administers the gateway.

The ledger is asked in threads, and rows go out a page at a time: neither the loop nor the memory notices how many there
are. Shapes: litellm/proxy/spend_tracking/spend_management_endpoints.py, read 2026-11.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs

from trunkline.errors import InvalidRequest
from trunkline.ledger import logs
from trunkline.ledger.logs import Wanted, exact
from trunkline.ledger.period import EVER, Period, moment, period
from trunkline.ledger.read import By, report
from trunkline.serve.desk import Desk
from trunkline.serve.pump import Pump
from trunkline.serve.request import Receive, Request
from trunkline.serve.who import must_administer, who

_STREAMED = [(b"content-type", b"application/json")]


async def spend_logs(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/spend/logs`: rows of attempts, oldest first; with `start_date` and `end_date` a summary by day.

    `api_key` (the key, its hash or its id), `request_id` and `user_id` (an end user, or whose keys asked) choose;
    `summarize=false` gives the period's rows, newest first. Both dates belong to the period.
    """
    query = await _admin(desk, request)
    wanted = Wanted(
        keys=_keys(desk, query["api_key"]) if "api_key" in query else None,
        request=query.get("request_id", ""),
        user=query.get("user_id", ""),
    )
    if "start_date" in query and "end_date" in query:
        summarised = query.get("summarize", "true").lower() not in ("false", "0", "no")
        wanted = Wanted(wanted.keys, wanted.request, wanted.user, _dates(query), newest_first=not summarised)
        if summarised:
            await pump.json(await asyncio.to_thread(logs.summary, desk.home, wanted))
            return
    await _rows(desk, wanted, pump)


async def _rows(desk: Desk, wanted: Wanted, pump: Pump) -> None:
    """The first page is read before anything is sent: what goes wrong there is still an answer of its own."""
    text, after = await asyncio.to_thread(logs.page, desk.home, wanted)
    if after is None:
        await pump.whole(b"[%b]" % text, 200, list(_STREAMED))
        return
    pump.opaque = True  # what breaks off from here on must not look whole
    await pump.start(200, [*_STREAMED, (b"x-litellm-call-id", pump.id.encode())])
    await pump.send(b"[" + text)
    while after is not None:
        text, after = await asyncio.to_thread(logs.page, desk.home, wanted, after)
        if text:
            await pump.send(b"," + text)
    await pump.finish(b"]")


async def spend_keys(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/spend/keys`: what each key has spent since the ledger began, dearest first."""
    await _admin(desk, request)
    await pump.json(await _names(desk, "key", "token"))


async def spend_users(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/spend/users`: what each user has spent, dearest first; `user_id` chooses one."""
    query = await _admin(desk, request)
    found = await _names(desk, "user", "user_id")
    await pump.json([each for each in found if each["user_id"] == query.get("user_id", each["user_id"])])


async def spend_tags(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/spend/tags`: `{individual_request_tag, log_count, total_spend}`, dearest first."""
    query = await _admin(desk, request)
    await pump.json(await asyncio.to_thread(logs.tags, desk.home, _dates(query)))


async def global_spend(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/global/spend`: all that was ever spent, and what may be, in each `budget_duration` where there is one."""
    await _admin(desk, request)
    found = await asyncio.to_thread(lambda: report(desk.home, "provider"))
    whole = request.snapshot.allowances.gateway
    await pump.json(
        {
            "spend": exact(found.total["billed_nano"]),
            "max_budget": exact(whole.cap) if whole is not None else None,
            "budget_duration": whole.period or None if whole is not None else None,
        }
    )


async def global_report(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/global/spend/report`: a period's spend by key, user (`group_by=customer`), model or provider, and the models
    of each key."""
    query = await _admin(desk, request)
    grouped: dict[str, By] = {"api_key": "key", "customer": "user", "model": "model", "provider": "provider"}
    by = grouped.get(query.get("group_by", "api_key"))
    if by is None:
        raise InvalidRequest(
            f"The report is not made by {query['group_by'][:40]!r}.",
            param="group_by",
            remedy=f"Use one of {', '.join(grouped)}.",
        )
    meant = _dates(query)
    if meant == EVER:
        meant = period(None, None, "30d", time.time())
    await pump.json(await asyncio.to_thread(_report, desk, by, meant))


def _report(desk: Desk, by: By, meant: Period) -> list[dict[str, Any]]:
    named = {"key": "api_key", "user": "customer"}.get(by, by)
    rows: dict[str, dict[str, Any]] = {
        each[by]: {named: each[by], "total_cost": exact(each["billed_nano"]), **_tokens(each)}
        for each in report(desk.home, by, meant).rows
    }
    if by == "key":
        for one in logs.models_of_keys(desk.home, meant):
            if one["key"] in rows:
                details = rows[one["key"]].setdefault("model_details", [])
                details.append({"model": one["model"], "total_cost": exact(one["billed_nano"]), **_tokens(one)})
    return list(rows.values())


async def _names(desk: Desk, by: By, named: str) -> list[dict[str, Any]]:
    found = await asyncio.to_thread(report, desk.home, by)
    return [
        {
            named: each[by],
            "spend": exact(each["billed_nano"]),
            "value": exact(each["value_nano"]),
            "estimated_spend": exact(each["estimated_nano"]),
            "api_requests": each["attempts"],
            **_tokens(each),
        }
        for each in found.rows
    ]


def _tokens(sums: dict[str, Any]) -> dict[str, int]:
    return {
        "total_input_tokens": sums["input"] + sums["cache_read"] + sums["cache_write"],
        "total_output_tokens": sums["output"],
    }


async def _admin(desk: Desk, request: Request) -> dict[str, str]:
    """The query, for who may administer the gateway. Raises `NotAllowed` for everybody else."""
    must_administer(await who(desk, request), "is told what others spent")
    return {name: values[-1] for name, values in parse_qs(request.query).items()}


def _dates(query: dict[str, str]) -> Period:
    """Whole days from `start_date` to `end_date`, both included; one that is missing bounds nothing."""
    start, end = query.get("start_date"), query.get("end_date")
    made = Period(moment(start) if start else EVER.start, moment(end, end=True) if end else EVER.end)
    if made.start >= made.end:
        raise InvalidRequest("`end_date` comes before `start_date`.", param="end_date", remedy="Change the two.")
    return made


def _keys(desk: Desk, asked: str) -> tuple[str, ...]:
    """What the ledger may call that key: it is given as it is, as a hash, or by its id."""
    master = desk.snapshot.master_key
    if master is not None and asked == master.value:
        return ("master",)
    own = () if asked.startswith("sk-") else (asked,)
    return (*own, *desk.key_ids(asked))
