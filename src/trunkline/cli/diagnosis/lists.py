"""Lists of models, which cost nothing: who answers at an address, with which key, and what it has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from trunkline.catalog.rows_zai import CN, INTL
from trunkline.config.schema import Deployment, Door
from trunkline.errors import Failure
from trunkline.model.wires import Wire
from trunkline.upstream.checkup import target
from trunkline.upstream.engine import Transport
from trunkline.upstream.pool import Answer, Outgoing
from trunkline.wire.words import document, words

LIMIT = 10.0
"""Seconds that a list may take."""
_MOST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listing:
    """What came of asking for a list. `status` 0: nobody answered, and `failure` says why."""

    base: str
    status: int = 0
    names: tuple[str, ...] = ()
    listed: bool = False
    """What came is a list of models; it may be empty."""
    code: str = ""
    said: str = ""
    body: bytes = field(default=b"", repr=False)
    failure: Failure | None = None


async def listing(pool: Transport, deployment: Deployment, at: tuple[Wire, Door] | None = None) -> Listing:
    """Asks for the list of models at the door that a deployment prefers, or at another one, with its key."""
    if at is None and deployment.provider.variants:
        at = _where_zai_lists(deployment)
    aim = target(deployment, at)
    base = at[1].base if at else aim.url.rpartition("/models")[0] or aim.url
    answer: Answer | None = None
    try:
        async with asyncio.timeout(LIMIT):
            answer = await pool.send(Outgoing("GET", aim.url, aim.headers, b"", LIMIT, deployment.elsewhere))
            body = b""
            while len(body) < _MOST and (piece := await answer.read()):
                body += piece
    except TimeoutError:
        return Listing(base, said=f"no list came within {LIMIT:g} s")
    except Failure as failure:
        return Listing(base, said=failure.message, failure=failure)
    finally:
        if answer is not None:
            answer.close()
    names = _names(document(body))
    said, code = words(body)
    listed = names is not None and answer.status == 200
    return Listing(base, answer.status, names or (), listed, code, said, body)


def _names(read: dict[str, object]) -> tuple[str, ...] | None:
    """The ids of a list in OpenAI's, Anthropic's, Gemini's or Ollama's shape; None for what is no list."""
    rows = read.get("data", read.get("models"))
    if not isinstance(rows, list):
        return None
    ids = [row.get("id") or row.get("name") or row.get("model") for row in rows if isinstance(row, dict)]
    return tuple(each.removeprefix("models/") for each in ids if isinstance(each, str))


def _where_zai_lists(deployment: Deployment) -> tuple[Wire, Door]:
    """Z.AI lists its models at its chat endpoints (reports of 2026-08), not at Anthropic's format's."""
    wire, door = next(iter(deployment.doors.items()))
    if wire != "anthropic":
        return wire, door
    return "openai_chat", Door(door.base.replace("/api/anthropic", "/api/coding/paas/v4"), "bearer")


def other_region(door: Door) -> tuple[Wire, Door] | None:
    """Where the other of Z.AI's two hosts lists its models; None for a door on neither. No other vendor has two."""
    host = urlsplit(door.base).hostname
    for here, there in ((INTL, CN), (CN, INTL)):
        if host == urlsplit(here).hostname:
            return "openai_chat", Door(f"{there}/api/paas/v4", "bearer")
    return None


def accepted(found: Listing) -> bool:
    """Whether the key was taken there, whatever came of the rest."""
    return found.listed or (400 <= found.status < 500 and found.status not in (401, 403, 404, 405) and bool(found.code))


def other_paths(deployment: Deployment, wire: Wire, door: Door) -> list[Door]:
    """Bases on the same host where it may have been meant: with `/v1`, without, without a doubled one, and where its
    provider has that wire."""
    parts = urlsplit(door.base)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    paths = [path.removesuffix("/v1"), "" if path == "/v1" else f"{path}/v1"]
    while path.endswith("/v1/v1"):
        path = path.removesuffix("/v1")
    paths.append(path)
    own = deployment.provider.suffixes.get(wire)
    ends = deployment.provider.endpoints.get(wire)
    paths.append(own if own is not None else urlsplit(ends.base).path if ends else "/v1")
    paths += ["/v1"]
    bases = [f"{origin}{each}" for each in dict.fromkeys(paths)]
    return [replace(door, base=base) for base in bases if base != door.base]
