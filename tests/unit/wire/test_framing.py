"""Streams cut anywhere: only whole events come out, and not one byte is lost or changed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import ProviderGarbage
from trunkline.wire import framing
from trunkline.wire.framing import LineFramer, SseFramer, events

LINE = st.sampled_from([b"data: x", b"event: ping", b": comment", b"data:", b"data: \xc3\xa9", b"id: 7"])
ENDING = st.sampled_from([b"\n", b"\r\n", b"\r"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A stream of events, each in its own line ending, and the events."""
    made = []
    for _ in range(draw(st.integers(0, 6))):
        end = draw(ENDING)
        made.append(b"".join(line + end for line in draw(st.lists(LINE, min_size=1, max_size=3))) + end)
    return b"".join(made), made


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """The pieces of data, cut at these places."""
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[a:b] for a, b in pairwise(places)]


@given(streams(), st.lists(st.integers(0, 500), max_size=20))
def test_events_come_out_whole_wherever_the_bytes_were_cut(stream: tuple[bytes, list[bytes]], at: list[int]) -> None:
    data, made = stream
    framer = SseFramer()
    out = [block for piece in cut(data, at) if (block := framer.push(piece))]
    assert b"".join(out) + framer.rest() == data
    ends = {len(b"".join(made[: n + 1])) for n in range(len(made))}
    done = 0
    for block in out:
        done += len(block)
        # A lone CR may still be followed by the LF of the same line ending: both places are ends of an event.
        assert done in ends or done - 1 in ends


@given(streams())
def test_a_stream_sent_byte_by_byte_holds_back_one_event_at_most(stream: tuple[bytes, list[bytes]]) -> None:
    data, _ = stream
    framer = SseFramer()
    out = b"".join(framer.push(data[n : n + 1]) for n in range(len(data)))
    assert out + framer.rest() == data
    assert [each[2] for each in events(data) if each[2]] == [
        each[2] for each in events(out + data[len(out) :]) if each[2]
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_an_event_comes_out_with_its_last_byte_however_small_the_pieces(end: bytes) -> None:
    event = b"event: a" + end + b"data: 1" + end + end
    framer = SseFramer()
    for _ in range(3):
        out = []
        for n in range(len(event)):
            out += [framer.push(event[n : n + 1]), framer.push(b"")]
        assert [block for block in out[:-2] if block] == []
        assert out[-2] == event
    assert framer.rest() == b""


def test_names_and_data_are_read_in_every_spelling() -> None:
    block = b"event: a\ndata: 1\ndata:2\n\n: note\n\nevent:b\r\ndata: 3\r\n\r\n\xef\xbb\xbfdata: 4\n\n"
    assert [(name, data) for _, name, data in events(block)] == [(b"a", b"1\n2"), (b"", b""), (b"b", b"3"), (b"", b"4")]
    assert b"".join(raw for raw, _, _ in events(block)) == block


@given(st.lists(st.binary(max_size=8), max_size=12))
def test_lines_come_out_whole(pieces: list[bytes]) -> None:
    framer = LineFramer()
    out = [block for piece in pieces if (block := framer.push(piece))]
    assert all(block.endswith(b"\n") for block in out)
    rest = framer.rest()
    assert b"".join(out) + rest == b"".join(pieces)
    assert b"\n" not in rest


@pytest.mark.parametrize("framer", [SseFramer(), LineFramer()])
def test_an_event_without_an_end_is_refused_before_memory_is(
    framer: SseFramer | LineFramer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "MOST", 1000)
    with pytest.raises(ProviderGarbage, match="without ending"):
        for _ in range(20):
            framer.push(b"x" * 100)
