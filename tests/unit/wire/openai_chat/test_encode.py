"""What clients of this wire are sent: held to the automaton of the wire and to the official SDK's own accumulator."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.unit.wire.openai_chat.making import OPENAI, encoder, told
from trunkline.model.conversation import Thinking
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
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.grammar import check
from trunkline.model.usage import Usage
from trunkline.wire import grammars
from trunkline.wire.codec import Answering
from trunkline.wire.openai_chat.decode import ChatDecoder
from trunkline.wire.openai_chat.encode import ChatEncoder
from trunkline.wire.openai_chat.read import read
from trunkline.wire.openai_chat.write import write

USED = Usage(input=36, cache_read=64, cache_write=3, output=20, reasoning=5)


def answer(*blocks: list[Event], reason: Any = "end", usage: Usage = USED, **more: Any) -> list[Event]:
    """A whole answer of blocks."""
    inner = [event for block in blocks for event in block]
    events: list[Event] = [Start("msg_1", "claude"), *inner, Stop(reason, usage=usage, **more)]
    check(events)
    return events


def text(*pieces: str) -> list[Event]:
    return [TextStart(), *(TextDelta(piece) for piece in pieces), BlockStop()]


def thought(*pieces: str, signature: str = "", origin: Any = "anthropic", **more: Any) -> list[Event]:
    signed: list[Event] = [SignatureDelta(signature, origin)] if signature else []
    return [ThinkingStart(**more), *(ThinkingDelta(piece) for piece in pieces), *signed, BlockStop()]


def call(told: str, name: str, *pieces: str, **more: Any) -> list[Event]:
    return [ToolStart(told, name, **more), *(ArgumentsDelta(piece) for piece in pieces), BlockStop()]


def streamed(events: list[Event], *, usage: bool = True) -> bytes:
    writer = encoder(usage=usage)
    out = b"".join(writer.take(event) for event in events)
    grammars.check("openai_chat", out)
    return out


def chunks(raw: bytes) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in raw.decode().split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def by_the_sdk(raw: bytes) -> ChatCompletion:
    """What the official client makes of a stream, before it judges why it ended."""
    state = ChatCompletionStreamState()
    for each in chunks(raw):
        state.handle_chunk(ChatCompletionChunk.model_validate(each, strict=True))
    return state.current_completion_snapshot


def test_a_stream_has_a_role_words_a_finish_and_usage() -> None:
    got = chunks(streamed(answer(text("Hel", "lo"))))
    assert [each["choices"][0]["delta"] for each in got[:-1]] == [
        {"role": "assistant", "content": ""}, {"content": "Hel"}, {"content": "lo"}, {},
    ]  # fmt: skip
    assert got[-2]["choices"][0]["finish_reason"] == "stop"
    assert {each["id"] for each in got} == {"chatcmpl-0123456789abcdef"}
    assert {(each["model"], each["created"], each["object"]) for each in got} == {
        ("alias", 1795132800, "chat.completion.chunk")
    }
    assert got[-1]["choices"] == [] and got[-1]["usage"] == {
        "prompt_tokens": 103, "completion_tokens": 20, "total_tokens": 123,
        "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }  # fmt: skip
    assert all(each["usage"] is None for each in got[:-1])


def test_a_client_that_offers_functions_reads_a_function_call() -> None:
    """The form before `tools`: one call, without an id."""
    offered = {"messages": [{"role": "user", "content": "hi"}], "functions": [{"name": "f"}]}
    asked = read(offered, model="alias", streamed=True)
    events = answer(text("Let me."), call("call_1", "f", '{"a":', "1}"), call("call_2", "f"), reason="tool")

    def writer() -> ChatEncoder:
        return ChatEncoder(Answering("0123456789abcdef", "alias", 1_795_132_800, 17, asked))

    made = writer()
    stream = b"".join(made.take(event) for event in events)
    grammars.check("openai_chat", stream)
    whole = ChatCompletion.model_validate_json(writer().whole(events), strict=True)
    for choice in (by_the_sdk(stream).choices[0], whole.choices[0]):
        called = choice.message.function_call
        assert called is not None and (called.name, called.arguments) == ("f", '{"a":1}')
        assert (choice.finish_reason, choice.message.tool_calls) == ("function_call", None)
        assert choice.message.content == "Let me."
    assert asked.choice is not None and asked.choice.parallel is False
    assert "_functions" not in write(asked, OPENAI).body


def test_usage_comes_only_when_it_was_asked_for() -> None:
    assert all("usage" not in each for each in chunks(streamed(answer(text("a")), usage=False)))
    assert json.loads(encoder(usage=False).whole(answer(text("a"))))["usage"]["total_tokens"] == 123


def test_usage_that_nobody_told_is_estimated() -> None:
    usage = chunks(streamed(answer(text("a" * 40), usage=Usage())))[-1]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (17, 10)


def test_the_sdk_reads_calls_as_they_were_made() -> None:
    events = answer(text("I will."), call("call_a", "f", '{"x"', ":1}"), call("call_b", "g"), reason="tool")
    message = by_the_sdk(streamed(events)).choices[0].message
    assert message.content == "I will." and message.tool_calls is not None
    assert [(each.id, each.function.name, each.function.arguments) for each in message.tool_calls] == [  # type: ignore[union-attr]
        ("call_a", "f", '{"x":1}'), ("call_b", "g", "{}"),
    ]  # fmt: skip
    assert by_the_sdk(streamed(events)).choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("end", "stop"), ("stop", "stop"), ("pause", "stop"), ("limit", "length"), ("window", "length"), ("tool", "tool_calls"), ("refusal", "content_filter")],
)  # fmt: skip
def test_reasons(reason: Any, finish: str) -> None:
    events = answer(text("a"), reason=reason)
    assert by_the_sdk(streamed(events)).choices[0].finish_reason == finish
    assert json.loads(encoder().whole(events))["choices"][0]["finish_reason"] == finish


def test_a_refusal_in_words_is_an_end_and_its_explanation_is_said_where_there_are_none() -> None:
    words: list[Event] = [RefusalStart(), TextDelta("I won't"), BlockStop()]
    completion = by_the_sdk(streamed(answer(words, reason="refusal")))
    assert (completion.choices[0].message.refusal, completion.choices[0].finish_reason) == ("I won't", "stop")
    completion = by_the_sdk(streamed(answer(reason="refusal", explanation="policy")))
    assert (completion.choices[0].message.refusal, completion.choices[0].finish_reason) == ("policy", "content_filter")


def test_the_whole_answer_is_what_the_sdk_makes_of_the_stream() -> None:
    events = answer(
        thought("hm"), text("a", "b"), call("call_a", "f", "{}"), call("call_b", "p", "x", custom=True), reason="tool"
    )
    whole = ChatCompletion.model_validate(json.loads(encoder().whole(events)))
    message = whole.choices[0].message
    summed = by_the_sdk(streamed(answer(thought("hm"), text("a", "b"), call("call_a", "f", "{}"), reason="tool")))
    assert message.content == summed.choices[0].message.content == "ab"
    assert message.model_extra == {"reasoning_content": "hm"} == summed.choices[0].message.model_extra
    assert message.tool_calls is not None and message.tool_calls[1].model_dump(exclude_none=True) == {
        "id": "call_b", "type": "custom", "custom": {"name": "p", "input": "x"},
    }  # fmt: skip
    assert whole.usage == summed.usage


def test_an_answer_of_calls_only_has_no_content() -> None:
    message = json.loads(encoder().whole(answer(call("call_a", "f", "{}"), reason="tool")))["choices"][0]["message"]
    assert message["content"] is None
    assert json.loads(encoder().whole(answer()))["choices"][0]["message"]["content"] == ""


@pytest.mark.parametrize("whole", [False, True])
def test_signed_thinking_comes_back_from_a_client_that_keeps_details(whole: bool) -> None:
    events = answer(
        thought("hm", signature="real-1"),
        thought("plain"),
        thought(signature="data", redacted=True),
        thought("mm", signature="real-2", id="rs_1"),
        text("so"),
    )
    if whole:
        message = json.loads(encoder().whole(events))["choices"][0]["message"]
    else:
        message = by_the_sdk(streamed(events)).choices[0].message.model_dump(exclude_none=True)
    assert message["reasoning_content"] == "hmplainmm"
    got = read({"messages": [{"role": "user", "content": "q"}, message]}, model="m", streamed=False)
    assert [part for part in got.turns[1].parts if isinstance(part, Thinking)] == [
        Thinking("hm", "real-1", "anthropic"),
        Thinking("plain"),
        Thinking("", "data", "anthropic", redacted=True),
        Thinking("mm", "real-2", "anthropic", id="rs_1"),
    ]


def test_unsigned_thinking_has_no_details() -> None:
    assert b"reasoning_details" not in streamed(answer(thought("hm"), text("so")))


def test_blocks_of_other_wires_are_left_out_and_own_ones_are_not() -> None:
    notes = {"annotations": [{"type": "url_citation"}]}
    events = answer(text("a"), [Other("anthropic", {"type": "server_tool_use"})], [Other("openai_chat", notes)])
    assert [each["choices"][0]["delta"] for each in chunks(streamed(events))[2:4]] == [notes, {}]


def test_half_a_surrogate_pair_breaks_nothing() -> None:
    events = answer(text("a\ud83d"), call("call_a", "f", '"\ud83d"'), reason="tool")
    assert b"\\ud83d" in streamed(events) and b"\\ud83d" in encoder().whole(events)


WORDS = st.text(min_size=1, max_size=6)
BLOCKS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=3).map(lambda pieces: text(*pieces)),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda pieces: thought(*pieces)),
    st.lists(WORDS, min_size=1, max_size=2).map(lambda pieces: [RefusalStart(), *map(TextDelta, pieces), BlockStop()]),
    st.tuples(WORDS, st.sampled_from(["anthropic", "gemini"])).map(lambda each: thought("w", signature=each[0], origin=each[1])),
    st.dictionaries(WORDS, WORDS, max_size=2).map(lambda given: call("?", "f", *re.findall(r"(?s).{1,5}", json.dumps(given)))),
)  # fmt: skip


def joined(events: list[Event]) -> list[Any]:
    """Blocks with their pieces joined, and neighbours of one kind as one: their border does not survive."""
    out: list[Any] = []
    for each in told(events):
        if out and each[0] == out[-1][0] and each[0] in ("text", "thinking", "refusal") and len(out[-1]) == 2:
            out[-1] = (each[0], out[-1][1] + each[1], *each[2:])
        else:
            out.append(each)
    return out


@settings(max_examples=50, deadline=None)
@given(st.lists(BLOCKS, max_size=5), st.sampled_from(["end", "limit", "tool"]), st.booleans(), st.integers(1, 400))
def test_what_is_encoded_is_decoded_to_the_same(blocks: list[list[Event]], reason: str, whole: bool, size: int) -> None:
    made = []
    signed = False
    for nth, block in enumerate(blocks):
        first = block[0]
        if isinstance(first, ToolStart):
            made.append([ToolStart(f"call_{nth}", first.name), *block[1:]])
        elif not (isinstance(first, ThinkingStart) and made and any(isinstance(b[0], ToolStart) for b in made)):
            made.append(block)
            signed = signed or any(isinstance(event, SignatureDelta) for event in block)
    called = any(isinstance(block[0], ToolStart) for block in made)
    if not called and reason == "tool":
        reason = "end"
    if called and reason == "end":
        reason = "tool"
    if reason == "end" and any(isinstance(block[0], RefusalStart) for block in made):
        reason = "refusal"
    events = answer(*made, reason=reason)
    decoder = ChatDecoder(OPENAI)
    if whole:
        got = decoder.whole(encoder().whole(events))
        kinds: dict[str, Any] = {}
        for kind, *rest in told(events):
            kinds.setdefault(kind, []).append(rest)
        seen: dict[str, Any] = {}
        for kind, *rest in told(got):
            seen.setdefault(kind, []).append(rest)
        check(got)
        assert seen.keys() == kinds.keys() and seen.get("call") == kinds.get("call") and seen["stop"] == kinds["stop"]
        for kind in ("text", "refusal", *(() if signed else ("thinking",))):
            assert "".join(each[0] for each in seen.get(kind, [])) == "".join(each[0] for each in kinds.get(kind, []))
    else:
        raw = streamed(events)
        got = [event for at in range(0, len(raw), size) for event in decoder.feed(raw[at : at + size])]
        check(got)
        assert joined(got) == joined(events)
    last, told_last = got[-1], events[-1]
    assert isinstance(last, Stop) and isinstance(told_last, Stop)
    assert last.usage == told_last.usage
    by_the_sdk(streamed(events))


def test_gemini_signs_calls_and_gets_its_signature_back() -> None:
    events = answer(call("call_a", "f", "{}", signature="sig"), reason="tool")
    got = ChatDecoder(Dialect("gemini", "g")).whole(encoder().whole(events))
    assert next(event.signature for event in got if isinstance(event, ToolStart)) == "sig"
