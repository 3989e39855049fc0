"""What stays on its own wire: a stream passes byte for byte, and a spliced body keeps every byte that is not named."""

from __future__ import annotations

import json

import pytest
from fuzz.passing import MENDING, WATCHES, goes_on
from hypothesis import given
from hypothesis import strategies as st

from tests.property.deviants import SPEAKERS, said
from tests.property.folding import fold
from tests.property.strategies import answers, pieces
from tests.property.talks import talks
from tests.property.test_answers import decoded, streamed
from tests.property.test_broken import mangled
from tests.property.wires import DIALECT, WIRES, always, codec
from trunkline.errors import Failure
from trunkline.model.wires import Wire
from trunkline.wire.body import Body
from trunkline.wire.watch import Watch

ON_EVERY_WIRE = pytest.mark.parametrize("wire", WIRES)


def passed(watch: Watch, stream: list[bytes]) -> bytes:
    return b"".join([*(watch.feed(piece) for piece in stream), watch.end()])


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_a_stream_passes_byte_for_byte_and_tells_what_it_used(wire: Wire, data: st.DataObject) -> None:
    stream = streamed(wire, data.draw(answers(wire)))
    watch = WATCHES[wire]()
    assert passed(watch, data.draw(pieces(stream))) == stream
    assert watch.finished and watch.committed and not watch.failure
    told = fold(decoded(wire, [stream])).usage
    assert (watch.usage.prompt, watch.usage.output) == (told.prompt, told.output)


@pytest.mark.parametrize("speaker", SPEAKERS)
@always
@given(data=st.data())
def test_a_deviant_passes_byte_for_byte(speaker: str, data: st.DataObject) -> None:
    one = data.draw(said(speaker))
    watch = WATCHES[one.wire]()
    forgotten = b"data: [DONE]\n\n" if "nodone" in one.quirks else b""
    assert passed(watch, data.draw(pieces(one.stream))) == one.stream + forgotten
    assert watch.finished and watch.committed and not watch.failure
    if "nousage" not in one.quirks:
        assert (watch.usage.prompt, watch.usage.output) == (one.turn.input, one.turn.output)


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_a_broken_stream_passes_as_it_is_up_to_its_end(wire: Wire, data: st.DataObject) -> None:
    stream = data.draw(mangled(streamed(wire, data.draw(answers(wire)))))
    watch, out, whole = WATCHES[wire](), b"", True
    try:
        for piece in data.draw(pieces(stream)):
            out += watch.feed(piece)
        out += watch.end()
    except Failure:
        whole = False
    assert goes_on(watch, stream, out, whole=whole)
    if not watch.dropped and whole and watch.over:
        assert out == stream or watch.failure is not None


@pytest.mark.parametrize("wire", MENDING)
@always
@given(data=st.data())
def test_what_is_mended_on_the_way_says_the_same(wire: Wire, data: st.DataObject) -> None:
    stream = streamed(wire, data.draw(answers(wire)))
    mended = passed(MENDING[wire](), data.draw(pieces(stream)))
    before, after = fold(decoded(wire, [stream])), fold(decoded(wire, [mended]))
    assert (after.blocks, after.reason, after.sequence) == (before.blocks, before.reason, before.sequence)


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_a_splice_keeps_every_byte_that_is_not_named(wire: Wire, data: st.DataObject) -> None:
    document = json.loads(json.dumps(codec(wire).write(data.draw(talks(wire)), DIALECT).body))
    dense = data.draw(st.booleans())
    raw = json.dumps(
        document,
        indent=data.draw(st.sampled_from([None, 1, "\t"])),
        separators=(",", ":") if dense else None,
        ensure_ascii=data.draw(st.booleans()),
    ).encode(errors="surrogatepass")
    body = Body(raw)
    names = sorted(document)
    put = dict.fromkeys(data.draw(st.sets(st.sampled_from([*names, "made_up"]), max_size=3)), b'{"put":1}')
    drop = data.draw(st.sets(st.sampled_from(names), max_size=2)) - set(put)
    after = Body(body.spliced(put, drop))
    kept = [(name, bytes(value)) for name, value in body.members.items() if name not in {*put, *drop}]
    assert [(name, bytes(value)) for name, value in after.members.items() if name not in put] == kept
    assert all(bytes(after.members[name]) == value for name, value in put.items())
    restored = Body(after.spliced({name: bytes(body.members[name]) for name in put if name in body.members}))
    if not drop and "made_up" not in put:
        assert restored.raw == raw
