"""What is fuzzed: every way in, and what must hold of each. An input is two bytes that choose, and a payload.

Anything but a `Failure` is a finding: another exception, events that the grammar refuses, a stream for a client that
its wire's automaton refuses, and bytes that changed though they only pass (`passing`).
"""

from __future__ import annotations

import json
from typing import Any, get_args

from fuzz.passing import BESIDE, cut, relayed
from trunkline.errors import Failure
from trunkline.model import grammar
from trunkline.model.conversation import Conversation, Text, Turn
from trunkline.model.dialect import Dialect, Written
from trunkline.model.events import Event
from trunkline.model.wires import Wire
from trunkline.wire import grammars
from trunkline.wire.codec import Answering, Codec
from trunkline.wire.codecs import codec
from trunkline.wire.restore import Restore

WIRES: tuple[Wire, ...] = get_args(Wire)
KINDS = ("stream", "whole", "request", "relay")
NAMES = [f"{wire} {kind}" for kind in KINDS for wire in WIRES] + list(BESIDE)
"""What the first byte chooses."""

DIALECT = Dialect(provider="fuzz", model="model-1", drop=True)
CODECS: dict[Wire, Codec] = {wire: codec(wire) for wire in WIRES}


def one(data: bytes) -> None:
    """Runs one input. Returns when all is well; raises what was found."""
    if len(data) < 2:
        return
    name, chance, payload = NAMES[data[0] % len(NAMES)], data[1], data[2:]
    if name in BESIDE:
        BESIDE[name](payload, chance)
        return
    wire, kind = WIRES[NAMES.index(name) % len(WIRES)], name.partition(" ")[2]
    other, chance = WIRES[chance % len(WIRES)], chance // len(WIRES)
    if kind == "request":
        _request(wire, other, payload)
    elif kind == "relay":
        relayed(wire, payload, chance)
    else:
        _answer(other, _stream(wire, payload, chance) if kind == "stream" else _whole(wire, payload))


def _answer(client: Wire, events: list[Event]) -> None:
    """What was decoded is written for a client: streamed and whole, with its tools as they are and renamed."""
    if not events:
        return
    asked = Conversation(client, "alias", [Turn("user", [Text("hi")])], streamed=True, usage_asked=True)
    answering = Answering(id="0123456789abcdef", model="alias", created=1795132800, estimate=17, asked=asked)
    renamed = Restore(asked, Written({}, names={"f": "f.ü"}, customs=frozenset({"g"}))).events(events)
    grammar.check(renamed)
    for told in (events, renamed) if renamed != events else (events,):
        encoder = CODECS[client].encoder(answering)
        grammars.check(client, b"".join([encoder.take(event) for event in told]))
        json.loads(CODECS[client].encoder(answering).whole(told))


def _stream(wire: Wire, payload: bytes, chance: int) -> list[Event]:
    """The events of a stream, fed in pieces; none when it failed. Cut or not, it says the same."""
    pieces = cut(payload, chance)
    in_pieces = _decoded(wire, pieces)
    if in_pieces is not None and len(pieces) > 1 and _decoded(wire, [payload]) != in_pieces:
        raise AssertionError("where the stream was cut changed what it says")
    return in_pieces or []


def _decoded(wire: Wire, pieces: list[bytes]) -> list[Event] | None:
    decoder, follower = CODECS[wire].decoder(DIALECT), grammar.Grammar()
    events: list[Event] = []
    try:
        for piece in pieces:
            events += _checked(follower, decoder.feed(piece))
        events += _checked(follower, decoder.end())
    except Failure:
        return None
    if not follower.ended:
        raise AssertionError("the decoder took the stream for whole, and gave no Stop")
    return events


def _whole(wire: Wire, payload: bytes) -> list[Event]:
    follower = grammar.Grammar()
    try:
        events = _checked(follower, CODECS[wire].decoder(DIALECT).whole(payload))
    except Failure:
        return []
    if not follower.ended:
        raise AssertionError("the decoder took the answer for whole, and gave no Stop")
    return events


def _checked(follower: grammar.Grammar, events: list[Event]) -> list[Event]:
    for event in events:
        follower.take(event)
    return events


def _request(client: Wire, provider: Wire, payload: bytes) -> None:
    try:
        body: Any = json.loads(payload)
    except (ValueError, RecursionError):
        return
    if not isinstance(body, dict):
        return
    try:
        talk = CODECS[client].read(body, model="alias", streamed=True)
        json.dumps(CODECS[provider].write(talk, DIALECT).body)
    except Failure:
        return
