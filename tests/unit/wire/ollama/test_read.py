"""What an Ollama client says, as a conversation."""

import base64
import json
from typing import Any

import ollama
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ollama._types import ChatRequest

from trunkline.errors import Failure, InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Conversation,
    Image,
    Sampling,
    Shape,
    Text,
    Thinking,
    Thought,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from trunkline.model.dialect import Dialect
from trunkline.wire.ollama.load import loaded, only_loads
from trunkline.wire.ollama.read import GENERATE, read, read_generate
from trunkline.wire.ollama.write import write

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30)).decode()
WAV = base64.b64encode(b"RIFF\x00\x00\x00\x00WAVE" + bytes(30)).decode()
HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]


def chat(messages: list[Any] | None = None, **more: Any) -> Conversation:
    return read({"model": "m", "messages": HI if messages is None else messages, **more}, model="m", streamed=True)


def generate(**body: Any) -> Conversation:
    return read_generate({"model": "m", **body}, model="m", streamed=False)


def test_a_greeting_is_one_user_turn() -> None:
    assert chat() == Conversation("ollama", "m", [Turn("user", [Text("hi")])], streamed=True)


def test_the_system_stands_before_and_in_the_middle() -> None:
    system = {"role": "system", "content": "Be brief."}
    asked = chat([system, *HI, {"role": "System", "content": "Now in French."}])
    assert asked.system == [Text("Be brief.")]
    assert [turn.role for turn in asked.turns] == ["user", "system"]


def test_calls_of_the_python_library_find_their_results_though_it_drops_ids() -> None:
    calls = [{"function": {"name": name, "arguments": {"city": city}}} for name, city in (("w", "Bern"), ("t", "Rom"))]
    history = [
        *HI,
        {"role": "assistant", "content": "", "thinking": "two", "tool_calls": calls},
        {"role": "tool", "tool_name": "t", "content": "noon"},
        {"role": "tool", "tool_name": "w", "content": "21C"},
    ]
    asked = chat(history)
    thought, first, second = asked.turns[1].parts
    assert thought == Thinking("two")
    assert isinstance(first, ToolCall) and isinstance(second, ToolCall)
    assert (first.name, first.arguments) == ("w", '{"city":"Bern"}')
    assert asked.turns[2].parts == [
        ToolResult(second.id, [Text("noon")], name="t"),
        ToolResult(first.id, [Text("21C")], name="w"),
    ]
    assert chat([*history, *HI]).turns[:3] == asked.turns


def test_two_calls_of_one_tool_are_answered_in_order() -> None:
    calls = [{"function": {"name": "w", "arguments": {}}}] * 2
    results = [{"role": "tool", "content": "one"}, {"role": "tool", "content": "two"}]
    turns = chat([*HI, {"role": "assistant", "tool_calls": calls}, *results]).turns
    ids = [part.id for part in turns[1].parts if isinstance(part, ToolCall)]
    assert len(set(ids)) == 2
    assert turns[2].parts == [
        ToolResult(ids[0], [Text("one")], name="w"),
        ToolResult(ids[1], [Text("two")], name="w"),
    ]


def test_ids_that_are_told_are_kept_and_a_result_of_no_call_stays_one() -> None:
    call = {"id": "call_9", "function": {"name": "w", "arguments": {"a": 1}}}
    turns = chat(
        [
            *HI,
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_9", "content": "", "images": [PNG]},
            {"role": "tool", "tool_call_id": "call_8", "content": "late"},
        ]
    ).turns
    assert turns[2].parts == [
        ToolResult("call_9", [Image(PNG, "image/png")], name="w"),
        ToolResult("call_8", [Text("late")]),
    ]


def test_what_a_picture_is_is_told_by_its_bytes() -> None:
    folded = "\n".join([PNG[:40], PNG[40:]])
    parts = chat([{"role": "user", "content": "see, hear", "images": [PNG, WAV, folded]}]).turns[0].parts
    assert parts == [Image(PNG, "image/png"), Audio(WAV, "wav"), Image(PNG, "image/png"), Text("see, hear")]


def test_pictures_of_the_model_and_of_the_system_are_kept() -> None:
    asked = chat(
        [
            {"role": "system", "content": "Be brief.", "images": [PNG]},
            {"role": "assistant", "content": "there", "thinking": "hm", "images": [PNG]},
            {"role": "user", "content": "and?"},
        ]
    )
    picture = Image(PNG, "image/png")
    assert (asked.system, asked.turns[0]) == ([Text("Be brief.")], Turn("user", [picture]))
    assert asked.turns[1] == Turn("assistant", [Thinking("hm"), picture, Text("there")])


def test_tools_options_think_and_format_are_understood() -> None:
    tool = {"type": "function", "function": {"name": "w", "description": "d", "parameters": {"type": "object"}}}
    options = {
        "temperature": 0,
        "top_k": 4,
        "seed": 1,
        "num_predict": 9,
        "stop": ["X"],
        "num_gpu": 2,
        "repeat_penalty": 1.1,
    }
    asked = chat(tools=[tool], options=options, think="high", format={"type": "object"}, keep_alive="5m", new=1)
    assert asked.tools == [Tool("w", "d", {"type": "object"}, origin="ollama")]
    assert asked.sampling == Sampling(temperature=0, top_k=4, seed=1, repeat=1.1)
    assert (asked.limit, asked.stop) == (9, ["X"])
    assert asked.thought == Thought("on", effort="high")
    assert asked.shape == Shape("schema", schema={"type": "object"})
    assert asked.own == {"keep_alive": "5m", "new": 1, "options": {"num_gpu": 2}}


