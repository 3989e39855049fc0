"""`POST /config/reload`, and what readiness tells of the configuration: which runs, since when, what was refused."""

from __future__ import annotations

from typing import Any

from trunkline.errors import CallerFailure, ConfigInvalid, KeyMissing, NotAllowed
from trunkline.serve.desk import Desk
from trunkline.serve.pump import Pump
from trunkline.serve.request import Receive, Request
from trunkline.serve.who import must_administer, who


async def reload(desk: Desk, request: Request, receive: Receive, pump: Pump, name: str) -> None:
    """Reads the configuration anew. When it is answered, every worker runs what was read; else none does."""
    must_administer(await who(desk, request), "has the configuration read anew")
    try:
        changed = await desk.reload()
    except ConfigInvalid as invalid:
        raise CallerFailure(invalid.message, remedy=invalid.remedy, status=422, code="config_refused") from None
    await pump.json({"changed": changed, **_told(desk), "warnings": list(map(str, desk.snapshot.warnings))})


async def running(desk: Desk, request: Request) -> dict[str, Any]:
    """What runs. Why something was refused is told to who may administer the gateway."""
    told = {**_told(desk), "warnings": len(desk.snapshot.warnings)}
    if (refused := desk.refused) is not None:
        error = "What was read last is refused; the log says why, and this page to who sends the gateway's key."
        try:
            must_administer(await who(desk, request), "is told why")
            error = f"{refused.message} {refused.remedy}".strip()
        except (KeyMissing, NotAllowed):
            pass
        told |= {"reload_error": error, "reload_refused": refused.at}
    return told


def _told(desk: Desk) -> dict[str, Any]:
    edition = desk.edition
    file = edition.snapshot.file
    told: dict[str, Any] = {
        "version": edition.snapshot.version,
        "since": edition.since,
        "file": file.name if file is not None else None,
    }
    return {**told, "restart": list(edition.restart)} if edition.restart else told
