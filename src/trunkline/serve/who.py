"""Who makes a request, by what its headers hold and what the roster knows."""

from __future__ import annotations

from trunkline.errors import KeyMissing, NotAllowed
from trunkline.guard.keys import Caller, identify
from trunkline.serve.desk import Desk
from trunkline.serve.paths import Page
from trunkline.serve.request import Request


async def who(desk: Desk, request: Request) -> Caller:
    """The caller. Raises `KeyMissing` or `NotAllowed`; but before, it is read again what another worker changed."""
    try:
        caller = _caller(desk, request)
        # What is taken for a provider's key may be one that another worker has just made.
        if not caller.alone or not await desk.roster.refreshed():
            return caller
    except (KeyMissing, NotAllowed):
        if not await desk.roster.refreshed():
            raise
    return _caller(desk, request)


def _caller(desk: Desk, request: Request) -> Caller:
    return identify(request.snapshot, request.table, request.repeated, desk.roster.ring.find, desk.engine.now())


_FOR_ANYBODY = frozenset({"models", "model", "request", "ollama_tags", "ollama_ps", "ollama_show"})
"""Pages for those who have no key of the gateway: what may be asked, and what became of their own requests."""


def must_be_known(caller: Caller, page: Page) -> None:
    """Raises `KeyMissing` for who has no key of the gateway, where a page is not for anybody."""
    if caller.alone and page not in _FOR_ANYBODY:
        raise KeyMissing(
            "This page takes a key of this gateway.", remedy="Send this gateway's key as `Authorization: Bearer KEY`."
        )


def must_administer(caller: Caller, what: str) -> None:
    """Raises `NotAllowed` for a virtual key."""
    if caller.grant is not None:
        raise NotAllowed(f"Only the master key {what}.", remedy="Ask whoever gave you the key.", code="not_the_master")
