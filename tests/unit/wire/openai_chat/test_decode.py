"""Answers of servers of every kind, and what is made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire.openai_chat.making import (
    DONE,
    GLM,
    OPENAI,
    VLLM,
    calls,
    chunk,
    data,
    decoded,
    fragment,
    ids,
    stop,
    told,
)
from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderRefused
from trunkline.model.dialect import Dialect
from trunkline.model.events import Other, SignatureDelta, Start, Stop, ToolStart
from trunkline.model.grammar import Grammar, check
from trunkline.model.usage import Usage
from trunkline.wire import marks
from trunkline.wire.mixed import LEAKED
from trunkline.wire.openai_chat.decode import ChatDecoder
from trunkline.wire.openai_chat.ways import _ROWS

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 64},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
COUNTED = Usage(input=36, cache_read=64, output=20, reasoning=5)
ROLE = chunk({"role": "assistant", "content": ""})


def test_an_answer_of_openai_with_text_and_usage() -> None:
    events = decoded(
        ROLE, chunk({"content": "Hel"}), chunk({"content": "lo"}), chunk(finish="stop"),
        data({"id": "chatcmpl-9", "choices": [], "usage": USAGE}), DONE,
    )  # fmt: skip
    assert events[0] == Start("chatcmpl-9", "m-1")
    assert told(events) == [("text", "Hello"), ("stop", "end")]
    assert stop(events).usage == COUNTED


def test_the_stop_waits_for_the_usage_behind_the_finish_reason() -> None:
    decoder = ChatDecoder(OPENAI)
    assert not any(isinstance(event, Stop) for event in decoder.feed(ROLE + chunk({"content": "a"}, "stop")))
    assert decoder.feed(data({"choices": [], "usage": USAGE})) == []
    events = decoder.feed(DONE)
    assert stop(events).usage == COUNTED
    assert decoder.end() == [] and decoder.feed(chunk({"content": "more"})) == []


@pytest.mark.parametrize(
    "ending",
    [
        chunk({"content": "", "role": "assistant"}, "stop", usage=USAGE) + DONE,
        chunk({}, "stop") + data({"choices": [], "usage": USAGE}),
        data({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}]}) + DONE,
        chunk({}, "stop", x_groq={"id": "r", "usage": USAGE}) + DONE,
        chunk({}, "stop", usage={**USAGE, "prompt_tokens_details": None, "prompt_cache_hit_tokens": 64}) + DONE,
        chunk({}, "stop", usage={**USAGE, "prompt_tokens_details": None, "cached_tokens": 64}) + DONE,
    ],
    ids=["in the finish chunk", "no DONE", "in the choice", "of Groq", "of DeepSeek", "of Kimi"],
)
def test_usage_is_found_wherever_it_stands(ending: bytes) -> None:
    events = decoded(ROLE, chunk({"content": "a"}), ending)
    assert told(events) == [("text", "a"), ("stop", "end")]
    assert stop(events).usage == COUNTED


def test_usage_of_nothing_but_zeros_is_none() -> None:
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert not stop(decoded(chunk({"content": "a"}, "stop", usage=zeros), DONE)).usage.known


def test_an_answer_without_usage_says_so() -> None:
    assert not stop(decoded(chunk({"content": "a"}, "stop"), DONE)).usage.known


def test_unreadable_usage_counts_as_none() -> None:
    assert not stop(decoded(chunk({"content": "a"}, "stop", usage={"prompt_tokens": "many"}), DONE)).usage.known


def test_comments_and_crlf_and_missing_blanks_are_no_matter() -> None:
    stream = b": OPENROUTER PROCESSING\r\n\r\n" + chunk({"content": "a"}, "stop").replace(b"data: ", b"data:").replace(
        b"\n\n", b"\r\n\r\n"
    )
    assert told(decoded(stream, DONE)) == [("text", "a"), ("stop", "end")]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_bytes_may_be_cut_inside_a_character_and_inside_an_escape(size: int) -> None:
    raw = '{"choices":[{"index":0,"delta":{"content":"strëam ✓ 日本 \\u65e5 \\ud83d\\ude00"},"finish_reason":"stop"}]}'
    events = decoded(b"data: " + raw.encode() + b"\n\n", DONE, size=size)
    assert told(events) == [("text", "strëam ✓ 日本 日 😀"), ("stop", "end")]


def test_two_parallel_calls_one_after_another() -> None:
    events = decoded(
        ROLE,
        calls(fragment(0, "call_a", "weather", "")), calls(fragment(0, text='{"ci')), calls(fragment(0, text='ty":1}')),
        calls(fragment(1, "call_b", "time", "{}")),
        chunk(finish="tool_calls"), DONE,
    )  # fmt: skip
    assert told(events) == [("call", "weather", '{"city":1}'), ("call", "time", "{}"), ("stop", "tool")]
    assert ids(events) == ["call_a", "call_b"]


def test_two_parallel_calls_interleaved() -> None:
    events = decoded(
        calls(fragment(0, "call_a", "f", ""), fragment(1, "call_b", "g", "")),
        calls(fragment(1, text='{"b"')), calls(fragment(0, text='{"a"')), calls(fragment(1, text=":2}")),
        calls(fragment(0, text=":1}")), chunk(finish="tool_calls"), DONE,
    )  # fmt: skip
    assert told(events) == [("call", "f", '{"a":1}'), ("call", "g", '{"b":2}'), ("stop", "tool")]


ODD_CALLS: dict[str, tuple[list[bytes], list[tuple[str, str]]]] = {
    "id in every fragment": (
        [calls(fragment(0, "a", "f", "{")), calls(fragment(0, "a", text="}"))],
        [("f", "{}")],
    ),
    "name and id in every fragment": (
        [calls(fragment(0, "a", "f", '{"x"')), calls(fragment(0, "a", "f", ":1}"))],
        [("f", '{"x":1}')],
    ),
    "no id at all": ([calls(fragment(0, None, "f", "{}")), calls(fragment(1, None, "g", "{}"))], [("f", "{}"), ("g", "{}")]),
    "empty id": ([calls(fragment(0, "", "f", "{}"))], [("f", "{}")]),
    "name in pieces": (
        [calls(fragment(0, "a", "get_")), calls(fragment(0, None, "weather")), calls(fragment(0, text="{}"))],
        [("get_weather", "{}")],
    ),
    "name that grows": (
        [calls(fragment(0, "a", "get_")), calls(fragment(0, "a", "get_weather", "")), calls(fragment(0, text="{}"))],
        [("get_weather", "{}")],
    ),
    "whole calls without an index": (
        [calls(fragment(None, "a", "f", '{"x":1}')), calls(fragment(None, "b", "f", '{"x":2}'))],
        [("f", '{"x":1}'), ("f", '{"x":2}')],
    ),
    "whole calls without index and id": (
        [calls(fragment(None, None, "f", '{"x":1}'), fragment(None, None, "f", '{"x":1}'))],
        [("f", '{"x":1}'), ("f", '{"x":1}')],
    ),
    "fragments by id": (
        [calls(fragment(None, "a", "f", '{"x"')), calls(fragment(None, "a", None, ":1}"))],
        [("f", '{"x":1}')],
    ),
    "fragments by nothing": (
        [calls(fragment(None, "a", "f", '{"x"')), calls(fragment(None, None, None, ":1}"))],
        [("f", '{"x":1}')],
    ),
    "one index for all": (
        [calls(fragment(0, "a", "f", '{"x":1}')), calls(fragment(0, "b", "g", "{}"))],
        [("f", '{"x":1}'), ("g", "{}")],
    ),
    "one index and one id for all": (
        [calls(fragment(0, "call_0", "f", '{"x":1}')), calls(fragment(0, "call_0", "f", '{"x":2}'))],
        [("f", '{"x":1}'), ("f", '{"x":2}')],
    ),
    "one id for all": (
        [calls(fragment(0, "call_0", "f", "{}"), fragment(1, "call_0", "g", "{}"))],
        [("f", "{}"), ("g", "{}")],
    ),
    "sparse indices": (
        [calls(fragment(3, "a", "f", "{}")), calls(fragment(7, "b", "g", "{}"))],
        [("f", "{}"), ("g", "{}")],
    ),
    "arguments as an object": ([calls(fragment(0, "a", "f", {"x": [1, "é"]}))], [("f", '{"x":[1,"é"]}')]),
    "no arguments": ([calls(fragment(0, "a", "f")), calls(fragment(1, "b", "g", ""))], [("f", ""), ("g", "")]),
    "null arguments": ([calls({"index": 0, "id": "a", "function": {"name": "f", "arguments": None}})], [("f", "")]),
    "arguments before the name": (
        [calls(fragment(0, "a", None, '{"x"')), calls(fragment(0, None, "f", ":1}"))],
        [("f", '{"x":1}')],
    ),
    "a call that never gets a name": (
        [calls(fragment(0, "a", None, "{}")), calls(fragment(1, "b", "g", "{}"))],
        [("g", "{}")],
    ),
    "legacy function_call": (
        [chunk({"function_call": {"name": "f", "arguments": "{"}}), chunk({"function_call": {"arguments": "}"}})],
        [("f", "{}")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD_CALLS)
@pytest.mark.parametrize("finish", ["tool_calls", "stop", "function_call"])
def test_calls_are_put_together_however_they_come(case: str, finish: str) -> None:
    pieces, expected = ODD_CALLS[case]
    events = decoded(ROLE, *pieces, chunk(finish=finish), DONE)
    assert told(events) == [*(("call", *each) for each in expected), ("stop", "tool")]
    assert ids(decoded(ROLE, *pieces, chunk(finish=finish), DONE)) == ids(events), "the same answer has the same ids"


def test_answers_of_a_server_without_ids_do_not_share_ids_of_calls() -> None:
    said = {"delta": {"tool_calls": [fragment(0, None, "f", "{}")]}, "finish_reason": "tool_calls"}
    first, second = (decoded(data({"created": at, "choices": [said]}), DONE) for at in (1, 2))
    assert ids(first) != ids(second)


def test_a_finish_chunk_may_carry_the_last_words() -> None:
    assert told(decoded(chunk({"content": "a"}), chunk({"content": "b"}, "stop"), DONE)) == [
        ("text", "ab"),
        ("stop", "end"),
    ]


def test_text_after_a_call_is_a_block_of_its_own() -> None:
    events = decoded(chunk({"content": "a"}), calls(fragment(0, "x", "f", "{}")), chunk({"content": "b"}, "stop"), DONE)
    assert told(events) == [("text", "a"), ("call", "f", "{}"), ("text", "b"), ("stop", "tool")]


def test_a_custom_call_keeps_its_text() -> None:
    first = {"index": 0, "id": "a", "type": "custom", "custom": {"name": "patch", "input": "*** Be"}}
    events = decoded(calls(first), calls({"index": 0, "custom": {"input": "gin"}}), chunk(finish="tool_calls"), DONE)
    assert told(events) == [("call", "patch", "*** Begin"), ("stop", "tool")]
    assert next(event for event in events if isinstance(event, ToolStart)).custom


def test_a_call_that_the_limit_cut_is_closed_and_the_limit_stays_the_reason() -> None:
    events = decoded(calls(fragment(0, "a", "f", '{"x":')), chunk(finish="length"), DONE)
    assert told(events) == [("call", "f", '{"x":'), ("stop", "limit")]


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "end"), ("length", "limit"), ("content_filter", "refusal"), ("sensitive", "refusal"),
        ("model_context_window_exceeded", "window"), ("eos", "end"), ("tool_calls", "end"),
    ],
)  # fmt: skip
def test_reasons_to_finish(finish: str, reason: str) -> None:
    assert stop(decoded(chunk({"content": "a"}, finish), DONE)).reason == reason


@pytest.mark.parametrize(
    ("finish", "status"),
    [("network_error", 500), ("insufficient_system_resource", 503), ("error", 502), ("abort", 500)],
)
def test_reasons_that_are_failures(finish: str, status: int) -> None:
    with pytest.raises(ProviderRefused) as caught:
        decoded(chunk({"content": "a"}, finish), DONE)
    assert (caught.value.status, caught.value.code) == (status, finish)


@pytest.mark.parametrize("member", ["reasoning_content", "reasoning"])
def test_reasoning_comes_before_the_words(member: str) -> None:
    events = decoded(
        ROLE, chunk({member: "hm"}), chunk({member: "m", "content": None}), chunk({"content": "so"}, "stop"), DONE
    )
    assert told(events) == [("thinking", "hmm"), ("text", "so"), ("stop", "end")]


def test_mirrored_reasoning_is_read_once() -> None:
    delta = {
        "reasoning": "hm",
        "reasoning_content": "hm",
        "reasoning_details": [{"type": "reasoning.text", "text": "hm"}],
    }
    assert told(decoded(chunk(delta), chunk(finish="stop"), DONE)) == [("thinking", "hm"), ("stop", "end")]


def test_reasoning_only_and_then_the_end() -> None:
    assert told(decoded(chunk({"reasoning_content": "hm"}, "stop"), DONE)) == [("thinking", "hm"), ("stop", "end")]


def test_signed_details_of_openrouter_close_their_block_and_keep_what_proves_it() -> None:
    text = {"type": "reasoning.text", "text": "hm", "index": 0, "format": "anthropic-claude-v1"}
    sign = {"type": "reasoning.text", "signature": "sig==", "index": 0, "format": "anthropic-claude-v1"}
    events = decoded(
        chunk({"reasoning": "hm", "reasoning_details": [text]}), chunk({"reasoning_details": [sign]}),
        chunk({"content": "so"}, "stop"), DONE,
    )  # fmt: skip
    proof = next(event for event in events if isinstance(event, SignatureDelta))
    assert proof.origin == "openai_chat" and json.loads(proof.signature) == sign
    assert [each[:2] for each in told(events)] == [("thinking", "hm"), ("text", "so"), ("stop", "end")]


def test_a_sealed_detail_is_unsealed_to_its_origin() -> None:
    detail = {"type": "reasoning.text", "text": "hm", "signature": marks.seal("anthropic", "real"), "index": 0}
    events = decoded(
        chunk({"reasoning_content": "hm"}), chunk({"reasoning_details": [detail]}), chunk({}, "stop"), DONE
    )
    assert SignatureDelta("real", "anthropic") in events
    assert told(events) == [("thinking", "hm", "real"), ("stop", "end")]


def test_a_signature_among_calls_waits_for_them() -> None:
    detail = {"type": "reasoning.encrypted", "data": "xyz", "index": 0}
    events = decoded(
        calls(fragment(0, "a", "f", '{"x"')), chunk({"reasoning_details": [detail]}), calls(fragment(0, text=":1}")),
        chunk({}, "tool_calls"), DONE,
    )  # fmt: skip
    assert told(events)[0] == ("call", "f", '{"x":1}')
    assert told(events)[1][0] == "thinking"


def test_think_tags_in_the_words_are_thinking() -> None:
    events = decoded(*(chunk({"content": c}) for c in "<think>hm</think>\n\nso"), chunk({}, "stop"), DONE, dialect=VLLM)
    assert told(events) == [("thinking", "hm"), ("text", "so"), ("stop", "end")]


def test_who_tells_thinking_apart_keeps_his_tags() -> None:
    pieces = (chunk({"reasoning_content": "hm"}), chunk({"content": "<think> is a tag"}, "stop"), DONE)
    assert told(decoded(*pieces, dialect=VLLM))[1] == ("text", "<think> is a tag")
    assert told(decoded(chunk({"content": "<think>x</think>"}, "stop"), DONE))[0] == ("text", "<think>x</think>")


def test_thinking_as_a_part_of_the_content() -> None:
    parts: list[Any] = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "so"},
    ]
    events = decoded(chunk({"content": parts}, "stop"), DONE, dialect=Dialect("mistral", "magistral"))
    assert told(events) == [("thinking", "hm"), ("text", "so"), ("stop", "end")]


LEAK = '<tool_call>{"name": "f", "arguments": {"x": 1}}</tool_call>'
GLM_LEAK = "<tool_call>f\n<arg_key>x</arg_key>\n<arg_value>1</arg_value>\n<arg_key>y</arg_key><arg_value>a b</arg_value></tool_call>"


@pytest.mark.parametrize("dialect", [GLM, VLLM, Dialect("ollama", "qwen3", leaks=True)])
@pytest.mark.parametrize(("leak", "arguments"), [(LEAK, '{"x":1}'), (GLM_LEAK, '{"x":1,"y":"a b"}')])
@pytest.mark.parametrize("size", [1, 4, 500])
def test_a_leaked_call_is_found_again_and_named(dialect: Dialect, leak: str, arguments: str, size: int) -> None:
    decoder = ChatDecoder(dialect)
    words = f"I will.\n{leak}"
    events = [
        event for at in range(0, len(words), size) for event in decoder.feed(chunk({"content": words[at : at + size]}))
    ]
    events += decoder.feed(chunk({}, "stop")) + decoder.end()
    check(events)
    assert told(events) == [("text", "I will.\n"), ("call", "f", arguments), ("stop", "tool")]
    assert decoder.repairs == [LEAKED]


def test_two_leaked_calls_the_last_never_closed() -> None:
    events = decoded(chunk({"content": LEAK + LEAK.removesuffix("</tool_call>")}, "stop"), DONE, dialect=VLLM)
    assert told(events) == [("call", "f", '{"x":1}'), ("call", "f", '{"x":1}'), ("stop", "tool")]
    assert len(set(ids(events))) == 2


@pytest.mark.parametrize(
    "words",
    [
        f"like `{LEAK}`",
        f"```\n{LEAK}\n```",
        f"`````\n{LEAK}\n`````",
        "<tool_call>not json</tool_call>",
        "<tool_call>never",
        '<tool_call>{"name": 1}</tool_call>',
    ],
)
def test_words_about_calls_stay_words(words: str) -> None:
    assert told(decoded(*(chunk({"content": c}) for c in words), chunk({}, "stop"), DONE, dialect=VLLM)) == [
        ("text", words),
        ("stop", "end"),
    ]


def test_a_leaked_call_of_a_tool_that_was_not_offered_stays_words() -> None:
    decoder = ChatDecoder(VLLM, offered={"other"})
    assert told(decoder.feed(chunk({"content": LEAK}, "stop")) + decoder.end())[0] == ("text", LEAK)


def test_nobody_else_is_repaired() -> None:
    assert told(decoded(chunk({"content": LEAK}, "stop"), DONE))[0] == ("text", LEAK)


def test_a_refusal_is_a_block_of_refusing_words() -> None:
    events = decoded(chunk({"refusal": "I "}), chunk({"refusal": "won't"}), chunk({}, "stop"), DONE)
    assert told(events) == [("refusal", "I won't"), ("stop", "refusal")]


def test_annotations_go_on_to_clients_of_this_wire() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "https://example.com"}}
    assert Other("openai_chat", {"annotations": [note]}) in decoded(
        chunk({"content": "a", "annotations": [note]}, "stop"), DONE
    )


def test_azures_first_chunk_without_choices_is_no_matter() -> None:
    first = data({"id": "", "model": "", "choices": [], "prompt_filter_results": [{}]})
    assert decoded(first, chunk({"content": "a"}, "stop"), DONE)[0] == Start("chatcmpl-9", "m-1")


def test_an_answer_of_no_tokens_is_an_answer() -> None:
    assert told(decoded(ROLE, chunk({}, "stop"), DONE)) == [("stop", "end")]


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (data({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}), 429, "rate_limit_exceeded"),
        (data({"error": {"message": "busy", "code": "1305"}}), 500, "1305"),
        (data({"code": 1302, "message": "too many"}), 500, "1302"),
        (data({"object": "error", "message": "no", "type": "BadRequestError", "code": 400}), 400, "400"),
        (b'event: error\ndata: {"message": "no"}\n\n', 500, "provider_error"),
        (
            data({"id": "x", "error": {"message": "cut", "code": 502}, "choices": [{"delta": {"content": ""}}]}),
            502,
            "502",
        ),
    ],
)
def test_an_error_in_the_stream_is_the_providers_refusal(event: bytes, status: int, code: str) -> None:
    for before in ([], [ROLE, chunk({"content": "a"})]):
        with pytest.raises(ProviderRefused) as caught:
            decoded(*before, event)
        assert (caught.value.status, caught.value.code) == (status, code)


@pytest.mark.parametrize(
    "stream", [b"", b": ping\n\n", DONE, b"<html>no</html>", ROLE + DONE, b"data: {junk\n\n", b"data: 3\n\n"]
)
def test_what_is_no_answer_is_garbage(stream: bytes) -> None:
    with pytest.raises(ProviderGarbage):
        decoded(stream)


@pytest.mark.parametrize(
    "stream",
    [
        ROLE,
        ROLE + chunk({"content": "a"}),
        ROLE + chunk({"content": "a"}) + DONE,
        calls(fragment(0, "a", "f", "{}")),
        calls(fragment(0, "a", "f", "{}")) + DONE,
        ROLE + b'data: {"cho',
    ],
)
def test_an_end_without_a_reason_is_a_cut(stream: bytes) -> None:
    with pytest.raises(ProviderCut):
        decoded(stream)


def test_a_whole_answer_where_a_stream_was_asked_for_is_read_all_the_same() -> None:
    body = {"choices": [{"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}], "usage": USAGE}
    events = decoded(json.dumps(body, indent=1).encode())
    assert told(events) == [("text", "a"), ("stop", "end")]
    assert stop(events).usage == COUNTED


def test_a_whole_answer_is_the_stream_it_would_have_been() -> None:
    message = {
        "role": "assistant", "content": "so", "reasoning_content": "hm", "refusal": None,
        "tool_calls": [
            {"id": "call_a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
            {"id": "call_b", "type": "function", "function": {"name": "g", "arguments": {"y": 2}}},
        ],
    }  # fmt: skip
    body = {
        "id": "c-1",
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": USAGE,
    }
    events = ChatDecoder(OPENAI).whole(json.dumps(body).encode())
    check(events)
    assert told(events) == [
        ("thinking", "hm"), ("text", "so"), ("call", "f", '{"x":1}'), ("call", "g", '{"y":2}'), ("stop", "tool"),
    ]  # fmt: skip
    assert stop(events).usage == COUNTED


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"choices":[]}', b'{"choices":[{}]}', b"<html>", b'{"choices":[null]}']
)
def test_a_body_that_is_no_completion_is_garbage(body: bytes) -> None:
    with pytest.raises(ProviderGarbage):
        ChatDecoder(OPENAI).whole(body)


def test_an_error_inside_a_200_is_told() -> None:
    with pytest.raises(ProviderGarbage, match="no balance"):
        ChatDecoder(OPENAI).whole(b'{"error":{"code":"1113","message":"no balance"}}')


WORDS: st.SearchStrategy[Any] = st.sampled_from(
    ["", "a", "<think>", "</think>", "<tool_call>", "</tool_call>", LEAK, "`", "\n", '{"name"', None, 3, [], {}]
)
FRAGMENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "index": st.sampled_from([0, 1, 5, None, "0", True]),
        "id": st.sampled_from(["a", "b", "", None, 3]),
        "type": st.sampled_from(["function", "custom", None]),
        "function": st.fixed_dictionaries(
            {}, optional={"name": st.sampled_from(["f", "g", "", None, 1]), "arguments": st.sampled_from(["{", "}", "{}", '"x"', "", None, {}, [1]])}
        ) | st.none(),
        "custom": st.sampled_from([{"name": "p", "input": "x"}, {"input": "y"}, None, 3]),
    },
)  # fmt: skip
DETAILS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"type": st.sampled_from(["reasoning.text", "reasoning.encrypted"]), "text": WORDS, "signature": WORDS, "data": WORDS, "id": WORDS}
    ),
    max_size=2,
)  # fmt: skip
DELTAS = st.fixed_dictionaries(
    {},
    optional={
        "content": WORDS | st.lists(st.fixed_dictionaries({}, optional={"text": WORDS, "thinking": WORDS}), max_size=2),
        "reasoning_content": WORDS,
        "reasoning": WORDS,
        "reasoning_details": DETAILS | WORDS,
        "refusal": WORDS,
        "tool_calls": st.lists(FRAGMENTS, max_size=3) | WORDS,
        "function_call": FRAGMENTS,
        "annotations": st.sampled_from([[{"a": 1}], 3, None]),
    },
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "id": WORDS,
        "choices": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "index": st.sampled_from([0, 1, None]),
                    "delta": DELTAS,
                    "message": DELTAS,
                    "finish_reason": st.sampled_from(["stop", "length", "tool_calls", "odd", "error", None, 3]),
                },
            ),
            max_size=2,
        ),
        "usage": st.sampled_from([USAGE, {}, None, 3, {"prompt_tokens": "x"}]),
        "error": st.sampled_from([None, {}, "bad", {"message": "x"}]),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=8), st.sampled_from(sorted(_ROWS)), st.integers(1, 90), st.booleans())
def test_whatever_comes_satisfies_the_grammar_or_is_a_failure(
    stream: list[dict[str, Any]], provider: str, size: int, done: bool
) -> None:
    raw = b"".join(data(each) for each in stream) + (DONE if done else b"")
    decoder, grammar = ChatDecoder(Dialect(provider, "m")), Grammar()
    try:
        for at in range(0, len(raw), size):
            for event in decoder.feed(raw[at : at + size]):
                grammar.take(event)
        for event in decoder.end():
            grammar.take(event)
    except Failure:
        return
    assert grammar.ended


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.sampled_from(sorted(_ROWS)))
def test_whatever_whole_answer_comes(body: dict[str, Any], provider: str) -> None:
    try:
        check(ChatDecoder(Dialect(provider, "m")).whole(json.dumps(body).encode()))
    except Failure:
        return


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([ROLE, DONE, b"data: ", b"\n\n", b"{", b'"choices":[']), max_size=8
    )
)
def test_any_bytes_are_a_failure_or_an_answer(pieces: list[bytes]) -> None:
    decoder, grammar = ChatDecoder(VLLM), Grammar()
    try:
        for piece in pieces:
            for event in decoder.feed(piece):
                grammar.take(event)
        for event in decoder.end():
            grammar.take(event)
    except Failure:
        return
    assert grammar.ended


def test_a_body_nested_too_deep_is_garbage() -> None:
    with pytest.raises(ProviderGarbage):
        ChatDecoder(OPENAI).whole(b'{"choices":' + b"[" * 100_000)


def test_a_whole_answer_without_a_word_and_without_a_reason_is_none() -> None:
    with pytest.raises(ProviderGarbage):
        ChatDecoder(OPENAI).whole(b'{"choices":[{"message":{"role":"assistant","content":""}}]}')
    told_why = b'{"choices":[{"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}'
    assert isinstance(ChatDecoder(OPENAI).whole(told_why)[-1], Stop)
    words = b'{"choices":[{"message":{"role":"assistant","content":"<"}}]}'
    assert isinstance(ChatDecoder(OPENAI).whole(words)[-1], Stop)
