"""What a stream cost, for its last event: exact, and only where it is asked for and known."""

from __future__ import annotations

from trunkline.ledger.price import price_row
from trunkline.model.usage import dollars
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.wire.body import Body
from trunkline.wire.cost import with_cost


def wants(call: Call) -> bool:
    """Whether this client's stream tells its cost: chat's if the client asked for usage, the others' if configured."""
    told = call.snapshot.extras.cost_in_usage
    if told == "off" or not call.streamed:
        return False
    if call.wire != "openai_chat":
        return told == "on"
    options = call.body.get("stream_options") if isinstance(call.body, Body) else None
    return isinstance(options, dict) and options.get("include_usage") is True


def told(block: bytes, record: Record) -> bytes:
    """The block with the cost beside its counts: that of all parts, where a stream was gone on with."""
    usage, call = record.usage, record.call
    if not usage.known or usage.estimated:
        return block
    billed, _, priced = price_row(usage, record.profile.price, record.candidate.deployment.plan)
    before = call.line.billed if call.line is not None else 0
    if not priced or before is None:
        return block
    return with_cost(block, call.wire, dollars(before + billed))