@pytest.mark.parametrize(("think", "mode"), [(True, "on"), (False, "off"), (None, "")])
def test_think_is_a_bool_too(think: bool | None, mode: str) -> None:
    assert chat(think=think).thought.mode == mode


def test_no_limit_is_no_limit() -> None:
    assert chat(options={"num_predict": -1}).limit is None
    assert chat(format="", options=None, tools=None).shape is None
    assert chat(format="json").shape == Shape("json")


def test_generate_is_a_conversation_of_one_turn_and_remembered() -> None:
    asked = generate(prompt="why?", system="Be brief.", images=[PNG], suffix="", context=None, raw=False, keep_alive=0)
    assert asked.system == [Text("Be brief.")]
    assert asked.turns == [Turn("user", [Image(PNG, "image/png"), Text("why?")])]
    assert asked.own == {"keep_alive": 0, GENERATE: True}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}, "messages"),
        ({"messages": [{"role": "owner", "content": "hi"}]}, "messages"),
        ({"messages": [{"content": "hi"}]}, "messages"),
        ({"messages": [{"role": "user", "images": ["data:image/png;base64," + PNG]}]}, "messages"),
        ({"messages": [{"role": "user", "images": "x"}]}, "messages"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"function": {}}]}]}, "messages"),
        ({"messages": HI, "think": "much"}, "think"),
        ({"messages": HI, "format": "xml"}, "format"),
        ({"messages": HI, "options": [1]}, "options"),
        ({"messages": HI, "options": {"temperature": "hot"}}, "options.temperature"),
        ({"messages": HI, "options": {"num_predict": True}}, "options.num_predict"),
        ({"messages": HI, "options": {"stop": [1]}}, "options.stop"),
        ({"messages": HI, "tools": {"a": 1}}, "tools"),
        ({"messages": HI, "tools": [{"type": "function"}]}, "tools"),
    ],
)
def test_what_no_request_may_say_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(body, model="m", streamed=False)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": "def f(", "suffix": ")"}, "suffix"),
        ({"prompt": "a", "context": [1, 2]}, "context"),
        ({"prompt": "a", "raw": True}, "raw"),
        ({"prompt": "a", "images": ["?"]}, "images"),
    ],
)
def test_what_only_one_models_prompt_can_mean_is_refused(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_generate(body, model="m", streamed=False)
    assert refused.value.param == param


def test_a_request_without_a_message_only_loads_and_is_told_so() -> None:
    assert only_loads({"messages": []}, generate=False) and only_loads({"prompt": ""}, generate=True)
    assert not only_loads({"messages": HI}, generate=False) and not only_loads({"prompt": "a"}, generate=True)
    told = ollama.ChatResponse(**json.loads(loaded({}, generate=False, model="m", created=0)))
    assert (told.done, told.done_reason, told.message.content) == (True, "load", "")
    unloaded = json.loads(loaded({"keep_alive": 0}, generate=True, model="m", created=0))
    assert ollama.GenerateResponse(**unloaded).done_reason == "unload"


def test_what_the_python_library_sends_is_read() -> None:
    def weather(city: str) -> str:
        """The weather.

        Args:
          city: Which.
        """
        return city

    tools = [ollama._utils.convert_function_to_tool(weather)]
    sent = ChatRequest(model="m", messages=HI, tools=tools, think=True, options={"top_k": 3}).model_dump(
        exclude_none=True
    )
    asked = read(sent, model="m", streamed=False)
    assert asked.tools[0].name == "weather"
    assert asked.tools[0].schema["required"] == ["city"]
    assert (asked.thought.mode, asked.sampling.top_k) == ("on", 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]) | JSON},
    optional={
        "content": st.text(max_size=5) | JSON,
        "images": JSON,
        "thinking": st.text(max_size=5) | JSON,
        "tool_calls": st.lists(
            st.fixed_dictionaries({"function": st.fixed_dictionaries({"name": st.text(min_size=1), "arguments": JSON})})
            | JSON,
            max_size=3,
        ),
        "tool_name": st.text(max_size=3) | JSON,
        "tool_call_id": st.text(max_size=3) | JSON,
    },
)
NAMES = st.sampled_from(["tools", "think", "format", "options", "logprobs", "top_logprobs", "prompt", "system", "x"])


@given(st.lists(MESSAGE, max_size=5), st.dictionaries(NAMES, JSON, max_size=4))
def test_any_json_is_a_conversation_or_a_failure(messages: list[Any], more: dict[str, Any]) -> None:
    for reader in (read, read_generate):
        try:
            asked = reader({"messages": messages, **more}, model="m", streamed=False)
            written = write(asked, Dialect("ollama", "m"))
        except Failure:
            continue
        json.dumps(written.body)
        assert written.body["messages"]
