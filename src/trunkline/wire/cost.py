"""What an answer cost, told in the event of a stream that tells its usage: one more member, `cost`, an exact decimal.

OpenRouter has it so in chat's `usage` (openrouter.ai/docs/use-cases/usage-accounting, 2026-11), and LiteLLM where it is
told to (`include_cost_in_streaming_usage`). The other wires get it beside their own counts. All other bytes stay, and a
provider's own `cost` as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.errors import InvalidRequest
from trunkline.model.wires import Wire
from trunkline.wire.body import Body
from trunkline.wire.framing import events
from trunkline.wire.gemini.chunks import elements

_PATH: dict[Wire, tuple[str, ...]] = {
    "anthropic": ("usage",),
    "openai_chat": ("usage",),
    "openai_responses": ("response", "usage"),
    "ollama": (),
    "gemini": ("usageMetadata",),
}
"""Where each wire's last event has its counts."""


def with_cost(block: bytes, wire: Wire, cost: str) -> bytes:
    """Whole events, of which the last that has counts gets the `cost` (dollars). A block without any stays as it is."""
    return _told(block, wire, cost, over=False)


def free(block: bytes, wire: Wire) -> bytes:
    """The same events for who is told them again: what cost something then costs nothing now."""
    return _told(block, wire, "0", over=True) if b'"cost"' in block else block


def _told(block: bytes, wire: Wire, cost: str, *, over: bool) -> bytes:
    pieces = list(_events(block, wire))
    for at in range(len(pieces) - 1, -1, -1):
        raw, data = pieces[at]
        if data and (told := _put(data, _PATH[wire], cost, over=over)) is not data:
            pieces[at] = raw.replace(data, told, 1), told
            return b"".join(raw for raw, _ in pieces)
    return block


def _events(block: bytes, wire: Wire) -> Iterator[tuple[bytes, bytes]]:
    """(an event's bytes, its JSON)."""
    if wire == "ollama":
        yield from ((line, line.strip() if b'"done"' in line else b"") for line in block.splitlines(keepends=True))
    elif wire == "gemini" and (begin := block.lstrip()[:1]) in (b"[", b",", b"{"):
        yield from elements(block, 0 if begin == b"[" else 1)
    else:
        yield from ((raw, data if b"sage" in data else b"") for raw, _, data in events(block))


def _put(raw: bytes, path: tuple[str, ...], cost: str, *, over: bool) -> bytes:
    """`over`: in the place of a cost that is there, and only there."""
    try:
        body = Body(raw)
    except InvalidRequest:
        return raw
    if not path:
        unfit = ("cost" in body.members) is not over or bytes(body.members.get("done", b"")) == b"false"
        return raw if unfit else body.spliced({"cost": cost.encode()})
    inner = bytes(body.members.get(path[0], b""))
    told = _put(inner, path[1:], cost, over=over) if inner[:1] == b"{" else inner
    return raw if told is inner else body.spliced({path[0]: told})
