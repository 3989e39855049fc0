"""What an Ollama client is answered, held to the client's own library."""

import json
from typing import Any

import ollama
from hypothesis import given
from hypothesis import strategies as st

from trunkline.model.conversation import Conversation, Text, Turn
from trunkline.model.dialect import Dialect
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
    Start,
    Stop,
    StopReason,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.grammar import check
from trunkline.model.usage import Usage
from trunkline.wire.codec import Answering
from trunkline.wire.grammars import check as check_wire
from trunkline.wire.ollama.codec import CODEC
from trunkline.wire.ollama.read import GENERATE

CREATED = 1_795_000_000
ASKED = Conversation("ollama", "m", [Turn("user", [Text("hi")])])
GENERATING = Conversation("ollama", "m", [Turn("user", [Text("hi")])], own={GENERATE: True})
USED = Usage(input=20, cache_read=6, output=9, reasoning=2)

TALK: list[Event] = [
    Start("msg_1", "m-1"),
    ThinkingStart(),
    ThinkingDelta("Let "),
    ThinkingDelta("me."),
    SignatureDelta("sig", "anthropic"),
    BlockStop(),
    TextStart(),
    TextDelta("Grüezi"),
    TextDelta(" ✓\n"),
    BlockStop(),
]
CALLS: list[Event] = [
    ToolStart("call_a", "w"),
    ArgumentsDelta('{"ci'),
    ArgumentsDelta('ty":\n"Bern"}'),
    BlockStop(),
    ToolStart("call_b", "t"),
    BlockStop(),
]


def streamed(events: list[Event], asked: Conversation = ASKED) -> list[dict[str, Any]]:
    encoder = CODEC.encoder(Answering("req_1", "m", CREATED, 77, asked))
    stream = b"".join(encoder.take(event) for event in events)
    if asked is ASKED:
        check_wire("ollama", stream)
    return [json.loads(one) for one in stream.decode().split("\n")[:-1]]


def whole(events: list[Event], asked: Conversation = ASKED) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CODEC.encoder(Answering("req_1", "m", CREATED, 77, asked)).whole(events))
    return found


def test_the_python_library_reads_every_line() -> None:
    parts = [ollama.ChatResponse(**line) for line in streamed([*TALK, *CALLS, Stop("tool", usage=USED)])]
    assert "".join(part.message.thinking or "" for part in parts) == "Let me."
    assert "".join(part.message.content or "" for part in parts) == "Grüezi ✓\n"
    functions = [call.function for part in parts for call in part.message.tool_calls or ()]
    assert [(one.name, one.arguments) for one in functions] == [("w", {"city": "Bern"}), ("t", {})]
    assert [part.done for part in parts] == [False] * 6 + [True]
    last = parts[-1]
    assert (last.done_reason, last.prompt_eval_count, last.eval_count) == ("stop", 26, 9)
    assert last.total_duration == 0 and last.created_at == "2026-11-18T11:06:40Z"


def test_lines_look_as_ollamas_own() -> None:
    lines = streamed([*TALK, *CALLS, Stop("end", usage=USED)])
    head = {"model": "m", "created_at": "2026-11-18T11:06:40Z"}
    assert lines[0] == {**head, "message": {"role": "assistant", "content": "", "thinking": "Let "}, "done": False}
    assert lines[2] == {**head, "message": {"role": "assistant", "content": "Grüezi"}, "done": False}
    call = {"id": "call_b", "function": {"index": 1, "name": "t", "arguments": {}}}
    assert lines[5]["message"] == {"role": "assistant", "content": "", "tool_calls": [call]}
    assert list(lines[6]) == [
        "model",
        "created_at",
        "message",
        "done",
        "done_reason",
        "total_duration",
        "load_duration",
        "prompt_eval_count",
        "prompt_eval_duration",
        "eval_count",
        "eval_duration",
    ]


def test_the_python_library_reads_the_whole_answer() -> None:
    answer = ollama.ChatResponse(**whole([*TALK, *CALLS, Stop("tool", usage=USED)]))
    assert (answer.message.thinking, answer.message.content) == ("Let me.", "Grüezi ✓\n")
    assert [call.function.name for call in answer.message.tool_calls or ()] == ["w", "t"]
    assert (answer.done, answer.done_reason, answer.eval_count) == (True, "stop", 9)


def test_generate_is_answered_in_its_own_words() -> None:
    parts = [ollama.GenerateResponse(**line) for line in streamed([*TALK, Stop("limit")], GENERATING)]
    assert "".join(part.response or "" for part in parts) == "Grüezi ✓\n"
    assert "".join(part.thinking or "" for part in parts) == "Let me."
    assert parts[-1].done_reason == "length"
    answer = whole([*TALK, Stop("end", usage=USED)], GENERATING)
    assert "message" not in answer and "context" not in answer
    assert ollama.GenerateResponse(**answer).response == "Grüezi ✓\n"


def test_why_it_ended_is_said_as_ollama_does() -> None:
    told: dict[StopReason, str] = {
        "end": "stop",
        "stop": "stop",
        "limit": "length",
        "window": "length",
        "refusal": "stop",
    }
    for reason, word in told.items():
        assert streamed([Start(), Stop(reason)])[-1]["done_reason"] == word


def test_a_prompt_that_was_not_counted_is_estimated() -> None:
    assert streamed([Start(), Stop("end")])[-1]["prompt_eval_count"] == 77


def test_what_has_no_place_is_left_out_and_refusals_are_words() -> None:
    events: list[Event] = [
        Start(),
        Other("anthropic", {"type": "x"}),
        RefusalStart(),
        TextDelta("No."),
        BlockStop(),
        Stop("refusal"),
    ]
    lines = streamed(events)
    assert [line["message"]["content"] for line in lines] == ["No.", ""]


