"""Providers that deviate, each in its own way: what they said arrives all the same, whole and in order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.asking import squeezed
from tests.property.clients import READERS
from tests.property.deviants import SPEAKERS, STOPS, Said, said
from tests.property.folding import fold
from tests.property.strategies import pieces
from tests.property.test_answers import decoded, same_as_told, streamed
from tests.property.wires import DIALECT, WIRES, always, codec
from trunkline.model.events import Event
from trunkline.model.grammar import check
from trunkline.model.wires import Wire
from trunkline.wire import grammars

BY_ANYBODY = pytest.mark.parametrize("speaker", SPEAKERS)


@BY_ANYBODY
@always
@given(data=st.data())
def test_what_a_provider_streams_arrives(speaker: str, data: st.DataObject) -> None:
    wire, _ = SPEAKERS[speaker]
    one = data.draw(said(speaker))
    events = decoded(wire, data.draw(pieces(one.stream)))
    arrived(one, events)
    assert decoded(wire, data.draw(pieces(one.stream))) == events


@BY_ANYBODY
@always
@given(data=st.data())
def test_what_a_provider_answers_whole_arrives(speaker: str, data: st.DataObject) -> None:
    wire, _ = SPEAKERS[speaker]
    one = data.draw(said(speaker))
    events = codec(wire).decoder(DIALECT).whole(one.whole)
    check(events)
    arrived(one, events)


@BY_ANYBODY
@pytest.mark.parametrize("client", WIRES)
@always
@given(data=st.data())
def test_every_client_can_follow_a_deviant(speaker: str, client: Wire, data: st.DataObject) -> None:
    wire, _ = SPEAKERS[speaker]
    one = data.draw(said(speaker))
    events = decoded(wire, data.draw(pieces(one.stream)))
    stream = streamed(client, events)
    grammars.check(client, stream)
    if "nousage" not in one.quirks:  # else the client is told an estimate
        same_as_told(READERS[client](stream, True), fold(events), client)


def arrived(one: Said, events: Iterable[Event]) -> None:
    told, turn = fold(events), one.turn
    thought, tagged = "".join(turn.thinking), f"<think>{''.join(turn.thinking)}</think>"
    if "thinktag" in one.quirks and thought:
        # White space around the tags is the template's. Where the field is there, too, the tags are ordinary words.
        got = squeezed(told.texts("thinking") + told.texts("text"))
        assert got in [squeezed(text + turn.said) for text in (thought, tagged, thought + tagged, thought + thought)]
    else:
        assert told.texts("text") == turn.said
        assert told.texts("thinking") in ("", thought)
    assert [(call.name, call.value) for call in told.calls] == [(call.name, call.arguments) for call in turn.calls]
    if "noid" not in one.quirks:
        assert [call.id for call in told.calls] == [call.id for call in turn.calls]
    assert told.reason == ("tool" if turn.calls else STOPS[turn.stop])
    if "nousage" not in one.quirks:
        assert told.usage.output == turn.output
        assert told.usage.prompt == turn.input
