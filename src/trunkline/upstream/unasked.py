"""The row of a call that no provider was asked for: it was answered here, and cost nothing."""

from __future__ import annotations

from trunkline.model.here import HERE
from trunkline.state.types import Hold, row_of
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine


def book(
    engine: Engine,
    call: Call,
    *,
    status: int,
    outcome: str,
    why: str,
    deployment: str = "",
    group: str = "",
    model: str = "",
    stop: str = "",
) -> None:
    """Writes it down: `why` says what was done instead. Raises `StoreDown`."""
    hold = Hold(
        attempt=f"{call.id}-0",
        request=call.id,
        started=call.started,
        asked=call.asked,
        group=group,
        deployment=deployment,
        provider=HERE,
        model=model or call.asked,
        wire=call.wire,
        operation=call.operation,
        key=call.caller.key,
        session=call.session,
        user=call.user,
        tags=call.tags,
        streamed=call.streamed,
        why=why,
    )
    row = row_of(hold, ended=engine.now(), status=status, outcome=outcome, stop=stop)
    engine.books.settle(engine.books.hold(hold), row)
