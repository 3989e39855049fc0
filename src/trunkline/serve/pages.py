"""The gateway's own pages: health, lists of models, what Ollama's and Anthropic's clients probe."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from trunkline import __version__
from trunkline.config.schema import Snapshot
from trunkline.errors import CallerFailure, InvalidRequest, KeyMissing, NotAllowed, UnknownModel
from trunkline.route.plan import resolve
from trunkline.serve import model_info as info
from trunkline.serve import models, script, spend
from trunkline.serve.desk import Desk
from trunkline.serve.paths import Page
from trunkline.serve.proof import sign
from trunkline.serve.pump import Pump
from trunkline.serve.reload import reload, running
from trunkline.serve.request import Receive, Request
from trunkline.serve.roster import roster_page
from trunkline.serve.view import may_see, seen
from trunkline.serve.who import must_administer, who
from trunkline.upstream.checkup import endpoints
from trunkline.wire.body import Body

Handler = Callable[[Desk, Request, Receive, Pump, str], Awaitable[None]]

_OLLAMA_VERSION = "0.33.0"
"""The version of Ollama whose API is spoken here (ollama/ollama at fb30760, 2026-08-21): clients compare it."""


async def home(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/`: Ollama's clients and Claude Code ask whether somebody is there; a person who looks gets told who."""
    if b"text/html" in request.table.get(b"accept", b""):
        text = (
            f"<!doctype html><title>Trunkline</title><meta charset=utf-8><h1>Trunkline {__version__}</h1>"
            "<p>One line to every model. This is the address to point a client at: see "
            "<a href=/v1/models>the models</a> and <a href=/health/readiness>its state</a>.</p>"
        )
        await pump.whole(text.encode(), 200, [(b"content-type", b"text/html; charset=utf-8")])
        return
    await pump.whole(b"Ollama is running", 200, [(b"content-type", b"text/plain; charset=utf-8")])


