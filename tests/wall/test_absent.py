"""A tool of the provider's that this provider does not run: the client is answered in its own form, and goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask
from tests.wall.scenes import KEY, MESSAGES, RESPONSES, ZAI_MESSAGES, Scene
from tests.wall.scripted import Scripted, whole

SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
DEMANDED: dict[str, Any] = {"tools": [SEARCH], "tool_choice": {"type": "tool", "name": "web_search"}}
"""How Claude Code searches: a request of its own, with nothing but the tool and a demand for it."""

MODELS = pytest.mark.parametrize("model", ["glm-wall", "gpt-wall", "qwen-wall"])
NOTE = "Not available in this conversation: web_search."


def content(reply: Reply) -> list[dict[str, Any]]:
    """The blocks of a message, whole or streamed."""
    if not reply.body.startswith(b"event:"):
        return list(reply.json["content"])
    found: list[dict[str, Any]] = []
    for line in reply.body.splitlines():
        if not line.startswith(b"data: "):
            continue
        event = json.loads(line[6:])
        if event["type"] == "content_block_start":
            assert event["index"] == len(found)
            found.append(event["content_block"])
        elif event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta":
            found[-1]["text"] += event["delta"]["text"]
    return found


@MODELS
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_demanded_search_is_answered_with_a_result_that_says_so(
    wall: Gateway, fake_provider: FakeProvider, model: str, stream: bool
) -> None:
    body = ZAI_MESSAGES.body("SAY=sorry", model=model, stream=stream, **DEMANDED)
    reply = ask(wall.url, "/v1/messages", body, headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-lost") == "web_search"
    use, result, text = content(reply)
    assert (use["type"], use["name"]) == ("server_tool_use", "web_search")
    assert (result["type"], result["tool_use_id"]) == ("web_search_tool_result", use["id"])
    assert result["content"] == {"type": "web_search_tool_result_error", "error_code": "unavailable"}
    assert text["text"] == "sorry"
    sent = fake_provider.talks[0].json
    assert NOTE in json.dumps(sent)
    assert not {"tools", "tool_choice"} & sent.keys()


@MODELS
def test_a_failed_search_that_is_sent_back_is_one_for_the_model(
    wall: Gateway, fake_provider: FakeProvider, model: str
) -> None:
    first = ask(wall.url, "/v1/messages", ZAI_MESSAGES.body("SAY=sorry", model=model, **DEMANDED), headers=KEY)
    turns = [
        {"role": "user", "content": "Search"},
        {"role": "assistant", "content": first.json["content"]},
        {"role": "user", "content": "SAY=on"},
    ]
    reply = ask(
        wall.url, "/v1/messages", ZAI_MESSAGES.body("", model=model, messages=turns, tools=[SEARCH]), headers=KEY
    )
    assert reply.status == 200, reply.body
    assert "web_search failed: unavailable." in json.dumps(fake_provider.talks[1].json)


def test_a_conversation_without_such_tools_keeps_its_bytes(wall: Gateway, fake_provider: FakeProvider) -> None:
    body = ZAI_MESSAGES.body("SAY=ok", new_member={"a": [1, 2]})
    assert ask(wall.url, "/v1/messages", body, headers=KEY).status == 200
    assert fake_provider.talks[0].json == {**body, "model": "glm-4.6"}


CALLED = {
    "id": "c",
    "object": "chat.completion",
    "model": "script-1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "web_search", "arguments": '{"query":"kelp"}'},
                    }
                ],
            },
        }
    ],
}


@pytest.mark.parametrize(("scene", "kind"), [(MESSAGES, "web_search_20250305"), (RESPONSES, "web_search")])
def test_a_call_that_the_model_makes_all_the_same_is_no_call_for_the_client(
    wall: Gateway, scripted: Scripted, scene: Scene, kind: str
) -> None:
    model = "gpt-script" if scene is MESSAGES else "qwen-script"
    answer: dict[str, Any] = CALLED
    if scene is RESPONSES:
        call = {"function": {"name": "web_search", "arguments": {"query": "kelp"}}}
        message = {"role": "assistant", "content": "", "tool_calls": [call]}
        answer = {"model": "script-1", "created_at": "2026-11-20T00:00:00Z", "message": message, "done": True}
    scripted.pieces = (whole(json.dumps(answer).encode()),)
    tool = {"type": kind, "name": "web_search"} if scene is MESSAGES else {"type": kind}
    reply = ask(wall.url, scene.path, scene.body("Hi", model=model, tools=[tool]), headers=KEY)
    assert reply.status == 200, reply.body
    if scene is MESSAGES:
        assert [block["type"] for block in reply.json["content"]] == ["server_tool_use", "web_search_tool_result"]
        assert reply.json["content"][0]["input"] == {"query": "kelp"}
        assert reply.json["stop_reason"] == "pause_turn"
    else:
        [item] = reply.json["output"]
        assert (item["type"], item["status"]) == ("web_search_call", "failed")
        assert reply.json["status"] == "completed"
