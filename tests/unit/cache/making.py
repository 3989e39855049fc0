"""Calls and answers that the tests of the cache ask about."""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.cache.shelf import Kept
from trunkline.config.caching import EVERYTHING
from trunkline.config.schema import Caching, Snapshot
from trunkline.guard.keys import Caller
from trunkline.model.wires import WIRE_OF, Operation
from trunkline.route.wishes import NO_WISHES, Wishes
from trunkline.upstream.call import Call
from trunkline.wire.body import Body

CACHING = Caching(operations=EVERYTHING)


def call(
    body: Any = None,
    *,
    operation: Operation = "chat",
    streamed: bool = False,
    asked: str = "gpt",
    key: str = "a",
    own: str = "",
    headers: Any = (),
    wishes: Wishes = NO_WISHES,
    version: str = "1",
    query: str = "",
) -> Call:
    """A call; `body` is a mapping, or bytes as they came."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode({"messages": []} if body is None else body)
    return Call(
        id="c",
        snapshot=Snapshot(groups={}, version=version),
        operation=operation,
        wire=WIRE_OF[operation],
        tail="",
        query=query,
        headers=list(headers),
        body=Body(raw),
        asked=asked,
        streamed=streamed,
        caller=Caller(key, provider_key=own),
        started=0.0,
        began=0.0,
        estimate=0,
        wishes=wishes,
    )


def kept(size: int = 10, *, since: float = 0.0, until: float = 100.0) -> Kept:
    """An answer of so many bytes."""
    return Kept([], b"x" * size, streamed=False, group="g", billed=0, model="m", stop="stop", since=since, until=until)
