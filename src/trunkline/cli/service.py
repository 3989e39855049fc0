"""The doctor's look at a running gateway: is it there, is it healthy, does one call go through and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from trunkline.cli.ask import Answer, NoAnswer, ask, bearer
from trunkline.cli.findings import Finding
from trunkline.cli.gateway import KEY_NAMES, Gateway, models, standing
from trunkline.cli.tiers import NO_CHAT, choose
from trunkline.errors import ConfigInvalid
from trunkline.model.usage import NANO

SAY = "Reply with the one word: ok"
ROUND_TRIP_WITHIN = 120.0


def presence(gateway: Gateway, environ: Mapping[str, str], *, needed: bool) -> tuple[Finding, bool]:
    """What listens at its address, and whether to look further. `needed`: nothing there is a failure."""
    found = standing(gateway.url, environ, timeout=5.0)
    if found == "silent" and (taken := _taken(gateway.url)):
        return taken, False
    if found == "silent":
        seen = f"Nothing answers at {gateway.url}" + ("." if needed else ": the port is free.")
        start, code = "Start it: `trunkline serve`.", "service.down" if needed else ""
        return Finding("service", "fail" if needed else "note", seen, start, code), False
    if found == "stranger":
        remedy = "End that program, or serve elsewhere: `trunkline serve --port 4100`."
        return Finding("service", "fail", f"Another program answers at {gateway.url}.", remedy, "port.taken"), False
    if found == "claims":
        seen = f"Trunkline answers at {gateway.url}, without proof that it is this user's."
        remedy = f"In a container that is as it should be; agents then take it with `--url {gateway.url}`."
        return Finding("service", "note", seen, remedy), True
    return Finding("service", "ok", f"Trunkline runs at {gateway.url}."), True


def _taken(url: str) -> Finding | None:
    """Something listens there and does not speak HTTP; None where nothing does."""
    import socket

    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=2.0).close()
    except OSError:
        return None
    remedy = f"See which it is (`lsof -i :{parts.port}`) and end it, or serve elsewhere: `trunkline serve --port 4100`."
    seen = f"Another program, which does not speak HTTP, has the port of {url}."
    return Finding("service", "fail", seen, remedy, "port.taken")


def health(gateway: Gateway) -> Iterator[Finding]:
    """`/health` and `/health/readiness`."""
    for path in ("/health", "/health/readiness"):
        try:
            answer = ask(gateway.url + path, headers=bearer(gateway.key))
        except NoAnswer as silent:
            yield Finding("health", "fail", f"{path}: {silent}.", "Look at its log.", "service.ill")
            continue
        said = answer.json
        if answer.status == 200 and isinstance(said, dict):
            yield Finding("health", "ok", f"{path} answers 200, {said.get('status', 'without a status')}.")
        else:
            remedy = _sentence(answer) or "Look at its log."
            yield Finding("health", "fail", f"{path} answers {answer.status}.", remedy, "service.ill")


def round_trip(gateway: Gateway, model: str | None) -> Finding:
    """One real call, by the cheapest model that is offered or by the one that was asked for."""
    try:
        asked = model or cheapest(gateway)
    except ConfigInvalid as failure:
        return Finding("round trip", "fail", failure.message, failure.remedy, "round_trip.failed")
    if asked is None:
        return Finding(
            "round trip",
            "warn",
            "No model is offered that chats.",
            "Put one into the configuration.",
            "round_trip.none",
        )
    try:
        answer = _call(gateway, asked)
    except NoAnswer as silent:
        return Finding("round trip", "fail", f"{asked}: {silent}.", "Look at the gateway's log.", "round_trip.failed")
    if answer.status == 200:
        cost = answer.headers.get("x-litellm-response-cost", "")
        route = answer.headers.get("x-trunkline-route", "")
        tail = "".join(f", {name} {value}" for name, value in (("by", route), ("cost $", cost)) if value)
        return Finding("round trip", "ok", f"{asked} answered{tail}.", cost=_nano(cost))
    hint = answer.headers.get("x-trunkline-hint", "") or "The gateway's log has one line on this call."
    seen = f"{asked}: HTTP {answer.status}. {_sentence(answer)}".strip()
    return Finding("round trip", "fail", seen, hint, "round_trip.failed")


def _nano(cost: str) -> int:
    """What a gateway says that a call cost, nano-dollars; 0 where it says nothing that can be read."""
    try:
        return int(Decimal(cost) * NANO)
    except (InvalidOperation, ValueError, OverflowError):
        return 0


def cheapest(gateway: Gateway) -> str | None:
    """The offered chat model with the lowest known price; without prices the small one of the best family."""
    offered = [name for name in models(gateway) if "*" not in name and not NO_CHAT.search(name)]
    real = [name for name in offered if not name.startswith("demo/")]
    if not real:
        return offered[0] if offered else None
    priced = {name: cost for name, cost in _costs(gateway).items() if name in real}
    return min(priced, key=lambda name: (priced[name], name)) if priced else choose(real).haiku


def _costs(gateway: Gateway) -> dict[str, float]:
    """Model → dollars per token in and out, as `/model/info` tells them; what has no price is left out."""
    try:
        answer = ask(f"{gateway.url}/model/info", headers=bearer(gateway.key))
    except NoAnswer:
        return {}
    rows = answer.json.get("data") if isinstance(answer.json, dict) else None
    costs: dict[str, float] = {}
    for row in rows if isinstance(rows, list) else []:
        info = row.get("model_info") if isinstance(row, dict) else None
        if not isinstance(info, dict):
            continue
        sides = (info.get("input_cost_per_token"), info.get("output_cost_per_token"))
        known = [float(side) for side in sides if isinstance(side, int | float)]
        if len(known) == 2:
            costs[str(row.get("model_name"))] = sum(known)
    return costs


def _call(gateway: Gateway, model: str) -> Answer:
    """A chat completion; where the model's provider speaks another format, the same in that one."""
    said: dict[str, Any] = {"model": model, "max_tokens": 16, "messages": [{"role": "user", "content": SAY}]}
    answer = None
    for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses"):
        body = said if path != "/v1/responses" else {"model": model, "input": SAY, "max_output_tokens": 16}
        answer = ask(gateway.url + path, headers=bearer(gateway.key), body=body, timeout=ROUND_TRIP_WITHIN)
        if _code(answer) != "wire_not_offered":
            break
    assert answer is not None
    return answer


def _error(answer: Answer) -> dict[str, Any]:
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    return error if isinstance(error, dict) else {}


def _code(answer: Answer) -> str:
    return str(_error(answer).get("code", ""))


def _sentence(answer: Answer) -> str:
    message = str(_error(answer).get("message", ""))[:400]
    if answer.status == 401 and _code(answer) == "invalid_api_key" and not message:
        return f"It wants a key: {' or '.join(KEY_NAMES)}."
    return message
