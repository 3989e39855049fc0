"""Answers, on every wire and from every wire to every other: what is said arrives, as clients can read it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.clients import READERS, Read, plain
from tests.property.folding import Folded, carried, fold
from tests.property.strategies import ODD_ARGUMENTS, answers, pieces
from tests.property.wires import DIALECT, WIRES, always, answering, codec
from trunkline.errors import ProviderCut
from trunkline.model.events import Event
from trunkline.model.grammar import check
from trunkline.model.wires import Wire
from trunkline.wire import grammars
from trunkline.wire.formats import FORMATS

ON_EVERY_WIRE = pytest.mark.parametrize("wire", WIRES)
FROM_ANY_TO_ANY = pytest.mark.parametrize(
    ("provider", "client"), [(provider, client) for provider in WIRES for client in WIRES]
)


def streamed(wire: Wire, events: Iterable[Event]) -> bytes:
    """What a streaming client gets."""
    encoder = codec(wire).encoder(answering(wire))
    return b"".join(encoder.take(event) for event in events)


def whole(wire: Wire, events: Iterable[Event]) -> bytes:
    """What a client gets that waits for the whole answer."""
    return codec(wire).encoder(answering(wire)).whole(events)


def decoded(wire: Wire, stream: Iterable[bytes]) -> list[Event]:
    """The events of a provider's stream, which the grammar accepts."""
    decoder = codec(wire).decoder(DIALECT)
    events = [event for piece in stream for event in decoder.feed(piece)]
    events += decoder.end()
    check(events)
    return events


def same(wire: Wire, got: Iterable[Event], told: Iterable[Event], *, whole: bool = False) -> None:
    assert carried(wire, fold(got), whole=whole) == carried(wire, fold(told), whole=whole)


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_a_stream_is_read_back_as_it_was_written(wire: Wire, data: st.DataObject) -> None:
    events = data.draw(answers(wire, arguments=ODD_ARGUMENTS))
    stream = streamed(wire, events)
    same(wire, decoded(wire, data.draw(pieces(stream))), events)


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_a_whole_answer_is_read_back_as_it_was_written(wire: Wire, data: st.DataObject) -> None:
    events = data.draw(answers(wire))
    got = codec(wire).decoder(DIALECT).whole(whole(wire, events))
    check(got)
    same(wire, got, events, whole=True)


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_where_bytes_are_cut_changes_nothing(wire: Wire, data: st.DataObject) -> None:
    stream = streamed(wire, data.draw(answers(wire)))
    assert decoded(wire, data.draw(pieces(stream))) == decoded(wire, [stream])


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_every_client_gets_a_stream_of_its_own_grammar(provider: Wire, client: Wire, data: st.DataObject) -> None:
    customs = client in ("openai_chat", "openai_responses")
    events = data.draw(answers(provider, origins=WIRES, arguments=ODD_ARGUMENTS, customs=customs))
    stream = streamed(client, events)
    grammars.check(client, stream)


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_the_official_client_reads_what_any_provider_said(provider: Wire, client: Wire, data: st.DataObject) -> None:
    """There and back: the provider's bytes, its events, the client's bytes, the client's own accumulator."""
    events = data.draw(answers(provider, customs=False))
    read = decoded(provider, data.draw(pieces(streamed(provider, events))))
    stream = streamed(client, read)
    grammars.check(client, stream)
    same_as_told(READERS[client](stream, True), fold(read), client)
    same_as_told(READERS[client](whole(client, read), False), fold(read), client)


def same_as_told(got: Read, told: Folded, client: Wire) -> None:
    """What a client holds is what was said, as far as its wire carries it."""
    meant = carried(client, told)
    assert got.text == meant.texts("text")
    assert [(name, plain(value)) for name, value in got.calls] == [(c.name, plain(c.value)) for c in meant.calls]
    if client not in ("ollama", "gemini"):
        assert got.ids == [call.id for call in meant.calls]
    assert got.thinking == meant.texts("thinking")
    assert (got.input, got.output) == (meant.usage.prompt, meant.usage.output)


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_an_answer_that_breaks_off_ends_in_an_error_of_the_clients_wire(
    provider: Wire, client: Wire, data: st.DataObject
) -> None:
    events = data.draw(answers(provider, origins=WIRES, customs=False))[:-1]
    encoder = codec(client).encoder(answering(client))
    begun = [encoder.take(event) for event in events[: data.draw(st.integers(1, len(events)))]]
    last = next((piece for piece in reversed(begun) if piece), b"")
    form = FORMATS[client]
    cut = ProviderCut("The provider closed the stream.")
    body = form.render(cut, answering(client).id, "2026-11-20T10:00:00Z", cut.code)
    grammars.check(client, b"".join(begun) + form.error_event(body, last))
