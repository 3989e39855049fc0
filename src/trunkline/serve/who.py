"""Who makes a request, by what its headers hold and what the roster knows."""

from __future__ import annotations

from trunkline.errors import KeyMissing, NotAllowed
from trunkline.guard.keys import Caller, identify
from trunkline.serve.desk import Desk
from trunkline.serve.request import Request


async def who(desk: Desk, request: Request) -> Caller:
    """The caller. Raises `KeyMissing` or `NotAllowed`; but before, it is read again what another worker changed."""
    try:
        return _caller(desk, request)
    except (KeyMissing, NotAllowed):
        if not await desk.roster.refreshed():
            raise
    return _caller(desk, request)


def _caller(desk: Desk, request: Request) -> Caller:
    return identify(request.snapshot, request.table, request.repeated, desk.roster.ring.find, desk.engine.now())


def must_administer(caller: Caller, what: str) -> None:
    """Raises `NotAllowed` for a virtual key."""
    if caller.grant is not None:
        raise NotAllowed(f"Only the master key {what}.", remedy="Ask whoever gave you the key.", code="not_the_master")
