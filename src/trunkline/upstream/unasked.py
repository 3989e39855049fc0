"""The row of a call that no provider was asked for: it was answered here, and cost nothing."""

from __future__ import annotations

from trunkline.model.here import HERE
from trunkline.state.types import Hold, Row
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
    row = Row(
        attempt=hold.attempt,
        request=hold.request,
        started=hold.started,
        ended=engine.now(),
        first_token=0.0,
        asked=hold.asked,
        group=hold.group,
        deployment=hold.deployment,
        provider=hold.provider,
        model=hold.model,
        wire=hold.wire,
        operation=hold.operation,
        status=status,
        outcome=outcome,
        stop=stop,
        key=hold.key,
        session=hold.session,
        user=hold.user,
        tags=hold.tags,
        streamed=hold.streamed,
        input=0,
        cache_read=0,
        cache_write=0,
        output=0,
        reasoning=0,
        billed=0,
        value=0,
        priced=True,
        estimated=False,
        why=why,
    )
    engine.books.settle(engine.books.hold(hold), row)