def test_arguments_are_always_an_object() -> None:
    for text, made in (
        ('{"a":', {"_raw": '{"a":'}),
        ("[1]", {"value": [1]}),
        ("", {}),
        (f'{{"n":{10**30}}}', {"n": 10**30}),
        ('{"n":NaN}', {"n": None}),
        ('{"n":"\\ud800"}', {"n": "�"}),
        ("[" * 3000, {"_raw": "[" * 3000}),
    ):
        fragments: list[Event] = [ArgumentsDelta(text)] if text else []
        events: list[Event] = [Start(), ToolStart("c", "w"), *fragments, BlockStop(), Stop("tool")]
        for message in (streamed(events)[0]["message"], whole(events)["message"]):
            assert message["tool_calls"][0]["function"]["arguments"] == made
    free: list[Event] = [
        Start(),
        ToolStart("c", "w", custom=True),
        ArgumentsDelta("*** Begin"),
        BlockStop(),
        Stop("tool"),
    ]
    assert streamed(free)[0]["message"]["tool_calls"][0]["function"]["arguments"] == {"input": "*** Begin"}


def test_half_a_character_does_not_break_a_line() -> None:
    events: list[Event] = [
        Start(),
        TextStart(),
        TextDelta("a\ud83d"),
        TextDelta("\ud83d\ude00"),
        BlockStop(),
        Stop("end"),
    ]
    assert [line["message"]["content"] for line in streamed(events)] == ["a�", "😀", ""]


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<"), min_size=1, max_size=6).filter(
    str.strip
)
ARGUMENTS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4), st.integers(0, 9) | WORDS, max_size=3
)


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    """An answer that this wire can carry: unsigned thinking, words, calls of JSON objects."""
    events: list[Event] = [Start(model="m")]
    before, called = "", False
    for nth, kind in enumerate(draw(st.lists(st.sampled_from(["text", "thinking", "tool"]), max_size=5))):
        if kind == "tool":
            text = json.dumps(draw(ARGUMENTS), ensure_ascii=False, separators=(",", ":"))
            events += [ToolStart(f"call_{nth}", "w"), ArgumentsDelta(text), BlockStop()]
            called = True
        elif kind != before:
            deltas = draw(st.lists(WORDS, min_size=1, max_size=3))
            if kind == "text":
                events += [TextStart(), *map(TextDelta, deltas), BlockStop()]
            else:
                events += [ThinkingStart(), *map(ThinkingDelta, deltas), BlockStop()]
        before = kind
    reasons: list[StopReason] = ["tool" if called else "end", "limit"]
    usage = Usage(input=draw(st.integers(1, 9**9)), output=draw(st.integers(0, 9**9)))
    return [*events, Stop(draw(st.sampled_from(reasons)), usage=usage)]


@given(answers(), st.integers(1, 50))
def test_what_is_written_is_read_as_it_was(events: list[Event], size: int) -> None:
    check(events)
    encoder = CODEC.encoder(Answering("req_1", "m", CREATED, 77, ASKED))
    stream = b"".join(encoder.take(event) for event in events)
    check_wire("ollama", stream)
    decoder = CODEC.decoder(Dialect("ollama", "m"))
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [event for piece in pieces for event in decoder.feed(piece)] + decoder.end() == events
    for one in stream.decode().split("\n")[:-1]:
        ollama.ChatResponse(**json.loads(one))


EVENT_TEXT = st.text(min_size=1, max_size=8)


@given(
    st.lists(st.tuples(st.sampled_from(["text", "thinking", "tool", "other"]), EVENT_TEXT), max_size=5), st.booleans()
)
def test_whatever_was_said_the_lines_are_lines(blocks: list[tuple[str, str]], generating: bool) -> None:
    events: list[Event] = [Start()]
    for nth, (kind, text) in enumerate(blocks):
        if kind == "text":
            events += [TextStart(), TextDelta(text), BlockStop()]
        elif kind == "thinking":
            events += [ThinkingStart(), ThinkingDelta(text), SignatureDelta(text), BlockStop()]
        elif kind == "tool":
            events += [ToolStart(f"c{nth}", text), ArgumentsDelta(text), BlockStop()]
        else:
            events.append(Other("gemini", {"a": text}))
    events.append(Stop("end"))
    check(events)
    asked = GENERATING if generating else ASKED
    kind_of = ollama.GenerateResponse if generating else ollama.ChatResponse
    lines = [*streamed(events, asked), whole(events, asked)]
    assert all(kind_of(**line) for line in lines)


def test_an_answer_that_nobody_counted_is_estimated() -> None:
    end = Stop("end", usage=Usage())
    for last in (streamed([*TALK, *CALLS, end])[-1], whole([*TALK, *CALLS, end])):
        assert (last["prompt_eval_count"], last["eval_count"]) == (77, 8)


def test_a_refusal_without_words_says_why() -> None:
    """Ollama has no reason to stop for it: an empty answer would look like a good one."""
    refused = Stop("refusal", usage=USED, explanation="The prompt was blocked: SAFETY")
    silent = [Start("msg_1", "m-1"), *TALK[1:6], refused]
    said, end = streamed(silent)[-2:]
    assert (said["message"]["content"], said["done"]) == (refused.explanation, False)
    assert (end["message"]["content"], end["done"]) == ("", True)
    assert whole(silent)["message"]["content"] == refused.explanation
    assert whole([*TALK, refused])["message"]["content"] == "Grüezi ✓\n"
