"""The pages that administer keys, users, teams and end users: `/key/*`, `/user/*`, `/team/*`, `/customer/*`."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from trunkline.errors import InvalidRequest, NotAllowed
from trunkline.guard.keys import Caller
from trunkline.roster.counter import ACTS, REGENERATE
from trunkline.roster.keys import info
from trunkline.serve.desk import Desk
from trunkline.serve.pump import Pump
from trunkline.serve.request import Receive, Request
from trunkline.serve.who import must_administer, who


async def roster_page(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """Does what the path says. `name` is the path; of `/key/{key}/regenerate` it holds the key, too."""
    caller = await who(desk, request)
    if request.snapshot.master_key is None:
        raise NotAllowed(
            "This gateway has no master key, so it asks nobody for a key and keeps none.",
            remedy="Set LITELLM_MASTER_KEY or `general_settings.master_key`, and send that key.",
            code="no_master_key",
        )
    body = await _body(desk, request, receive)
    if name.endswith(REGENERATE) and name not in ACTS:
        key = name.removeprefix("/key/").removesuffix(REGENERATE)
        if body.setdefault("key", key) != key:
            raise InvalidRequest("The path and `key` name two keys.", param="key", remedy="Send one of them.")
        name = "/key/regenerate"
    _, act = ACTS[name]
    if caller.grant is not None:
        if act is not info:
            must_administer(caller, "administers keys, users and teams")
        await _own(desk, pump, caller, body)
        return
    if act is info and "key" not in body:
        raise InvalidRequest("`key` is missing.", param="key", remedy="The master key itself has no record.")
    await pump.json(await desk.roster.ask(act, body, caller.key))


async def _own(desk: Desk, pump: Pump, caller: Caller, body: dict[str, Any]) -> None:
    """A virtual key looks at itself."""
    asked = body.get("key")
    answer = await desk.roster.ask(info, {"key": asked or caller.key}, caller.key) if _plain(asked) else None
    if answer is None or answer["info"]["id"] != caller.key:
        raise NotAllowed("A key may look at itself only.", remedy="Leave `key` out.", code="not_the_master")
    await pump.json(answer)


def _plain(asked: object) -> bool:
    return asked is None or isinstance(asked, str)


async def _body(desk: Desk, request: Request, receive: Receive) -> dict[str, Any]:
    """What is said: the query of a GET, the JSON object of a POST."""
    if request.method != "POST":
        return dict(parse_qsl(request.query))
    raw = await request.body(receive, request.snapshot.limits.body)
    try:
        body = msgspec.json.decode(raw or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise InvalidRequest("The body is no JSON object.", remedy="Send an object.")
    return body
