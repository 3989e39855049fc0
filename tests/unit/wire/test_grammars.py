"""The automata of what clients are sent: the documented stream is accepted, each known way to break it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trunkline.model.grammar import Ungrammatical
from trunkline.model.wires import Wire
from trunkline.wire.grammars import automaton, check

Json = dict[str, Any]


def named(*events: Json) -> bytes:
    return b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)


def bare(*events: Json | str) -> bytes:
    return b"".join(f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n".encode() for one in events)


def lines(*events: Json) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in events)


def message_start(tokens: int = 12) -> Json:
    message: Json = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
    }
    usage = {"input_tokens": tokens, "output_tokens": 1}
    return {"type": "message_start", "message": {**message, "stop_sequence": None, "usage": usage}}


def block(index: int, start: Json, *deltas: Json) -> list[Json]:
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def message_end(reason: str = "end_turn") -> list[Json]:
    usage = {"input_tokens": 12, "output_tokens": 3}
    return [
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]


THINKING = {"type": "thinking", "thinking": "", "signature": ""}
TEXT = {"type": "text", "text": ""}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
HM = {"type": "thinking_delta", "thinking": "hm"}
SIGNED = {"type": "signature_delta", "signature": "s"}
HI = {"type": "text_delta", "text": "hi"}
ARGUMENTS = {"type": "input_json_delta", "partial_json": '{"a": 1}'}

GOOD_MESSAGE = [
    message_start(),
    *block(0, THINKING, HM, SIGNED),
    *block(1, TEXT, HI),
    *block(2, CALL, ARGUMENTS),
    *message_end("tool_use"),
]


def test_the_documented_message_is_accepted_with_pings_anywhere() -> None:
    check("anthropic", named(*GOOD_MESSAGE))
    check("anthropic", b"".join(named({"type": "ping"}, event) + b": hello\n\n" for event in GOOD_MESSAGE))


def test_an_error_may_end_a_message_anywhere() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    for end in range(len(GOOD_MESSAGE)):
        check("anthropic", named(*GOOD_MESSAGE[:end], error))


BAD_MESSAGES = {
    "zero input": [message_start(0), *message_end()],
    "two starts": [message_start(), message_start(), *message_end()],
    "a thinking delta inside a text block": [message_start(), *block(0, TEXT, HM), *message_end()],
    "a gap between blocks": [message_start(), *block(0, TEXT, HI), *block(2, TEXT, HI), *message_end()],
    "words behind the signature": [message_start(), *block(0, THINKING, SIGNED, HM), *message_end()],
    "two signatures": [message_start(), *block(0, THINKING, HM, SIGNED, SIGNED), *message_end()],
    "no signature": [message_start(), *block(0, THINKING, HM), *message_end()],
    "an empty delta": [message_start(), *block(0, TEXT, {"type": "text_delta", "text": ""}), *message_end()],
    "broken input": [
        message_start(),
        *block(0, CALL, {"type": "input_json_delta", "partial_json": "{"}),
        *message_end("tool_use"),
    ],
    "the same id twice": [message_start(), *block(0, CALL), *block(1, CALL), *message_end("tool_use")],
    "a block left open": [message_start(), *block(0, TEXT, HI)[:-1], *message_end()],
    "something after the end": [*GOOD_MESSAGE, {"type": "ping"}],
    "no end": GOOD_MESSAGE[:-1],
    "an unknown stop": [message_start(), *message_end("stop")],
}


@pytest.mark.parametrize("what", BAD_MESSAGES)
def test_a_message_is_refused_with(what: str) -> None:
    with pytest.raises(Ungrammatical):
        check("anthropic", named(*BAD_MESSAGES[what]))


def chunk(delta: Json | None = None, finish: str | None = None, **more: Any) -> Json:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **more}


def tool(index: int, arguments: str = "", **head: Any) -> Json:
    name = {"name": head.pop("name")} if "name" in head else {}
    return {"tool_calls": [{"index": index, **head, "function": {**name, "arguments": arguments}}]}


ROLE = chunk({"role": "assistant", "content": ""})
FIRST = chunk(tool(0, id="call_1", type="function", name="f"))
USAGE = chunk(usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3})
GOOD_CHAT: list[Json | str] = [
    ROLE,
    chunk({"content": "hi"}),
    FIRST,
    chunk(tool(0, "{}")),
    chunk({}, "tool_calls"),
    USAGE,
    "[DONE]",
]


def test_the_documented_chunks_are_accepted_with_or_without_usage() -> None:
    check("openai_chat", bare(*GOOD_CHAT))
    check("openai_chat", b": hello\n\n" + bare(*GOOD_CHAT[:-2], "[DONE]"))
    check("openai_chat", bare(*GOOD_CHAT[:3], {"error": {"message": "x"}}, "[DONE]"))


BAD_CHATS: dict[str, list[Json | str]] = {
    "no role": [chunk({"content": "hi"}), chunk({}, "stop"), "[DONE]"],
    "the role twice": [ROLE, ROLE, chunk({}, "stop"), "[DONE]"],
    "the id twice": [ROLE, FIRST, chunk(tool(0, "{}", id="call_1")), chunk({}, "tool_calls"), "[DONE]"],
    "the name twice": [ROLE, FIRST, chunk(tool(0, "{}", name="f")), chunk({}, "tool_calls"), "[DONE]"],
    "a gap between calls": [ROLE, chunk(tool(1, id="c", type="function", name="f")), chunk({}, "tool_calls"), "[DONE]"],
    "usage before the finish": [ROLE, USAGE, chunk({}, "stop"), "[DONE]"],
    "no finish": [ROLE, "[DONE]"],
    "no [DONE]": [ROLE, chunk({}, "stop")],
    "something behind [DONE]": [ROLE, chunk({}, "stop"), "[DONE]", USAGE],
    "words behind the finish": [ROLE, chunk({}, "stop"), chunk({"content": "x"}), "[DONE]"],
    "another id": [ROLE, {**chunk({}, "stop"), "id": "d"}, "[DONE]"],
}


@pytest.mark.parametrize("what", BAD_CHATS)
def test_chunks_are_refused_with(what: str) -> None:
    with pytest.raises(Ungrammatical):
        check("openai_chat", bare(*BAD_CHATS[what]))


def response(status: str, *output: Json, **more: Any) -> Json:
    return {"id": "resp_1", "object": "response", "status": status, "model": "m", "output": list(output), **more}


PART = {"type": "output_text", "text": "hi", "annotations": []}
MESSAGE: Json = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [PART]}
FUNCTION: Json = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}
COUNTED = {"usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}}


def numbered(*events: Json) -> list[Json]:
    return [{**event, "sequence_number": nth} for nth, event in enumerate(events)]


def good_response() -> list[Json]:
    text = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    call = {"item_id": "fc_1", "output_index": 1}
    start = "response.function_call_arguments"
    return [
        {"type": "response.created", "response": response("in_progress")},
        {"type": "response.in_progress", "response": response("in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": {**MESSAGE, "content": []}},
        {"type": "response.content_part.added", **text, "part": {**PART, "text": ""}},
        {"type": "response.output_text.delta", **text, "delta": "h"},
        {"type": "response.output_text.delta", **text, "delta": "i"},
        {"type": "response.output_text.done", **text, "text": "hi"},
        {"type": "response.content_part.done", **text, "part": PART},
        {"type": "response.output_item.done", "output_index": 0, "item": MESSAGE},
        {"type": "response.output_item.added", "output_index": 1, "item": {**FUNCTION, "arguments": ""}},
        {"type": f"{start}.delta", **call, "delta": "{}"},
        {"type": f"{start}.done", **call, "arguments": "{}"},
        {"type": "response.output_item.done", "output_index": 1, "item": FUNCTION},
        {"type": "response.completed", "response": response("completed", MESSAGE, FUNCTION, **COUNTED)},
    ]


def test_the_documented_response_is_accepted() -> None:
    check("openai_responses", named(*numbered(*good_response())))


def test_a_response_may_fail_in_the_middle_of_an_item() -> None:
    failed = {"type": "response.failed", "response": response("failed", error={"code": "x", "message": "gone"})}
    check("openai_responses", named(*numbered(*good_response()[:5], failed)))


def of_one_item(item: Json, *inside: Json) -> bytes:
    """A response of one item: whole from the beginning, but for the arguments of a call."""
    begun = {**item, "arguments": ""} if "arguments" in item else item
    return named(
        *numbered(
            *good_response()[:2],
            {"type": "response.output_item.added", "output_index": 0, "item": begun},
            *inside,
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": response("completed", item, **COUNTED)},
        )
    )


def test_a_search_may_have_failed_but_a_call_has_an_end() -> None:
    check("openai_responses", of_one_item({"type": "web_search_call", "id": "ws_1", "status": "failed"}))
    arguments = {"item_id": "fc_1", "output_index": 0}
    inside = [{"type": f"response.function_call_arguments.{kind}", **arguments} for kind in ("delta", "done")]
    inside[0]["delta"] = inside[1]["arguments"] = "{}"
    check("openai_responses", of_one_item({**FUNCTION, "status": "completed"}, *inside))
    with pytest.raises(Ungrammatical, match="without an end"):
        check("openai_responses", of_one_item({**FUNCTION, "status": "failed"}, *inside))


def test_what_the_vendors_shell_came_to_has_the_id_of_its_call() -> None:
    events = good_response()
    came_to = {"type": "shell_call_output", "id": "sho_1", "call_id": "call_1", "output": []}
    events.insert(-1, {"type": "response.output_item.added", "output_index": 2, "item": came_to})
    events.insert(-1, {"type": "response.output_item.done", "output_index": 2, "item": came_to})
    events[-1]["response"]["output"].append(came_to)
    check("openai_responses", named(*numbered(*events)))


@pytest.mark.parametrize("missing", range(13))
def test_no_event_of_a_response_may_be_missing(missing: int) -> None:
    events = good_response()
    del events[missing]
    if missing == 1:
        check("openai_responses", named(*numbered(*events)))
        return
    with pytest.raises(Ungrammatical):
        check("openai_responses", named(*numbered(*events)))


def test_a_response_is_refused_with_a_gap_in_its_numbers() -> None:
    events = numbered(*good_response())
    events[5]["sequence_number"] = 9
    with pytest.raises(Ungrammatical, match="sequence_number 9 where 5"):
        check("openai_responses", named(*events))


def test_a_response_must_end_with_the_items_that_were_done() -> None:
    events = good_response()
    events[-1]["response"]["output"].pop()
    with pytest.raises(Ungrammatical, match="not the items that were done"):
        check("openai_responses", named(*numbered(*events)))


def line(done: bool = False, **more: Any) -> Json:
    message = {"role": "assistant", "content": more.pop("content", ""), **more.pop("message", {})}
    return {"model": "m", "created_at": "2026-11-20T10:00:00.1Z", "message": message, "done": done, **more}


COUNTS = dict.fromkeys(
    ["total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count", "eval_duration"], 1
)
LAST = line(True, done_reason="stop", **COUNTS)
CALLED = {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}


def test_the_documented_lines_are_accepted() -> None:
    check("ollama", lines(line(content="hi"), line(message=CALLED), LAST))
    check("ollama", lines(line(content="hi"), {"error": "gone"}))


BAD_LINES = {
    "nothing done": [line(content="hi")],
    "done twice": [LAST, LAST],
    "arguments as text": [line(message={"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}), LAST],
    "no time": [{**line(), "created_at": "now"}, LAST],
    "no counts": [line(True, done_reason="stop")],
}


@pytest.mark.parametrize("what", BAD_LINES)
def test_lines_are_refused_with(what: str) -> None:
    with pytest.raises(Ungrammatical):
        check("ollama", lines(*BAD_LINES[what]))


def piece(*parts: Json, finish: str = "", **more: Any) -> Json:
    candidate: Json = {"index": 0, "content": {"role": "model", "parts": list(parts)}}
    if finish:
        candidate["finishReason"] = finish
    return {"responseId": "r", "modelVersion": "m", "candidates": [candidate], **more}


METERED = {"usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3}}


def test_the_documented_chunks_of_gemini_are_accepted() -> None:
    call = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"}
    check(
        "gemini",
        bare(piece({"text": "hm", "thought": True}), piece({"text": "hi"}, call), piece(finish="STOP", **METERED)),
    )


BAD_PIECES = {
    "no finish": [piece({"text": "hi"})],
    "something behind the finish": [piece({"text": "hi"}, finish="STOP", **METERED), piece({"text": "x"})],
    "no usage": [piece({"text": "hi"}, finish="STOP")],
    "arguments as text": [piece({"functionCall": {"name": "f", "args": "{}"}}, finish="STOP", **METERED)],
    "another id": [piece({"text": "hi"}), {**piece(finish="STOP", **METERED), "responseId": "s"}],
}


@pytest.mark.parametrize("what", BAD_PIECES)
def test_chunks_of_gemini_are_refused_with(what: str) -> None:
    with pytest.raises(Ungrammatical):
        check("gemini", bare(*BAD_PIECES[what]))


@pytest.mark.parametrize("wire", ["anthropic", "openai_chat", "openai_responses", "ollama", "gemini"])
@pytest.mark.parametrize(
    "stream", [b"data: {}", b"data: nonsense\n\n", b"data: \xff\n\n", b"data: [1]\n\n", b"\xff\n", b"[]\n"]
)
def test_what_is_no_stream_at_all_is_refused_in_words(wire: Wire, stream: bytes) -> None:
    with pytest.raises(Ungrammatical, match=wire):
        check(wire, stream)


def test_a_stream_can_be_followed_as_it_is_sent() -> None:
    machine = automaton("anthropic")
    for event in GOOD_MESSAGE:
        assert not machine.ended
        machine.take(named(event))
    assert machine.ended
