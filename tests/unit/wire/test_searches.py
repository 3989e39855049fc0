"""Searches of the web that a provider ran: counted as its answer tells them, in each wire, whole and streamed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trunkline.model.dialect import Dialect
from trunkline.model.events import Stop
from trunkline.wire.gemini.decode import GeminiDecoder
from trunkline.wire.gemini.stream import GeminiWatch
from trunkline.wire.gemini.whole import read_generated
from trunkline.wire.openai_chat.decode import ChatDecoder
from trunkline.wire.openai_chat.stream import ChatWatch
from trunkline.wire.openai_chat.whole import read_completion
from trunkline.wire.openai_responses.decode import ResponsesDecoder
from trunkline.wire.openai_responses.stream import ResponsesWatch
from trunkline.wire.openai_responses.whole import read_response


def sse(*chunks: Any) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(each).encode() for each in chunks)


def response(tools: Any) -> dict[str, Any]:
    usage = {"input_tokens": 5, "output_tokens": 2}
    return {"id": "r", "object": "response", "status": "completed", "output": [], "usage": usage, "tool_usage": tools}


@pytest.mark.parametrize(
    ("tools", "searches"),
    [
        ({"web_search": {"num_requests": 3}, "image_gen": {"total_tokens": 0}}, 3),
        ({"web_search": None}, 0),
        (None, 0),
        ({"web_search": {"num_requests": "three"}}, 0),
        ("none", 0),
    ],
)
def test_responses(tools: Any, searches: int) -> None:
    whole = read_response(json.dumps(response(tools)).encode())
    assert (whole.usage.searches, whole.usage.input) == (searches, 5)
    stream = sse(
        {"type": "response.created", "response": {"id": "r"}},
        {"type": "response.completed", "response": response(tools)},
    )
    watch = ResponsesWatch()
    watch.feed(stream)
    assert (watch.usage.searches, watch.usage.output) == (searches, 2)
    (stop,) = [each for each in ResponsesDecoder().feed(stream) if isinstance(each, Stop)]
    assert stop.usage is not None
    assert stop.usage.searches == searches


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_each_search_of_files_is_an_item_of_the_output(calls: int) -> None:
    said = {"type": "message", "content": [{"type": "output_text", "text": 'I made a "file_search_call".'}]}
    answer = response(None) | {"output": [*[{"type": "file_search_call", "id": f"fs_{n}"} for n in range(calls)], said]}
    assert read_response(json.dumps(answer).encode()).usage.lookups == calls
    stream = sse(
        {"type": "response.created", "response": {"id": "r"}}, {"type": "response.completed", "response": answer}
    )
    watch = ResponsesWatch()
    watch.feed(stream)
    (stop,) = [each for each in ResponsesDecoder().feed(stream) if isinstance(each, Stop)]
    assert stop.usage is not None
    assert (watch.usage.lookups, stop.usage.lookups) == (calls, calls)


def grounded(queries: Any) -> dict[str, Any]:
    counts = {"promptTokenCount": 5, "candidatesTokenCount": 2}
    candidate = {"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}
    return {
        "candidates": [candidate | {"groundingMetadata": {"webSearchQueries": queries}}],
        "usageMetadata": counts,
    }


@pytest.mark.parametrize(("queries", "searches"), [(["a", "", "b", "a"], 2), ([], 0), (None, 0), ("a", 0), ([1], 0)])
def test_gemini_counts_each_query_once_and_none_that_is_empty(queries: Any, searches: int) -> None:
    answer = grounded(queries)
    assert read_generated(json.dumps(answer).encode()).usage.searches == searches
    watch = GeminiWatch()
    watch.feed(sse(answer))
    assert (watch.usage.searches, watch.usage.output) == (searches, 2)
    decoder = GeminiDecoder()
    (stop,) = [each for each in (*decoder.feed(sse(answer)), *decoder.end()) if isinstance(each, Stop)]
    assert stop.usage is not None
    assert stop.usage.searches == searches


@pytest.mark.parametrize(("found", "searches"), [([{"title": "x", "link": "y"}], 1), ([], 0), (None, 0)])
def test_what_zai_found_is_one_search(found: Any, searches: int) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "x"}}
    whole = read_completion(json.dumps({"choices": [choice], "usage": usage, "web_search": found}).encode())
    assert whole.usage.searches == searches
    watch = ChatWatch()
    watch.feed(sse({"choices": [{"index": 0, "delta": {"content": "x"}}]}))
    watch.feed(sse({"choices": [], "web_search": found}))
    watch.feed(sse({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}))
    assert (watch.usage.searches, watch.usage.output) == (searches, 2)
    crossing = sse(
        {"choices": [{"index": 0, "delta": {"content": "x"}}]},
        {"choices": [], "web_search": found},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage},
    )
    decoder = ChatDecoder(Dialect("zai", "glm-5.3"))
    (stop,) = [each for each in (*decoder.feed(crossing), *decoder.end()) if isinstance(each, Stop)]
    assert (stop.usage.searches, stop.usage.output) == (searches, 2)
