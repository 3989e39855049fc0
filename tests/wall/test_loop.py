"""An agent that runs in circles, or spends too fast: told, answered or refused, in every client's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.unit.guard.histories import Calls, body
from tests.wall.asking import Reply, ask, until
from tests.wall.scenes import KEY, config, rows
from trunkline.model.wires import Wire

CASES: tuple[tuple[Wire, str, str], ...] = (
    ("anthropic", "/v1/messages", "claude-wall"),
    ("openai_chat", "/v1/chat/completions", "gpt-wall"),
    ("openai_responses", "/v1/responses", "gpt-wall"),
    ("ollama", "/api/chat", "qwen-wall"),
    ("gemini", "/v1beta/models/claude-wall:", ""),
)
BASH: Calls = [("Bash", {"command": "make test", "description": "Run the tests"}, "1 failed, 3 passed")]
CIRCLE = [BASH] * 5


@pytest.fixture(scope="module", params=["answer", "refuse"])
def stopping(request: pytest.FixtureRequest, fake_server: FakeProvider) -> Iterator[Gateway]:
    yield from _gateway(fake_server, f"{{action: {request.param}}}", request.param)


@pytest.fixture(scope="module")
def sloping(fake_server: FakeProvider) -> Iterator[Gateway]:
    yield from _gateway(fake_server, "{action: answer, max_usd_per_hour: 0.01}", "answer")


def _gateway(fake: FakeProvider, guard: str, action: str) -> Iterator[Gateway]:
    text = config(fake.url, more=f"trunkline: {{loop_guard: {guard}}}")
    with Gateway(text, env={**provider_environment(fake.url, GOOD_KEY), "ACTION": action}) as gateway:
        gateway.action = action  # type: ignore[attr-defined]
        yield gateway


def asked(gateway: Gateway, case: tuple[Wire, str, str], history: list[Calls], *, stream: bool, **more: Any) -> Reply:
    wire, path, model = case
    if wire == "gemini":
        path += "streamGenerateContent?alt=sse" if stream else "generateContent"
        sent = body(wire, history)
    else:
        sent = body(wire, history, asked=model, stream=stream)
    return ask(gateway.url, path, sent, headers={**KEY, "x-claude-code-session-id": "s-1", **more})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_by_default_it_is_said_and_nothing_is_stopped(
    wall: Gateway, fake_provider: FakeProvider, case: tuple[Wire, str, str]
) -> None:
    reply = asked(wall, case, CIRCLE, stream=False)
    assert (reply.status, reply.header("x-trunkline-loop")) == (200, "same_call*5")
    call = reply.header("x-litellm-call-id") or ""
    until(lambda: f"loop id={call}" in wall.stderr, within=1)
    (line,) = [line for line in wall.stderr.splitlines() if f"loop id={call}" in line]
    for part in ("warning", "tools=Bash", "times=5", "session=s-1", "action=header"):
        assert part in line, line
    assert fake_provider.requests
    healthy: list[Calls] = [[("Bash", {"command": "make test"}, f"{left} failed")] for left in range(9)]
    assert asked(wall, case, healthy, stream=False).header("x-trunkline-loop") is None


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_it_is_stopped_where_that_is_configured(
    stopping: Gateway, fake_provider: FakeProvider, case: tuple[Wire, str, str], stream: bool
) -> None:
    reply = asked(stopping, case, CIRCLE, stream=stream)
    answers = stopping.action == "answer"  # type: ignore[attr-defined]
    assert reply.status == (200 if answers else 400)
    assert reply.header("x-trunkline-loop") == "same_call*5"
    assert not fake_provider.requests
    text = reply.body.decode()
    for part in ("5 times", "Bash", "make test"):
        assert part in text, text
    if answers:
        assert reply.header("x-litellm-response-cost") == "0"
        assert "What to do" in text
    else:
        assert reply.header("x-should-retry") == "false"
        assert reply.header("x-trunkline-hint")
    (row,) = rows(stopping, reply.header("x-litellm-call-id") or "")
    assert (row["outcome"], row["provider"], row["billed_nano"]) == ("loop_stopped", "trunkline", 0)
    assert (row["session"], row["why"], row["streamed"]) == ("s-1", "same_call*5", stream)
    healthy = asked(stopping, case, CIRCLE[1:], stream=stream)
    assert (healthy.status, healthy.header("x-trunkline-loop")) == (200, None)


def test_what_became_of_it_can_be_asked(stopping: Gateway, fake_provider: FakeProvider) -> None:
    reply = asked(stopping, CASES[0], CIRCLE, stream=False)
    call = reply.header("x-litellm-call-id") or ""
    rows(stopping, call)
    told = ask(stopping.url, f"/requests/{call}", headers=KEY)
    assert told.status == 200
    assert (told.json["outcome"], told.json["totals"]["cost"]) == ("loop_stopped", "0")
    page = ask(stopping.url, "/metrics", headers=KEY).body.decode()
    assert f'trunkline_loops_total{{action="{stopping.action}"}}' in page  # type: ignore[attr-defined]


def test_a_session_that_spends_too_fast_is_stopped_and_no_other(sloping: Gateway, fake_provider: FakeProvider) -> None:
    def say(session: str) -> Reply:
        sent = {"model": "gpt-wall", "messages": [{"role": "user", "content": "SAY=ok IN=6000 OUT=0"}]}
        return ask(sloping.url, "/v1/chat/completions", sent, headers={**KEY, "x-session-id": session})

    costs = [say("s-1").header("x-litellm-response-cost") for _ in range(2)]
    assert costs == ["0.006", "0.006"]
    stopped = say("s-1")
    assert stopped.header("x-trunkline-loop") == "spend*0.012"
    said = stopped.json["choices"][0]["message"]["content"]
    assert "$0.012" in said
    assert "$0.01 " in said
    assert say("s-2").header("x-trunkline-loop") is None


def test_an_unknown_setting_is_warned_of(fake_server: FakeProvider) -> None:
    text = config(fake_server.url, more="trunkline: {loop_guard: {actoin: answer}}")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        until(lambda: "`actoin` is no setting of `loop_guard`" in gateway.logs, within=2)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_claude_code_is_read_as_it_writes(wall: Gateway, fake_provider: FakeProvider, stream: bool) -> None:
    """Its reminders before the person's words, results that count tokens down, a cache mark on the last, many tools."""
    sent = body("anthropic", CIRCLE, asked="claude-wall", stream=stream)
    sent["messages"][0]["content"][:0] = [
        {"type": "text", "text": f"<system-reminder>\n# {part}\n{'x' * 900}\n</system-reminder>"}
        for part in ("Environment", "Skills", "Agents")
    ]
    sent |= {
        "system": [
            {"type": "text", "text": "You are a coding agent.", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "y" * 9000, "cache_control": {"type": "ephemeral"}},
        ],
        "tools": [
            {"name": name, "description": "z" * 2000, "input_schema": {"type": "object", "properties": {}}}
            for name in ("Bash", "Edit", "Read", "Agent", "Skill")
        ],
        "metadata": {"user_id": json.dumps({"session_id": "s-9"})},
        "thinking": {"type": "adaptive"},
    }
    assert len({part["content"] for turn in sent["messages"][2::2] for part in turn["content"]}) == 5
    reply = ask(wall.url, "/v1/messages?beta=true", sent, headers={**KEY, "x-claude-code-session-id": "s-9"})
    assert (reply.status, reply.header("x-trunkline-loop")) == (200, "same_call*5")
