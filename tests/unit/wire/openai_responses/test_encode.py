"""What a client of the Responses format is answered: Codex, the SDKs, LangChain."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire.openai_responses.making import Json, answering, asks, decoded, joined, read, streamed, told
from trunkline.model.conversation import Tool
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
from trunkline.model.usage import Usage
from trunkline.wire import grammars, marks
from trunkline.wire.openai_responses.codec import CODEC

USED = Usage(30, 64, 6, 0, 20, 8)
EVENTS: list[Event] = [
    Start("msg_1", "claude"),
    ThinkingStart(),
    ThinkingDelta("I "),
    ThinkingDelta("think."),
    SignatureDelta("EqQ", "anthropic"),
    SignatureDelta("B", "anthropic"),
    BlockStop(),
    TextStart(),
    TextDelta("Grü"),
    TextDelta("ezi"),
    BlockStop(),
    ToolStart("toolu_1", "Read"),
    ArgumentsDelta('{"a"'),
    ArgumentsDelta(":1}"),
    BlockStop(),
    ToolStart("toolu_2", "apply_patch", custom=True),
    ArgumentsDelta("*** Begin"),
    BlockStop(),
    Stop("tool", usage=USED),
]


def final(events: list[Event], **more: Any) -> Json:
    """The response at the end; the same, streamed and whole."""
    stream = streamed(events, answering(**more))
    grammars.check("openai_responses", stream)
    last: Json = told(stream)[-1]["response"]
    whole = json.loads(CODEC.encoder(answering(**more)).whole(events))
    assert whole == last
    return last


def block(*inside: Event) -> list[Event]:
    return [Start(), *inside, Stop("end", usage=USED)]


def test_the_whole_sequence_is_sent_in_its_order() -> None:
    events = told(streamed(EVENTS))
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "custom_tool_call_input.delta",
        "custom_tool_call_input.done",
        "output_item.done",
        "completed",
    ]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


def test_every_item_is_whole_and_the_response_has_them_all() -> None:
    last = final(EVENTS)
    thought, spoken, call, patch = last["output"]
    assert thought["summary"] == [{"type": "summary_text", "text": "I think."}]
    assert marks.unseal(thought["encrypted_content"]) == ("anthropic", "EqQB")
    assert spoken["content"] == [{"type": "output_text", "text": "Grüezi", "annotations": [], "logprobs": []}]
    assert (call["call_id"], call["name"], call["arguments"], call["status"]) == (
        "toolu_1",
        "Read",
        '{"a":1}',
        "completed",
    )
    assert (patch["type"], patch["call_id"], patch["input"]) == ("custom_tool_call", "toolu_2", "*** Begin")
    prefixes = [item["id"].split("_")[0] for item in last["output"]]
    assert prefixes == ["rs", "msg", "fc", "ctc"]
    assert (last["id"], last["model"], last["created_at"]) == ("resp_01234567", "alias", 1795132800)
    assert last["usage"] == {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 6},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 8},
        "total_tokens": 120,
    }


def test_the_same_answer_has_the_same_ids() -> None:
    assert streamed(EVENTS) == streamed(EVENTS)
    assert streamed(EVENTS) != streamed(EVENTS, answering(id="other"))


def test_a_client_gets_its_namespaces_back() -> None:
    space = {"type": "namespace", "name": "functions", "tools": [{"type": "custom", "name": "exec"}]}
    other = {"type": "namespace", "name": "agents", "tools": [{"type": "custom", "name": "exec"}]}
    asked = read(input=[{"type": "additional_tools", "role": "developer", "tools": [space, other]}])
    second = ToolStart("c", "agents__exec", custom=True, namespace="agents")
    first = ToolStart("d", "exec", custom=True, namespace="functions")
    events: list[Event] = [
        Start(),
        second,
        ArgumentsDelta("x"),
        BlockStop(),
        first,
        ArgumentsDelta("y"),
        BlockStop(),
        Stop("tool"),
    ]
    items = told(streamed(events, answering(asked)))[-1]["response"]["output"]
    assert [(item["namespace"], item["name"], item["input"]) for item in items] == [
        ("agents", "exec", "x"),
        ("functions", "exec", "y"),
    ]


def test_words_in_a_row_are_one_message() -> None:
    one: list[Event] = [TextStart(), TextDelta("a"), BlockStop()]
    two: list[Event] = [RefusalStart(), TextDelta("b"), BlockStop()]
    (item,) = final(block(*one, *two))["output"]
    assert [part["type"] for part in item["content"]] == ["output_text", "refusal"]


def test_unsigned_thinking_gets_a_mark_and_the_vendors_own_proof_stays() -> None:
    (plain,) = final(block(ThinkingStart(), ThinkingDelta("x"), BlockStop()))["output"]
    assert plain["encrypted_content"] == marks.seal("")
    own: list[Event] = [
        ThinkingStart(redacted=True, id="rs_7"),
        SignatureDelta("rs_7:gAAA", "openai_responses"),
        BlockStop(),
    ]
    (item,) = final(block(*own))["output"]
    assert (item["id"], item["summary"], item["encrypted_content"]) == ("rs_7", [], "gAAA")


def test_thinking_comes_back_as_it_was_told() -> None:
    signed: list[Event] = [ThinkingStart(), ThinkingDelta("x"), SignatureDelta("EqQB", "anthropic"), BlockStop()]
    redacted: list[Event] = [ThinkingStart(redacted=True), SignatureDelta("Emw=", "anthropic"), BlockStop()]
    parts: Any = read(input=final(block(*signed, *redacted))["output"]).turns[0].parts
    assert [(p.text, p.signature, p.origin, p.redacted) for p in parts] == [
        ("x", "EqQB", "anthropic", False),
        ("", "Emw=", "anthropic", True),
    ]


def test_a_call_without_arguments_gets_an_object() -> None:
    (item,) = final(block(ToolStart("c", "f"), BlockStop()))["output"]
    assert item["arguments"] == "{}"


@pytest.mark.parametrize(
    ("reason", "status", "why"),
    [
        ("end", "completed", None),
        ("stop", "completed", None),
        ("tool", "completed", None),
        ("pause", "completed", None),
        ("limit", "incomplete", "max_output_tokens"),
        ("window", "incomplete", "max_output_tokens"),
        ("refusal", "incomplete", "content_filter"),
    ],
)
def test_how_an_answer_ends(reason: Any, status: str, why: str | None) -> None:
    last = final([Start(), ToolStart("c", "f"), ArgumentsDelta('{"a'), BlockStop(), Stop(reason, usage=USED)])
    assert last["status"] == last["output"][0]["status"] == status
    assert last["incomplete_details"] == (why and {"reason": why})


def test_a_refusal_in_words_is_a_complete_answer() -> None:
    last = final([Start(), RefusalStart(), TextDelta("no"), BlockStop(), Stop("refusal", usage=USED)])
    assert (last["status"], last["output"][0]["content"]) == ("completed", [{"type": "refusal", "refusal": "no"}])


def test_a_refusal_without_words_says_why() -> None:
    begun: list[Event] = [TextStart(), TextDelta("So"), BlockStop()]
    last = final([Start(), *begun, Stop("refusal", usage=USED, explanation="The prompt was blocked: SAFETY")])
    (message,) = last["output"]
    assert message["content"][-1] == {"type": "refusal", "refusal": "The prompt was blocked: SAFETY"}
    assert (last["status"], last["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})


def test_usage_is_three_whole_numbers_even_when_nobody_told() -> None:
    usage = final([Start(), TextStart(), TextDelta("x" * 40), BlockStop(), Stop("end")])["usage"]
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (17, 10, 27)


def test_the_vendors_own_items_pass_and_other_wires_do_not() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    last = final(block(Other("openai_responses", search), Other("anthropic", {"type": "server_tool_use"})))
    assert last["output"] == [search]


@pytest.mark.parametrize("wrong", [None, "", [None], {"a": 1}, 7])
def test_a_vendors_item_without_a_proper_id_is_given_one(wrong: object) -> None:
    search = {"type": "web_search_call", "id": wrong, "status": "failed"}
    grammars.check("openai_responses", streamed(block(Other("openai_responses", search))))


def test_half_a_surrogate_pair_breaks_nothing() -> None:
    assert final(block(TextStart(), TextDelta("a\ud83d"), BlockStop()))["output"][0]["content"][0]["text"] == "a?"


def test_what_was_asked_is_echoed_but_not_at_length() -> None:
    asked = read(instructions="long", temperature=0.5, max_output_tokens=99, tools=[{"type": "function", "name": "f"}])
    begun = told(streamed(block(), answering(asked)))[0]["response"]
    assert (begun["temperature"], begun["max_output_tokens"], begun["tools"], begun["instructions"]) == (
        0.5,
        99,
        [],
        None,
    )
    assert asks("openai_responses", tools=[Tool("f")]).tools


class _Sdk:
    """The official client, given these bytes."""

    def __init__(self, body: bytes, kind: str) -> None:
        def answer(_: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(200, headers={"content-type": kind}, content=body)

        transport = httpx2.Client(transport=httpx2.MockTransport(answer))
        self.client = openai.OpenAI(api_key="sk-test-1", http_client=transport, max_retries=0)


def test_the_official_client_accumulates_the_stream_and_reads_the_whole() -> None:
    sdk = _Sdk(streamed(EVENTS), "text/event-stream")
    with sdk.client.responses.stream(model="m", input="hi") as stream:
        response: Any = stream.get_final_response()
    whole: Any = _Sdk(CODEC.encoder(answering()).whole(EVENTS), "application/json").client.responses.create(
        model="m", input="hi"
    )
    for got in (response, whole):
        assert got.output_text == "Grüezi"
        assert [item.type for item in got.output] == ["reasoning", "message", "function_call", "custom_tool_call"]
        assert json.loads(got.output[2].arguments) == {"a": 1}
        assert got.usage.total_tokens == 120


def _drawn(draw: st.DrawFn) -> list[Event]:
    out: list[Event] = [Start("resp_01234567", "alias")]
    words = st.text(min_size=1, max_size=4).filter(lambda text: text.isprintable())
    called = refused = False
    for nth in range(draw(st.integers(0, 4))):
        match draw(st.sampled_from(["text", "refusal", "thinking", "redacted", "call", "custom", "other"])):
            case "text":
                out += [TextStart(), *(TextDelta(text) for text in draw(st.lists(words, max_size=2))), BlockStop()]
            case "refusal":
                refused = True
                out += [RefusalStart(), TextDelta(draw(words)), BlockStop()]
            case "thinking":
                signed = SignatureDelta(f"rs_{nth}:gA{nth}", "openai_responses")
                out += [ThinkingStart(id=f"rs_{nth}"), ThinkingDelta(draw(words)), signed, BlockStop()]
            case "redacted":
                signed = SignatureDelta(f"rs_{nth}:gA{nth}", "openai_responses")
                out += [ThinkingStart(redacted=True, id=f"rs_{nth}"), signed, BlockStop()]
            case "call":
                called = True
                out += [
                    ToolStart(f"call_{nth}", "f", item=f"fc_{nth}"),
                    ArgumentsDelta(draw(words) + "{}"),
                    BlockStop(),
                ]
            case "custom":
                called = True
                start = ToolStart(f"call_{nth}", "p", custom=True, namespace="n", item=f"ctc_{nth}")
                out += [start, *(ArgumentsDelta(text) for text in draw(st.lists(words, max_size=2))), BlockStop()]
            case "other":
                out.append(
                    Other("openai_responses", {"type": "web_search_call", "id": f"ws_{nth}", "status": "completed"})
                )
    reason: Any = draw(st.sampled_from(["limit", "tool" if called else "refusal" if refused else "end"]))
    return [*out, Stop(reason, usage=Usage(draw(st.integers(0, 9)), 1, 2, 0, 7, 3))]


@given(st.composite(_drawn)(), st.sampled_from([1, 4, 10**6]))
def test_what_is_written_is_read_as_it_was(events: list[Event], size: int) -> None:
    stream = streamed(events)
    grammars.check("openai_responses", stream)
    assert joined(decoded(stream, size)) == joined(events)
    assert joined(CODEC.decoder(None).whole(CODEC.encoder(answering()).whole(events))) == joined(events)  # type: ignore[arg-type]
