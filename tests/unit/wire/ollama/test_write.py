"""What an Ollama provider is sent."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ollama._types import ChatRequest

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Effort,
    Image,
    Opaque,
    Part,
    Refusal,
    Sampling,
    Shape,
    Text,
    Thinking,
    Thought,
    ToolCall,
    ToolResult,
    Turn,
)
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.ollama.options import context
from trunkline.wire.ollama.write import write

DIALECT = Dialect("ollama", "qwen3:8b")
HI = Turn("user", [Text("hi")])
CALL = ToolCall("call_1", "w", '{"city":"Bern"}')
SAID = Turn("assistant", [CALL])
RESULT = ToolResult("call_1", [Text("21C")])
PNG = Image("aGk=", "image/png")


def asked(*turns: Turn, **more: Any) -> Conversation:
    return Conversation("anthropic", "m", list(turns) or [HI], **more)


def messages(*turns: Turn, dialect: Dialect = DIALECT, **more: Any) -> list[Any]:
    return said(write(asked(*turns, **more), dialect))


def said(written: Written) -> list[Any]:
    found = written.body["messages"]
    assert isinstance(found, list)
    return found


def test_a_greeting_is_written_in_the_providers_name_for_the_model() -> None:
    written = write(asked(streamed=True, limit=512), DIALECT)
    assert written.body == {
        "model": "qwen3:8b",
        "stream": True,
        "messages": [{"role": "user", "content": "hi"}],
        "options": {"num_ctx": 8192, "num_predict": 512},
    }
    assert (written.lost, written.repairs) == ([], [])
    ChatRequest.model_validate(written.body)


def test_pictures_and_sounds_of_the_model_go_along() -> None:
    spoken = Turn("assistant", [PNG, Text("there"), Audio("UklG", "wav")])
    assert messages(HI, spoken, HI)[1] == {"role": "assistant", "content": "there", "images": ["aGk=", "UklG"]}
    assert messages(HI, Turn("assistant", [PNG]), HI)[1] == {"role": "assistant", "content": "", "images": ["aGk="]}


def test_it_is_always_said_whether_to_stream() -> None:
    assert write(asked(), DIALECT).body["stream"] is False


def test_a_tool_loop_keeps_its_order_and_joins_by_id_and_name() -> None:
    second = ToolCall("call_2", "t", "")
    thought = Thinking("two things", signature="x", origin="anthropic")
    turns = [HI, Turn("assistant", [thought, Text("Let me see."), CALL, second])]
    results: list[Part] = [Text("(reminder)"), ToolResult("call_2", [], failed=True), RESULT]
    assert messages(*turns, Turn("user", results)) == [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": "Let me see.",
            "thinking": "two things",
            "tool_calls": [
                {"id": "call_1", "function": {"index": 0, "name": "w", "arguments": {"city": "Bern"}}},
                {"id": "call_2", "function": {"index": 1, "name": "t", "arguments": {}}},
            ],
        },
        {"role": "tool", "tool_name": "w", "tool_call_id": "call_1", "content": "21C"},
        {"role": "tool", "tool_name": "t", "tool_call_id": "call_2", "content": "Error:"},
        {"role": "user", "content": "(reminder)"},
    ]


def test_a_result_with_a_picture_keeps_it_and_an_empty_one_says_so() -> None:
    results: list[Part] = [ToolResult("call_1", [PNG]), ToolResult("call_2", [])]
    calls: list[Part] = [CALL, ToolCall("call_2", "w")]
    _, shot, empty = messages(Turn("assistant", calls), Turn("user", results))
    assert (shot["content"], shot["images"]) == ("(no output)", ["aGk="])
    assert empty["content"] == "(no output)"


def test_what_a_compaction_cut_off_is_mended_and_named() -> None:
    written = write(asked(Turn("user", [ToolResult("gone", [Text("42")], name="w")]), SAID, HI), DIALECT)
    assert [message["role"] for message in said(written)] == ["user", "assistant", "tool", "user"]
    assert "42" in said(written)[0]["content"]
    assert said(written)[2]["content"] == "[interrupted]"
    assert written.repairs == ["orphan_result", "interrupted_call"]


def test_arguments_are_objects_whatever_the_model_wrote() -> None:
    texts = ['{"a":', "[1]", "", '{"a":1}']
    calls: list[Part] = [ToolCall(f"c{nth}", "w", text) for nth, text in enumerate(texts)]
    results: list[Part] = [ToolResult(f"c{nth}", [Text("ok")]) for nth in range(len(texts))]
    written = write(asked(HI, Turn("assistant", calls), Turn("user", results)), DIALECT)
    sent = [call["function"]["arguments"] for call in said(written)[1]["tool_calls"]]
    assert sent == [{"_raw": '{"a":'}, {"value": [1]}, {}, {"a": 1}]
    assert written.repairs == ["broken_arguments"]


def test_claude_codes_attribution_does_not_cross() -> None:
    system = [Text("x-anthropic-billing-header: cc=1"), Text("You are.", cached="5m"), Text("Be brief.")]
    assert messages(system=system)[0]["content"] == "You are.\n\nBe brief."


def test_the_system_in_the_middle_is_what_the_user_is_told_meanwhile() -> None:
    turns = [HI, Turn("system", [Text("It is noon.")]), Turn("assistant", [Text("a")]), HI]
    told = messages(*turns)
    assert told[0]["content"] == "hi\n\n<system-reminder>\nIt is noon.\n</system-reminder>"
    assert [one["role"] for one in told] == ["user", "assistant", "user"]
    kept = messages(*turns, dialect=replace(DIALECT, system_in_middle=True))
    assert [one["role"] for one in kept] == ["user", "system", "assistant", "user"]


def test_turns_that_say_nothing_are_left_out_and_neighbours_join() -> None:
    turns = [HI, Turn("assistant", [Text("")]), Turn("assistant", [Thinking("hm")]), Turn("user", [Text("there")])]
    assert messages(*turns) == [{"role": "user", "content": "hi\n\nthere"}]
    cited = Turn("assistant", [Text("The sky "), Text("is blue."), CALL, Text("And?")])
    assert messages(HI, cited)[1]["content"] == "The sky is blue.\n\nAnd?"
    with pytest.raises(InvalidRequest):
        messages(Turn("user", [Text("")]))


def test_pictures_stand_beside_the_words() -> None:
    assert messages(Turn("user", [Text("see"), PNG, Audio("d2F2", "wav")])) == [
        {"role": "user", "content": "see", "images": ["aGk=", "d2F2"]}
    ]


def test_a_picture_that_cannot_be_seen_or_had_is_replaced_and_named() -> None:
    blind = write(asked(Turn("user", [PNG, Text("?")])), replace(DIALECT, vision=False))
    assert said(blind)[0] == {"role": "user", "content": "[image omitted: this model cannot see]\n\n?"}
    assert blind.lost == ["image"]
    far = Turn("user", [Image(url="https://example.com/a.png")])
    with pytest.raises(InvalidRequest) as refused:
        messages(far)
    assert refused.value.param == "messages"
    assert write(asked(far), replace(DIALECT, drop=True)).lost == ["image"]


def test_documents_of_text_are_text_and_others_refused_or_named() -> None:
    plain = Document(text="It is.", title="Facts")
    coded = Document(data=base64.b64encode("grüezi".encode()).decode(), media_type="text/plain")
    assert messages(Turn("user", [plain, coded]))[0]["content"] == "Facts\n\nIt is.\n\ngrüezi"
    pdf = Turn("user", [Document(data="JVBERi0=", media_type="application/pdf")])
    with pytest.raises(InvalidRequest):
        messages(pdf)
    for dialect in (replace(DIALECT, documents=False), replace(DIALECT, drop=True)):
        written = write(asked(pdf), dialect)
        assert "[document omitted" in said(written)[0]["content"]
        assert written.lost == ["document"]


def test_what_only_another_wire_knows_is_named_and_summed_up_where_it_can_be() -> None:
    parts: list[Part] = [
        Opaque("anthropic", {"type": "server_tool_use"}),
        Opaque("anthropic", {"type": "search_result"}, "found: x"),
        Refusal("No."),
    ]
    written = write(asked(HI, Turn("assistant", parts), HI), DIALECT)
    assert said(written)[1]["content"] == "found: x\n\nNo."
    assert written.lost == ["server_tool_use", "search_result"]


@pytest.mark.parametrize(
    ("thought", "can", "think", "lost"),
    [
        (Thought(), None, None, []),
        (Thought("off"), None, False, []),
        (Thought("between_tools"), True, False, []),
        (Thought("on", budget=31_999), None, True, []),
        (Thought("on", effort="xhigh"), None, "high", []),
        (Thought(effort="minimal"), True, "low", []),
        (Thought(effort="none"), None, False, []),
        (Thought("adaptive", effort="medium"), True, "medium", []),
        (Thought("adaptive"), True, None, []),
        (Thought("adaptive", effort="medium"), None, None, ["output_config.effort"]),
        (Thought("on"), False, None, ["thinking"]),
        (Thought("off"), False, None, []),
    ],
)
def test_thinking_is_asked_for_as_the_model_can(
    thought: Thought, can: bool | None, think: bool | Effort | None, lost: list[str]
) -> None:
    written = write(asked(thought=thought), replace(DIALECT, reasoning=can))
    assert written.body.get("think") == think
    assert written.lost == lost


def test_a_model_that_always_thinks_thinks_least() -> None:
    written = write(asked(thought=Thought("off")), replace(DIALECT, reasoning=True, always_thinks=True))
    assert (written.body["think"], written.lost) == ("low", ["thinking"])


def test_thoughts_are_not_shown_to_a_model_that_has_none() -> None:
    turns = [HI, Turn("assistant", [Thinking("hm"), Thinking(redacted=True, signature="x"), Text("a")]), HI]
    assert messages(*turns)[1]["thinking"] == "hm"
    assert "thinking" not in messages(*turns, dialect=replace(DIALECT, reasoning=False))[1]


def test_the_form_of_the_answer_is_the_schema_itself() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {}}}
    assert write(asked(shape=Shape("schema", schema=schema)), DIALECT).body["format"] == schema
    assert write(asked(shape=Shape("json")), DIALECT).body["format"] == "json"
    loose = write(asked(shape=Shape("schema", schema=schema)), replace(DIALECT, json_schema=False))
    assert loose.body["format"] == "json" and '"$defs"' in said(loose)[0]["content"]


def test_sampling_stop_and_limits_are_options() -> None:
    sampling = Sampling(0.5, 0.9, 40, 0.1, 1, 0.2, 0.3, 1.1, {"1": 2})
    written = write(asked(sampling=sampling, stop=["X"], limit=90_000, logprobs=2, verbosity="low"), DIALECT)
    assert written.body["options"] == {
        "num_ctx": 65536,
        "num_predict": 90_000,
        "temperature": 0.5,
        "top_p": 0.9,
        "min_p": 0.1,
        "repeat_penalty": 1.1,
        "presence_penalty": 0.2,
        "frequency_penalty": 0.3,
        "top_k": 40,
        "seed": 1,
        "stop": ["X"],
    }
    assert written.lost == ["logprobs", "verbosity", "logit_bias"]
    fixed = write(asked(sampling=sampling, limit=90_000), replace(DIALECT, sampling=False, max_output=4096))
    assert fixed.body["options"]["num_predict"] == 4096  # type: ignore[index]
    assert fixed.lost == ["temperature", "top_p", "min_p", "top_k", "logit_bias"]


def test_more_than_one_answer_is_refused_or_dropped() -> None:
    with pytest.raises(InvalidRequest):
        write(asked(count=2), DIALECT)
    assert write(asked(count=2), replace(DIALECT, drop=True)).lost == ["n"]


def test_the_context_holds_what_is_read_and_said_in_powers_of_two() -> None:
    assert context(10, None) == 8192
    assert context(8000, None) == 16384
    assert context(12_000, 1384) == 16384
    assert context(30_000, 128_000) == 131_072
    long = write(asked(Turn("user", [Text("x" * 100_000)])), DIALECT)
    assert long.body["options"]["num_ctx"] == 65536  # type: ignore[index]


def test_what_an_ollama_client_said_of_the_runner_is_said_on() -> None:
    own = {"keep_alive": "5m", "_generate": True, "options": {"num_ctx": 2048, "num_gpu": 1}}
    written = write(Conversation("ollama", "m", [HI], own=own), DIALECT)
    assert written.body["keep_alive"] == "5m"
    assert written.body["options"] == {"num_ctx": 2048, "num_gpu": 1}
    assert "_generate" not in written.body and written.lost == []


def test_a_beginning_of_the_answer_is_turned_into_a_request_where_it_is_not_taken() -> None:
    turns = [HI, Turn("assistant", [Text("{")])]
    assert messages(*turns)[-1]["role"] == "assistant"
    written = write(asked(*turns), replace(DIALECT, prefill=False))
    assert said(written)[-1]["role"] == "user"
    assert written.repairs == ["prefill"]


WORDS = st.text(max_size=8)
RESULTS = st.lists(st.sampled_from([Text("ok"), PNG, Text("")]), max_size=2)
USER = st.lists(
    st.builds(Text, WORDS)
    | st.builds(ToolResult, st.sampled_from(["a", "b", "c"]), RESULTS, st.booleans())
    | st.just(PNG),
    max_size=4,
)
CALLS = st.builds(ToolCall, st.sampled_from(["a", "b", "c"]), st.just("w"), WORDS | st.just('{"a":1}'), st.booleans())
ASSISTANT = st.lists(st.builds(Text, WORDS) | st.builds(Thinking, WORDS) | CALLS, min_size=1, max_size=4)


@st.composite
def rounds(draw: st.DrawFn) -> list[Turn]:
    """A user and an assistant by turns, ending with the user; now and then the system in the middle."""
    turns: list[Turn] = []
    for _ in range(draw(st.integers(1, 4))):
        turns.append(Turn("user", [*draw(USER), Text("?")]))
        if draw(st.booleans()):
            turns.append(Turn("system", [Text(draw(WORDS))]))
        turns.append(Turn("assistant", [*draw(ASSISTANT), Text("so")]))
    return [*turns, Turn("user", [Text("go")])]


@given(rounds(), st.sampled_from([None, True]))
def test_a_history_that_grows_keeps_its_bytes(turns: list[Turn], middle: bool | None) -> None:
    dialect = replace(DIALECT, system_in_middle=middle)
    whole = json.dumps(messages(*turns, dialect=dialect), separators=(",", ":"))
    for at, turn in enumerate(turns):
        following = turns[at + 1] if at + 1 < len(turns) else None
        if turn.role == "assistant" or following is None or following.role != "assistant":
            continue
        try:
            before = messages(*turns[: at + 1], dialect=dialect)
        except InvalidRequest:
            continue
        assert whole.startswith(json.dumps(before, separators=(",", ":")).removesuffix("]"))


@given(rounds())
def test_every_call_has_one_result_right_behind_it(turns: list[Turn]) -> None:
    open_: list[str] = []
    for message in messages(*turns):
        if message["role"] == "tool":
            assert message["tool_call_id"] == open_.pop(0)
            assert message["content"]
        else:
            assert not open_
            assert message["content"] or message.get("images") or message.get("tool_calls")
            open_ = [call["id"] for call in message.get("tool_calls", ())]
    assert not open_
