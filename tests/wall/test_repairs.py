"""What had to be mended is told: in a header as far as it is known by then, and in the log."""

from __future__ import annotations

import json

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask, until
from tests.wall.scenes import KEY, MESSAGES
from tests.wall.scripted import Scripted, whole

ORPHAN = [
    {"role": "user", "content": "a"},
    {"role": "assistant", "content": "b"},
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "c"},
            {"type": "text", "text": "SAY=ok"},
        ],
    },
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_what_was_mended_in_the_request_is_in_the_head(
    wall: Gateway, fake_provider: FakeProvider, stream: bool
) -> None:
    body = MESSAGES.body("", model="gpt-wall", stream=stream, messages=ORPHAN)
    reply = ask(wall.url, "/v1/messages", body, headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-repaired") == "orphan_result"
    call = reply.header("x-litellm-call-id") or ""

    def logged() -> bool:
        return any(f"id={call} " in line and "repaired=orphan_result" in line for line in wall.stderr.splitlines())

    until(logged, what="for the line of the log")


def test_what_was_mended_in_a_whole_answer_is_in_its_head(wall: Gateway, scripted: Scripted) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "web_search", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer = {"id": "c", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}]}
    scripted.pieces = (whole(json.dumps(answer).encode()),)
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    reply = ask(wall.url, "/v1/messages", MESSAGES.body("Hi", model="gpt-script", tools=tools), headers=KEY)
    assert reply.header("x-trunkline-repaired") == "absent_tool"


def test_nothing_is_told_where_nothing_was_mended(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, "/v1/messages", MESSAGES.body("SAY=ok", model="gpt-wall"), headers=KEY)
    assert (reply.status, reply.header("x-trunkline-repaired")) == (200, None)
