"""Z.AI's own rule of place: its path says which pot is charged. Pure: no I/O.

A base that a person wrote is kept for the wire that it serves, whatever the plan says. The other wires are placed
beside it, on the same host and in the same pot: next to `/api/anthropic` or `/api/coding/...`, which are the Coding
Plan's, chat is the plan's chat endpoint. `plan: payg` has no Anthropic endpoint of its own. A path that is none of
Z.AI's serves what its words say (`anthropic`, else chat) and nothing is guessed beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from trunkline.catalog.provider import Endpoint, Plan, Provider, Region
from trunkline.model.wires import Wire

_DOORS: tuple[tuple[str, Wire, Plan], ...] = (
    ("/api/coding/paas/v4", "openai_chat", "coding"),
    ("/api/paas/v4", "openai_chat", ""),
    ("/api/anthropic", "anthropic", "coding"),
    ("/api/v1", "openai_responses", "coding"),
)
"""Path, the wire spoken there, and the plan that it belongs to."""


def beside_zai(provider: Provider, plan: Plan, region: Region, origin: str, path: str) -> Mapping[Wire, Endpoint]:
    """Wire → endpoint for a Z.AI base that has a path; the one that was written comes first."""
    path = path.removesuffix("/v1") if path.endswith("/anthropic/v1") else path
    for door, wire, of_plan in _DOORS:
        if path.endswith(door):
            root = origin + path.removesuffix(door)
            table = provider.variants[plan or of_plan, region]
            beside = {other: Endpoint(root + urlsplit(end.base).path, end.auth) for other, end in table.items()}
            return {wire: Endpoint(origin + path)} | {other: end for other, end in beside.items() if other != wire}
    return {"anthropic" if "/anthropic" in path else "openai_chat": Endpoint(origin + path)}


def region_of(api_base: str) -> Region | None:
    """`cn` for a base on bigmodel.cn, `intl` for one on z.ai, None for any other host."""
    host = (urlsplit(api_base if "://" in api_base else f"//{api_base}").hostname or "").lower()
    if host == "bigmodel.cn" or host.endswith(".bigmodel.cn"):
        return "cn"
    return "intl" if host == "z.ai" or host.endswith(".z.ai") else None
