"""What an Ollama provider answers, as events."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderRefused
from trunkline.model.dialect import Dialect
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.grammar import Grammar, check
from trunkline.model.usage import Usage
from trunkline.wire.ollama.codec import CODEC

DIALECT = Dialect("ollama", "qwen3:8b")
WHEN = "2026-11-20T10:00:00.123456789Z"


def line(done: bool = False, message: dict[str, Any] | None = None, **more: Any) -> bytes:
    said = {"role": "assistant", "content": "", **(message or {})}
    return json.dumps({"model": "m-1", "created_at": WHEN, "message": said, "done": done, **more}).encode() + b"\n"


def text(words: str) -> bytes:
    return line(message={"content": words})


def calls(*functions: dict[str, Any], ids: str = "ab") -> bytes:
    made = [{"id": f"call_{name}", "function": one} for name, one in zip(ids, functions, strict=False)]
    return line(message={"tool_calls": made})


ENDS = line(True, done_reason="stop", total_duration=1, prompt_eval_count=26, eval_count=9)
CUT_OFF = line(True, done_reason="length", prompt_eval_count=26, eval_count=9)
USED = Usage(input=26, output=9)
WEATHER = {"index": 0, "name": "w", "arguments": {"city": "Zürich"}}


def decoded(*pieces: bytes, whole: bool = False) -> list[Event]:
    decoder = CODEC.decoder(DIALECT)
    events = [event for piece in pieces for event in decoder.feed(piece)] + decoder.end()
    check(events)
    return events


def test_words_come_as_they_come() -> None:
    assert decoded(text("Hel"), text("lo"), ENDS) == [
        Start(model="m-1"),
        TextStart(),
        TextDelta("Hel"),
        TextDelta("lo"),
        BlockStop(),
        Stop("end", usage=USED),
    ]


def test_bytes_may_be_cut_anywhere() -> None:
    stream = text("Grüezi ✓") + calls(WEATHER) + ENDS
    assert decoded(*(stream[at : at + 1] for at in range(len(stream)))) == decoded(stream)
    assert decoded(stream.replace(b"\n", b"\r\n")) == decoded(stream)
    assert decoded(stream.removesuffix(b"\n")) == decoded(stream)


def test_thinking_stands_beside_the_words() -> None:
    thought = line(message={"thinking": "Let me."})
    assert decoded(thought, text("<think>"), ENDS)[1:-1] == [
        ThinkingStart(),
        ThinkingDelta("Let me."),
        BlockStop(),
        TextStart(),
        TextDelta("<think>"),
        BlockStop(),
    ]


def test_thinking_that_a_server_left_in_the_words_is_told_apart() -> None:
    assert decoded(text("<thi"), text("nk>Let me.</th"), text("ink>"), text("Hi"), ENDS)[1:-1] == [
        ThinkingStart(),
        ThinkingDelta("Let me."),
        BlockStop(),
        TextStart(),
        TextDelta("Hi"),
        BlockStop(),
    ]
    assert TextDelta("<th") in decoded(text("<th"), ENDS)
    assert TextDelta("<th") in decoded(text("<th"), calls(WEATHER), ENDS)


def test_calls_are_whole_and_make_the_end_a_call() -> None:
    second = {"index": 1, "name": "t", "arguments": {}}
    assert decoded(text("I call."), calls(WEATHER, second), ENDS)[4:] == [
        ToolStart("call_a", "w"),
        ArgumentsDelta('{"city": "Z\\u00fcrich"}'),
        BlockStop(),
        ToolStart("call_b", "t"),
        ArgumentsDelta("{}"),
        BlockStop(),
        Stop("tool", usage=USED),
    ]


def test_calls_without_ids_get_their_own_and_the_same_each_time() -> None:
    bare = line(message={"tool_calls": [{"function": WEATHER}, {"function": WEATHER}]})
    first = [event.id for event in decoded(bare, ENDS) if isinstance(event, ToolStart)]
    again = [event.id for event in decoded(bare, ENDS) if isinstance(event, ToolStart)]
    assert first == again and len(set(first)) == 2 and all(first)
    other = line(message={"tool_calls": [{"function": {**WEATHER, "arguments": {"city": "Bern"}}}]})
    (third,) = [event.id for event in decoded(other, ENDS) if isinstance(event, ToolStart)]
    assert third not in first


def test_one_id_for_two_calls_becomes_two() -> None:
    stream = calls(WEATHER, WEATHER, ids="aa")
    found = [event.id for event in decoded(stream, ENDS) if isinstance(event, ToolStart)]
    assert found[0] == "call_a" and len(set(found)) == 2


def test_odd_arguments_are_passed_on() -> None:
    odd = [{"name": "a", "arguments": '{"x":1}'}, {"name": "b"}, {"name": "c", "arguments": None}, {"name": ""}]
    made = line(message={"tool_calls": [{"function": one} for one in odd] + [{}]})
    found = [event.text for event in decoded(made, ENDS) if isinstance(event, ArgumentsDelta)]
    assert found == ['{"x":1}', "{}", "{}"]


def test_words_after_a_call_are_a_new_block() -> None:
    events = decoded(calls(WEATHER), text("Done."), ENDS)
    assert [type(event) for event in events[3:]] == [BlockStop, TextStart, TextDelta, BlockStop, Stop]


def test_the_limit_stays_the_limit_though_a_call_was_made() -> None:
    assert decoded(calls(WEATHER), CUT_OFF)[-1] == Stop("limit", usage=USED)
    assert decoded(text("a"), CUT_OFF)[-1] == Stop("limit", usage=USED)


def test_the_last_line_may_say_something() -> None:
    ends = line(True, {"content": "Bye", "tool_calls": [{"function": WEATHER}]}, done_reason="stop")
    assert [type(event) for event in decoded(ends)] == [
        Start,
        TextStart,
        TextDelta,
        BlockStop,
        ToolStart,
        ArgumentsDelta,
        BlockStop,
        Stop,
    ]


def test_an_answer_of_nothing_is_one() -> None:
    assert decoded(line(True, done_reason="stop", prompt_eval_count=5)) == [
        Start(model="m-1"),
        Stop("end", usage=Usage(input=5, output=0)),
    ]


def test_counts_that_were_not_told_are_not_made_up() -> None:
    assert decoded(text("a"), line(True))[-1] == Stop("end")
    cached = decoded(text("a"), line(True, eval_count=3))[-1]
    assert cached == Stop("end", usage=Usage(input=None, output=3))


def test_a_stream_that_just_ends_was_cut() -> None:
    for pieces in ([text("a")], [text("a"), calls(WEATHER)], [line()]):
        with pytest.raises(ProviderCut):
            decoded(*pieces)


def test_nothing_and_junk_are_no_answer() -> None:
    for pieces in ([], [b"\n\n"], [b"<html>\n"], [b'{"message":[]}\n'], [text("a"), b"oops\n" * 5]):
        with pytest.raises(ProviderGarbage):
            decoded(*pieces)


def test_a_line_of_junk_is_left_out() -> None:
    assert decoded(text("a"), b"oops\n", text("b"), ENDS) == decoded(text("a"), text("b"), ENDS)


def test_an_error_line_is_the_providers_refusal() -> None:
    for pieces in ([b'{"error":"runner died"}\n'], [text("a"), b'{"error":{"message":"runner died"}}']):
        with pytest.raises(ProviderRefused) as refused:
            decoded(*pieces)
        assert "runner died" in refused.value.message
        assert refused.value.answer.status == 500


def test_what_comes_after_the_end_is_not_read() -> None:
    assert decoded(ENDS, b"junk\n") == decoded(ENDS)


def test_a_whole_answer_is_the_same_stream() -> None:
    whole = line(
        True,
        {"content": "Hi", "thinking": "hm", "tool_calls": [{"id": "call_a", "function": WEATHER}]},
        done_reason="stop",
        prompt_eval_count=26,
        eval_count=9,
    )
    events = CODEC.decoder(DIALECT).whole(whole)
    check(events)
    assert events == decoded(line(message={"thinking": "hm"}), text("Hi"), calls(WEATHER), ENDS)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"error":"no"}', b"<html>", b'{"done":true}', b"\xff"])
def test_a_whole_answer_that_is_none_is_garbage(body: bytes) -> None:
    with pytest.raises(ProviderGarbage):
        CODEC.decoder(DIALECT).whole(body)


def test_a_whole_answer_that_is_not_done_was_cut() -> None:
    with pytest.raises(ProviderCut):
        CODEC.decoder(DIALECT).whole(text("Hel"))


FUNCTION = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=3) | st.none(),
        "arguments": st.text(max_size=5) | st.dictionaries(st.text(), st.integers()),
    },
)
PIECE = (
    st.builds(text, st.sampled_from(["<think>", "</think>", "<", "hi", " ", "\n"]))
    | st.builds(lambda words: line(message={"thinking": words}), st.text(max_size=3))
    | st.builds(lambda one, name: calls(one, ids=name), FUNCTION, st.sampled_from("ab"))
    | st.sampled_from([ENDS, CUT_OFF, b"\n", b'{"error":""}\n', b'{"done":true}\n'])
    | st.binary(max_size=12)
)


@given(st.lists(PIECE, max_size=8), st.integers(1, 200))
@example([b"{" * 5000], 5000)
def test_any_bytes_are_an_answer_or_a_failure(pieces: list[bytes], size: int) -> None:
    stream = b"".join(pieces)
    decoder, grammar = CODEC.decoder(DIALECT), Grammar()
    try:
        for at in range(0, len(stream), size):
            for event in decoder.feed(stream[at : at + size]):
                grammar.take(event)
        for event in decoder.end():
            grammar.take(event)
    except Failure:
        return
    assert grammar.ended


@given(st.binary(max_size=40) | st.lists(PIECE, max_size=2).map(b"".join))
def test_any_body_is_a_whole_answer_or_a_failure(body: bytes) -> None:
    try:
        events = CODEC.decoder(DIALECT).whole(body)
    except Failure:
        return
    check(events)


def test_done_without_a_word_and_without_a_reason_is_no_answer() -> None:
    with pytest.raises(ProviderGarbage):
        CODEC.decoder(DIALECT).feed(line(done=True))
    assert isinstance(CODEC.decoder(DIALECT).feed(line(done=True, done_reason="stop"))[-1], Stop)
    spoken = CODEC.decoder(DIALECT)
    assert isinstance([*spoken.feed(text("Hi")), *spoken.feed(line(done=True))][-1], Stop)
