"""Calls that came as words are calls again: of offered tools only, wherever the stream is cut, on both wires."""

from __future__ import annotations

import json

import pytest

from trunkline.catalog.providers import find
from trunkline.model.dialect import Dialect
from trunkline.model.events import ArgumentsDelta, Event, Stop, TextDelta, ToolStart
from trunkline.model.grammar import check
from trunkline.model.wires import Wire
from trunkline.wire.codec import Decoder
from trunkline.wire.codecs import codec

SHAPES = {
    "hermes": '<tool_call>\n{"name": "f", "arguments": {"x": "é"}}\n</tool_call>',
    "coder": "<tool_call>\n<function=f>\n<parameter=x>\né\n</parameter>\n</function>\n</tool_call>",
    "glm": "<tool_call>f\n<arg_key>x</arg_key>\n<arg_value>é</arg_value>\n</tool_call>",
    "deepseek-v3": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n"
        '```json\n{"x":"é"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    ),
    "deepseek-v3.1": (
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{"x":"é"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    ),
}
WIRES: tuple[Wire, ...] = ("openai_chat", "ollama")
ANY_SHAPE = pytest.mark.parametrize("words", SHAPES.values(), ids=SHAPES.keys())
BOTH = pytest.mark.parametrize("wire", WIRES)


def dialect(wire: Wire, *, leaks: bool = True) -> Dialect:
    return Dialect("ollama" if wire == "ollama" else "hosted_vllm", "m", leaks=leaks)


def streamed(wire: Wire, words: str, size: int = 3) -> bytes:
    """Words as a provider's stream, a few characters a chunk."""
    out = b""
    for at in range(0, len(words), size):
        piece = words[at : at + size]
        if wire == "ollama":
            out += json.dumps({"model": "m", "message": {"content": piece}, "done": False}).encode() + b"\n"
        else:
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            told = json.dumps({"id": "c", "choices": [choice]}, ensure_ascii=False)
            out += f"data: {told}\n\n".encode()
    if wire == "ollama":
        return out + b'{"model":"m","message":{"content":""},"done":true,"done_reason":"stop"}\n'
    return out + b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def told(decoder: Decoder, *pieces: bytes) -> tuple[str, list[tuple[str, object]], str]:
    """(the words, the calls, the stop's reason)."""
    events: list[Event] = [event for piece in pieces for event in decoder.feed(piece)] + decoder.end()
    check(events)
    words = ""
    calls: list[tuple[str, str]] = []
    arguments: dict[str, str] = {}
    for event in events:
        match event:
            case TextDelta(text=text):
                words += text
            case ToolStart(id=ident, name=name):
                calls.append((ident, name))
            case ArgumentsDelta(text=text):
                arguments[calls[-1][0]] = arguments.get(calls[-1][0], "") + text
    stop = events[-1]
    assert isinstance(stop, Stop)
    return words, [(name, json.loads(arguments.get(ident, "{}"))) for ident, name in calls], stop.reason


CALLED = [("f", {"x": "é"})]


@BOTH
@ANY_SHAPE
def test_a_call_is_found_wherever_the_stream_is_cut(wire: Wire, words: str) -> None:
    stream = streamed(wire, f"So.\n{words}", 40)
    for cut in range(len(stream)):
        decoder = codec(wire).decoder(dialect(wire), {"f"})
        assert told(decoder, stream[:cut], stream[cut:]) == ("So.\n", CALLED, "tool")


@BOTH
@ANY_SHAPE
@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_call_is_found_byte_by_byte_and_named(wire: Wire, words: str, size: int) -> None:
    stream = streamed(wire, words, size)
    decoder = codec(wire).decoder(dialect(wire), {"f"})
    assert told(decoder, *(stream[at : at + 1] for at in range(len(stream)))) == ("", CALLED, "tool")
    assert getattr(decoder, "repairs", None) == ["leaked_tool_call"]


@BOTH
@ANY_SHAPE
def test_what_was_not_offered_stays_words(wire: Wire, words: str) -> None:
    stream = streamed(wire, words)
    for offered in ({"g"}, set()):
        decoder = codec(wire).decoder(dialect(wire), offered)
        assert told(decoder, stream) == (words, [], "end")
    assert told(codec(wire).decoder(dialect(wire, leaks=False), {"f"}), stream) == (words, [], "end")


@BOTH
@ANY_SHAPE
def test_code_and_quotes_stay_words(wire: Wire, words: str) -> None:
    for said in (f"like `{words}`", f"```\n{words}\n```"):
        assert told(codec(wire).decoder(dialect(wire), {"f"}), streamed(wire, said)) == (said, [], "end")


@BOTH
def test_several_calls_in_one_list_are_all_or_none(wire: Wire) -> None:
    one = "<｜tool▁call▁begin｜>{}<｜tool▁sep｜>{{}}<｜tool▁call▁end｜>"
    two = f"<｜tool▁calls▁begin｜>{one.format('f')}\n{one.format('g')}<｜tool▁calls▁end｜>"
    assert told(codec(wire).decoder(dialect(wire), {"f", "g"}), streamed(wire, two))[1] == [("f", {}), ("g", {})]
    assert told(codec(wire).decoder(dialect(wire), {"f"}), streamed(wire, two)) == (two, [], "end")


@pytest.mark.parametrize(
    "words",
    [
        "<tool_call><function=f><parameter=x>1</function></tool_call>",
        "<tool_call><function=f>loose</function></tool_call>",
        "<｜tool▁calls▁begin｜>x<｜tool▁calls▁end｜>",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>[1]<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "a < b <tool <｜tool▁",
    ],
)
@BOTH
def test_what_does_not_read_as_a_call_stays_words(wire: Wire, words: str) -> None:
    assert told(codec(wire).decoder(dialect(wire), {"f"}), streamed(wire, words, 1)) == (words, [], "end")


def test_who_leaks_is_a_row_of_the_catalog() -> None:
    assert all((row := find(name)) is not None and row.leaks for name in ("zai", "hosted_vllm", "ollama", "lm_studio"))
    assert not any((row := find(name)) is None or row.leaks for name in ("openai", "anthropic", "gemini"))
