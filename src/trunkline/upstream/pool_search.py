"""A server of which nobody said where it is: the first of a few origins that takes a connection is asked.

Where it was found is remembered, and asked first from then on; when it takes no connection there any more, it is looked
for again. Nothing is looked for before a request wants it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.errors import ProviderUnreachable
from trunkline.upstream.pool_origin import split_url

if TYPE_CHECKING:
    from trunkline.upstream.pool import Answer, Outgoing, Pool

_PATIENCE = 3.0
"""Seconds that each origin has to take a connection: they are this machine and its neighbours."""


async def sought(pool: Pool, outgoing: Outgoing, found: dict[str, str]) -> Answer:
    """The answer of the first origin that takes the request. `found`: its own origin → where it was last.

    Raises `ProviderUnreachable` when none does, which names them all. It was sent to at most one of them: another is
    tried only where no connection was made.
    """
    own, target = split_url(outgoing.url)
    known = found.get(own, own)
    said: list[str] = []
    for origin in dict.fromkeys((known, own, *outgoing.elsewhere)):
        seconds = min(_PATIENCE, outgoing.connect_timeout)
        there = replace(outgoing, url=origin + target, connect_timeout=seconds, elsewhere=())
        try:
            answer = await pool.send(there)
        except ProviderUnreachable as failure:
            if failure.kind != "unreachable":
                raise  # the request itself cannot be sent
            said.append(failure.message)
            continue
        found[own] = origin
        return answer
    found.pop(own, None)
    raise ProviderUnreachable(
        " ".join(said),
        remedy="Nobody said where it is, so these were tried. Start it there, or write its address as `api_base` "
        "(Ollama's may also stand in OLLAMA_API_BASE).",
    )