async def hello(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/api/hello`: Claude Code's probe."""
    await pump.json({"message": "hello"})


async def script_page(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/client.js` and `/client.d.ts`: what pages may import. Never older than the gateway."""
    await pump.whole(script.text(name), 200, [(b"content-type", script.FILES[name]), (b"cache-control", b"no-cache")])


async def health(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/health`: alive, at once, without asking any provider.

    Who brings the gateway's key is told what the background checks found, in LiteLLM's shape.
    """
    snapshot = request.snapshot
    body: dict[str, Any] = {"status": "healthy", "timestamp": models.now_text(), "service": "trunkline"}
    if snapshot.health_every is not None and snapshot.master_key is not None:
        with contextlib.suppress(KeyMissing, NotAllowed):
            must_administer(await who(desk, request), "is told how deployments do")
            body |= endpoints(snapshot, desk.circuits(), desk.engine.now())
    await pump.json(body)


async def liveness(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/health/liveliness` in LiteLLM's words."""
    await pump.json("I'm alive!")


async def readiness(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/health/readiness` in LiteLLM's shape, with what runs and since when. 503 while shutting down."""
    body: dict[str, Any] = {
        "status": "draining" if desk.draining else "connected",
        "db": "sqlite",
        "db_configured": record.source if (record := request.snapshot.database_url) else None,
        "cache": None,
        "trunkline_version": __version__,
        "success_callbacks": [],
        "config": await running(desk, request),
    }
    await pump.json(body, 503 if desk.draining else 200)


async def proof(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/health/proof?nonce=…`: shows a launcher of the same user that this is a Trunkline."""
    nonce = parse_qs(request.query).get("nonce", [""])[0]
    port = (request.scope.get("server") or ("", 0))[1] or 0
    answer = sign(desk.secret, nonce, port) if desk.secret else None
    if answer is None:
        raise InvalidRequest("The nonce is none.", param="nonce", remedy="Send 32 to 128 hexadecimal digits.")
    await pump.json({"service": "trunkline", "version": __version__, "proof": answer})


async def _seen(desk: Desk, request: Request) -> Snapshot:
    return seen(request.snapshot, await who(desk, request))


async def model_list(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/v1/models` in the asker's shape."""
    snapshot = await _seen(desk, request)
    if request.family == "anthropic":
        await pump.json(models.anthropic_list(snapshot, request.query))
    elif request.family == "gemini":
        await pump.json(models.gemini_list(snapshot))
    else:
        await pump.json(models.openai_list(snapshot))


async def model_one(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/v1/models/{id}`: ids may hold slashes."""
    caller = await who(desk, request)
    snapshot = seen(request.snapshot, caller)
    group, found = resolve(snapshot, name)
    if not may_see(caller, name, group, found):
        raise UnknownModel(
            f"No model {name[:200]!r} is offered to this key.", remedy="GET /v1/models lists those that are."
        )
    shown = name if name in snapshot.groups or name in snapshot.aliases else group
    if "*" in shown:
        shown = name
    match request.family:
        case "anthropic":
            row = models.anthropic_row(snapshot, shown, name)
        case "gemini":
            row = models.gemini_row(snapshot, shown)
        case _:
            row = {**models.openai_row(snapshot, shown), "id": name}
    await pump.json(row)


async def model_info(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/model/info` in LiteLLM's shape."""
    await pump.json(info.model_info(await _seen(desk, request), request.query))


async def model_info_paged(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/v2/model/info` in LiteLLM's shape."""
    await pump.json(info.paged(await _seen(desk, request), request.query))


async def model_groups(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/model_group/info` in LiteLLM's shape."""
    await pump.json(info.groups(await _seen(desk, request), request.query))


async def ollama_tags(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/api/tags`."""
    snapshot = await _seen(desk, request)
    await pump.json(models.ollama_tags(snapshot))


async def ollama_ps(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/api/ps`: nothing is loaded into this machine's memory by a gateway."""
    await pump.json({"models": []})


async def ollama_version(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/api/version`."""
    await pump.json({"version": _OLLAMA_VERSION})


async def ollama_show(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`POST /api/show`."""
    snapshot = await _seen(desk, request)
    body = Body(await request.body(receive, request.snapshot.limits.body))
    asked = body.text("model") or body.text("name") or ""
    listed = models.names(snapshot)
    for candidate in (asked, asked.removesuffix(":latest")):
        if candidate in listed:
            await pump.json(models.ollama_show(snapshot, candidate))
            return
    if not asked:
        raise InvalidRequest("The request names no model.", param="model", remedy="Send a model.")
    resolve(snapshot, asked)
    raise UnknownModel(f"model '{asked}' not found", remedy="GET /api/tags lists what this gateway offers.")


async def request_page(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/requests/{id}`: every attempt of a request. A caller sees their own; the master key sees all."""
    caller = await who(desk, request)
    found = await asyncio.to_thread(desk.find, name[:200])
    if found is None or not (not request.snapshot.locked or caller.admin or found.key == caller.key):
        raise CallerFailure(
            f"No attempt of a request {name[:80]!r} is known.",
            remedy="Its id is the `x-litellm-call-id` of the answer. A request that was refused before a provider was "
            "asked has no attempt: the log's line of that id says why it was refused.",
            status=404,
            code="request_not_found",
        )
    await pump.json(found)


async def metrics(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """`/metrics`, for Prometheus: all workers' numbers. They tell of all callers, so it takes the master key.

    `?name[]=…` asks for samples of that name alone, as with Prometheus's own libraries.
    """
    snapshot = request.snapshot
    if snapshot.locked and not snapshot.metrics_open:
        must_administer(await who(desk, request), "is told what all callers do")
    text, kind = await desk.board.page(snapshot, request.header(b"accept"), parse_qs(request.query).get("name[]", ()))
    await pump.whole(text, 200, [(b"content-type", kind.encode())])


PAGES: dict[Page, Handler] = {
    "home": home,
    "hello": hello,
    "script": script_page,
    "health": health,
    "liveness": liveness,
    "readiness": readiness,
    "proof": proof,
    "reload": reload,
    "models": model_list,
    "model": model_one,
    "model_info": model_info,
    "model_info_paged": model_info_paged,
    "model_groups": model_groups,
    "ollama_tags": ollama_tags,
    "ollama_ps": ollama_ps,
    "ollama_version": ollama_version,
    "ollama_show": ollama_show,
    "request": request_page,
    "metrics": metrics,
    "roster": roster_page,
    "spend_logs": spend.spend_logs,
    "spend_keys": spend.spend_keys,
    "spend_users": spend.spend_users,
    "spend_tags": spend.spend_tags,
    "global_spend": spend.global_spend,
    "global_report": spend.global_report,
}
