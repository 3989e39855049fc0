"""What is fuzzed: fifteen ways in, and what must hold of each. An input is two bytes that choose, and a payload.

Anything but a `Failure` is a finding: another exception, events that the grammar refuses, and a stream for a client
that its wire's automaton refuses.
"""

from __future__ import annotations

import json
from typing import Any, get_args

from trunkline.errors import Failure
from trunkline.model.conversation import Conversation, Text, Turn
from trunkline.model.dialect import Dialect
from trunkline.model.events import Event
from trunkline.model.grammar import Grammar
from trunkline.model.wires import Wire
from trunkline.wire import grammars
from trunkline.wire.codec import Answering, Codec
from trunkline.wire.codecs import codec

WIRES: tuple[Wire, ...] = get_args(Wire)
KINDS = ("stream", "whole", "request")
NAMES = [f"{wire} {kind}" for kind in KINDS for wire in WIRES]
"""What the first byte chooses."""

DIALECT = Dialect(provider="fuzz", model="model-1", drop=True)
CODECS: dict[Wire, Codec] = {wire: codec(wire) for wire in WIRES}


def one(data: bytes) -> None:
    """Runs one input. Returns when all is well; raises what was found."""
    if len(data) < 2:
        return
    name, other, payload = NAMES[data[0] % len(NAMES)], WIRES[data[1] % len(WIRES)], data[2:]
    wire, kind = WIRES[NAMES.index(name) % len(WIRES)], name.partition(" ")[2]
    if kind == "request":
        _request(wire, other, payload)
        return
    events = _stream(wire, payload) if kind == "stream" else _whole(wire, payload)
    if events:
        asked = Conversation(other, "alias", [Turn("user", [Text("hi")])], streamed=True, usage_asked=True)
        answering = Answering(id="0123456789abcdef", model="alias", created=1795132800, estimate=17, asked=asked)
        encoder = CODECS[other].encoder(answering)
        grammars.check(other, b"".join([encoder.take(event) for event in events]))
        json.loads(CODECS[other].encoder(answering).whole(events))


def _stream(wire: Wire, payload: bytes) -> list[Event]:
    """The events of a stream, fed in three pieces; none when it failed."""
    decoder, grammar = CODECS[wire].decoder(DIALECT), Grammar()
    events: list[Event] = []
    third = len(payload) // 3
    try:
        for piece in (payload[:third], payload[third : 2 * third + 1], payload[2 * third + 1 :]):
            events += _checked(grammar, decoder.feed(piece))
        events += _checked(grammar, decoder.end())
    except Failure:
        return []
    if not grammar.ended:
        raise AssertionError("the decoder took the stream for whole, and gave no Stop")
    return events


def _whole(wire: Wire, payload: bytes) -> list[Event]:
    grammar = Grammar()
    try:
        events = _checked(grammar, CODECS[wire].decoder(DIALECT).whole(payload))
    except Failure:
        return []
    if not grammar.ended:
        raise AssertionError("the decoder took the answer for whole, and gave no Stop")
    return events


def _checked(grammar: Grammar, events: list[Event]) -> list[Event]:
    for event in events:
        grammar.take(event)
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
