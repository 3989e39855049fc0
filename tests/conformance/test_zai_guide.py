"""The guide that many people follow: Claude Code on Z.AI through one small service, with no key of its own.

The configuration maps Claude's names to `zai/claude-…`, the key stands in `.env` beside it, and Claude Code is pointed
at the service with or without `/v1`.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.agents import claude, workplace
from tests.conformance.conftest import DIRECT, Door
from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway
from tests.wall.asking import until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(DIRECT, reason="this is about the gateway's own start and words"),
]

CONFIG = """\
model_list:
  - model_name: claude-3-5-sonnet
    litellm_params: {model: zai/claude-3-5-sonnet, api_key: os.environ/ZAI_API_KEY}
  - model_name: claude-3-5-haiku
    litellm_params: {model: zai/claude-3-5-haiku, api_key: os.environ/ZAI_API_KEY}
  - model_name: claude-3-opus
    litellm_params: {model: zai/claude-3-opus, api_key: os.environ/ZAI_API_KEY}
"""


def _start(fake_url: str, key: str) -> Gateway:
    files = {".env": f"ZAI_API_KEY={key}\n"}
    return Gateway(CONFIG, env={"ZAI_API_BASE": fake_url}, files=files, args=["--detailed_debug"])


@pytest.fixture(scope="module")
def _service(fake_server: FakeProvider) -> Iterator[Gateway]:
    with _start(fake_server.url, GOOD_KEY) as gateway:
        yield gateway


@pytest.fixture
def service(_service: Gateway, fake_provider: FakeProvider) -> Gateway:
    return _service


def _post(gateway: Gateway, path: str, body: Any) -> tuple[int, Any]:
    wire = http.client.HTTPConnection("127.0.0.1", int(gateway.url.rpartition(":")[2]), timeout=10)
    try:
        headers = {"content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": "anything"}
        wire.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers)
        answer = wire.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        wire.close()


def _ask(text: str) -> dict[str, Any]:
    return {"model": "claude-3-5-sonnet", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize("suffix", ["", "/v1"])
def test_claude_code_runs_its_tool_loop(service: Gateway, fake_provider: FakeProvider, suffix: str) -> None:
    with workplace() as (home, project):
        target = project / "out.txt"
        door = Door(service.url, "anything")
        prompt = f"TOOL THINK FILE={target} SAY=ja✓"
        done = claude(door, prompt, home=home, project=project, model="claude-3-5-sonnet", base=service.url + suffix)
        assert done.code == 0, done.told
        assert target.read_text() == "ja✓"
    assert {one.path for one in fake_provider.talks} == {"/api/anthropic/v1/messages"}
    assert {one.model for one in fake_provider.talks} == {"claude-3-5-sonnet"}
    assert {one.key for one in fake_provider.talks} == {GOOD_KEY}
    until(lambda: "zai/claude-3-5-sonnet" in service.logs, what="for the log to show what was mapped to what")


def test_its_health_is_told_without_asking_the_provider(service: Gateway, fake_provider: FakeProvider) -> None:
    status, _ = _post(service, "/health", None)
    assert status == 200
    assert fake_provider.requests == []


def test_a_wrong_key_of_the_provider_is_401_and_named_in_the_log(fake_provider: FakeProvider) -> None:
    with _start(fake_provider.url, "sk-fake-wrong") as gateway:
        status, body = _post(gateway, "/v1/messages", _ask("SAY=x"))
        assert (status, body["type"]) == (401, "error")
        until(lambda: "ZAI_API_KEY" in gateway.logs, what="for the log to name the variable")
        line = next(line for line in gateway.logs.splitlines() if "status=401" in line)
        assert "asked=claude-3-5-sonnet to=zai/claude-3-5-sonnet deployment=" in line
        assert "sk-fake-wrong" not in gateway.logs


def test_a_placeholder_starts_and_says_what_to_put_where(fake_provider: FakeProvider) -> None:
    with _start(fake_provider.url, "<your-token>") as gateway:
        assert _post(gateway, "/health", None)[0] == 200
        status, body = _post(gateway, "/v1/messages", _ask("SAY=x"))
        assert (status, body["error"]["type"]) == (401, "authentication_error")
        assert "ZAI_API_KEY" in body["error"]["message"]
        assert fake_provider.talks == []


def test_a_provider_that_cannot_be_reached_is_a_clear_error() -> None:
    with _start("http://127.0.0.1:9", GOOD_KEY) as gateway:
        status, body = _post(gateway, "/v1/messages", _ask("SAY=x"))
        assert status >= 500
        assert body["type"] == "error"
        assert "Traceback" not in body["error"]["message"]
