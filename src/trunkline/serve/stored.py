"""A response that its provider keeps: read, deleted or cancelled by its id, at the deployment that made it."""

from __future__ import annotations

from trunkline.config.schema import Snapshot
from trunkline.errors import Draining, UnknownResponse
from trunkline.guard.keys import Caller
from trunkline.route.plan import Candidate, Plan
from trunkline.serve.about import session_of, tags_of
from trunkline.serve.calls import query_of
from trunkline.serve.desk import Desk
from trunkline.serve.paths import Target
from trunkline.serve.pump import Pump
from trunkline.serve.request import Receive, Request
from trunkline.upstream.call import Call
from trunkline.upstream.drive import drive
from trunkline.upstream.makers import configured
from trunkline.wire.body import Body

_NOTHING = Body(b"{}")
"""Nothing of these requests stands in a body."""


async def answer_stored(
    desk: Desk, snapshot: Snapshot, request: Request, receive: Receive, pump: Pump, target: Target, caller: Caller
) -> None:
    """Answers what is asked of a stored response. Raises the `Failure` or `Unanswered` that says why not."""
    if desk.draining:
        raise Draining("The gateway is shutting down.", remedy="Send the request again.", retry_after=1)
    engine = desk.engine
    await request.body(receive, snapshot.limits.body)
    made = _planned(snapshot, target.name, engine.makers.of(target.name, caller))
    call = Call(
        id=pump.id,
        snapshot=snapshot,
        operation="stored",
        wire="openai_responses",
        tail=target.tail,
        query=query_of(request),
        headers=request.headers,
        body=_NOTHING,
        asked=made.group,
        streamed=False,
        caller=caller,
        started=engine.now(),
        began=engine.loop.time(),
        estimate=0,
        method=request.method,
        session=session_of(request),
        tags=tags_of(request),
    )
    pump.call = call
    await drive(engine, call, made, pump)


def _planned(snapshot: Snapshot, name: str, home: str | None) -> Plan:
    """The one that made it. Raises `UnknownResponse`."""
    if home is None:
        raise UnknownResponse(
            f"The response {name[:100]!r} was not made here in the last 30 days, or was not to be stored.",
            remedy="Ask the provider that made it.",
        )
    deployment = configured(snapshot, home)
    door = deployment.doors.get("openai_responses") if deployment is not None else None
    if deployment is None or door is None:
        raise UnknownResponse(
            f"The response {name[:100]!r} was made by a deployment that is not configured any more.",
            remedy="Configure that deployment again, or ask its provider.",
        )
    only = Candidate(deployment, door, "openai_responses", "stored", deployment.model, deployment.group)
    return Plan(name, deployment.group, (only,))
