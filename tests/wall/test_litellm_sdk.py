"""Providers outside the catalog: a real gateway, LiteLLM's real SDK in it, and the fake provider behind.

`fireworks_ai` is asked by the SDK's own HTTP code and tells its usage; `nvidia_nim` is asked by the OpenAI client inside
it, and LiteLLM does not ask it for usage.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, litellm_python
from tests.wall.asking import Reply, ask, until, waiting
from tests.wall.scenes import KEY, latest, rows
from tests.wall.scripted import Scripted

SOURCE = str(Path(__file__).parents[2] / "src")
CHAT = "/v1/chat/completions"
OPENAI_KEY = "sk-openais-own-key"
AWS_SECRET = "wJalrFakeFakeFakeFakeFakeFakeFakeFakeFake"

CONFIG = """
model_list:
  - model_name: nim
    litellm_params:
      model: nvidia_nim/wall-1
      api_base: "{url}/v1"
      api_key: os.environ/FAKE_KEY
      input_cost_per_token: 0.000001
      output_cost_per_token: 0.000002
  - model_name: fireworks
    litellm_params: {{model: fireworks_ai/wall-1, api_base: "{url}/v1", input_cost_per_token: 0, output_cost_per_token: 0}}
  - model_name: listed
    litellm_params: {{model: fireworks_ai/accounts/fireworks/models/deepseek-v3, api_base: "{url}/v1"}}
  - model_name: "perplexity/*"
    litellm_params: {{model: "perplexity/*", api_base: "{url}/v1", api_key: os.environ/FAKE_KEY}}
  - model_name: bedrock
    litellm_params:
      model: bedrock/anthropic.claude-3-haiku-20240307-v1:0
      aws_access_key_id: AKIAFAKEFAKEFAKE0000
      aws_secret_access_key: os.environ/AWS_SECRET
      aws_region_name: eu-west-3
      aws_bedrock_runtime_endpoint: "{url}"
  - model_name: nowhere
    litellm_params: {{model: nvidia_nim/gone-1, api_base: "http://127.0.0.1:9/v1", api_key: os.environ/FAKE_KEY}}
  - model_name: late
    litellm_params: {{model: nvidia_nim/wall-1, api_base: "{url}/v1", api_key: os.environ/FAKE_KEY, stream_timeout: 1}}
  - model_name: asked
    litellm_params:
      model: nvidia_nim/wall-1
      api_base: "{url}/v1"
      api_key: os.environ/FAKE_KEY
      allowed_openai_params: [stream_options]
      drop_params: true
  - model_name: keyless
    litellm_params: {{model: deepinfra/wall-1, api_base: "{url}/v1"}}
general_settings: {{master_key: {master}}}
router_settings: {{num_retries: 0, fallbacks: [{{nowhere: [nim]}}]}}
"""

BOTH = pytest.mark.parametrize("model", ["nim", "fireworks"])
TOOL = {
    "name": "read",
    "description": "reads a file",
    "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}


@pytest.fixture(scope="module")
def _outside() -> Iterator[Scripted]:
    with Scripted(b"HTTP/1.1 502 no\r\ncontent-length: 0\r\n\r\n") as proxy:
        yield proxy


@pytest.fixture(scope="module")
def _gateway(fake_server: FakeProvider, _outside: Scripted) -> Iterator[Gateway]:
    """Whatever it sends beyond this machine would go through `_outside`."""
    environment = {
        "PYTHONPATH": SOURCE,
        "FAKE_KEY": GOOD_KEY,
        "LITELLM_LOG": "DEBUG",
        "OPENAI_API_KEY": OPENAI_KEY,
        "OPENAI_ORG_ID": "org-ours",
        "OPENAI_BASE_URL": "http://127.0.0.1:9",
        "AWS_SECRET": AWS_SECRET,
        "HTTPS_PROXY": _outside.url,
        "HTTP_PROXY": _outside.url,
    }
    files = {".env": f"FIREWORKS_API_KEY={GOOD_KEY}\n"}
    text = CONFIG.format(url=fake_server.url, master=MASTER_KEY)
    gateway = Gateway(text, env=environment, files=files, python=litellm_python(), start_within=60)
    with gateway:
        until(lambda: _lives(gateway), within=60, what="for the SDK to be imported")
        yield gateway


def _lives(gateway: Gateway) -> bool:
    try:
        return ask(gateway.url, "/health/liveliness", timeout=60).status == 200
    except OSError:
        return False


@pytest.fixture
def sdk(_gateway: Gateway, fake_provider: FakeProvider) -> Iterator[Gateway]:
    """The gateway; no test may make it log a traceback, a secret, or anything of the SDK's own."""
    before = len(_gateway.stderr)
    yield _gateway
    logged = _gateway.stderr[before:]
    sys.stdout.write(logged)
    assert _gateway.process.poll() is None, "the gateway ended"
    for never in ("Traceback", GOOD_KEY, AWS_SECRET, OPENAI_KEY, "LiteLLM:", "Warning"):
        assert never not in logged


def say(gateway: Gateway, model: str, text: str, *, path: str = CHAT, timeout: float = 30, **more: Any) -> Reply:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return ask(gateway.url, path, body, headers=KEY, timeout=timeout)


def chunks(reply: Reply) -> list[dict[str, Any]]:
    events = [line[6:] for line in reply.body.splitlines() if line.startswith(b"data: ")]
    assert events[-1] == b"[DONE]"
    return [json.loads(event) for event in events[:-1]]


def words(reply: Reply) -> str:
    return "".join(choice["delta"].get("content") or "" for chunk in chunks(reply) for choice in chunk["choices"])


@BOTH
def test_a_whole_answer(sdk: Gateway, fake_provider: FakeProvider, model: str) -> None:
    reply = say(sdk, model, "SAY=grüezi✓ IN=120 OUT=9", temperature=0.5)
    assert reply.status == 200, reply.body
    [choice] = reply.json["choices"]
    assert choice["message"]["content"] == "grüezi✓"
    assert choice["finish_reason"] == "stop"
    assert reply.json["usage"]["total_tokens"] == 129
    [talk] = fake_provider.talks
    assert talk.key == GOOD_KEY
    assert talk.json["temperature"] == 0.5
    assert "openai-organization" not in dict(talk.headers)
    [row] = rows(sdk, reply.header("x-litellm-call-id") or "")
    assert (row["input"], row["output"], row["outcome"], row["estimated"], row["priced"]) == (120, 9, "ok", 0, 1)
    assert row["billed_nano"] == (138_000 if model == "nim" else 0)


@BOTH
def test_a_stream(sdk: Gateway, fake_provider: FakeProvider, model: str) -> None:
    reply = say(sdk, model, "LONG=5 IN=120 OUT=9", stream=True)
    assert reply.status == 200
    assert not reply.cut
    assert words(reply).startswith("wörd0")
    assert "w4" in words(reply)
    assert not any(chunk.get("usage") for chunk in chunks(reply)), "nobody asked for it"
    assert [chunk for chunk in chunks(reply) if chunk["choices"][0]["finish_reason"] == "stop"]


def test_usage_that_the_provider_told_is_exact(sdk: Gateway) -> None:
    reply = say(sdk, "fireworks", "LONG=5 IN=120 OUT=9", stream=True, stream_options={"include_usage": True})
    assert chunks(reply)[-1]["usage"]["completion_tokens"] == 9
    [row] = rows(sdk, reply.header("x-litellm-call-id") or "")
    assert (row["input"], row["output"], row["estimated"]) == (120, 9, 0)


def test_usage_that_the_sdk_counted_is_marked(sdk: Gateway) -> None:
    reply = say(sdk, "nim", "LONG=5 IN=120 OUT=9", stream=True, stream_options={"include_usage": True})
    assert chunks(reply)[-1]["usage"]["estimated"] is True
    [row] = rows(sdk, reply.header("x-litellm-call-id") or "")
    assert row["estimated"] == 1
    assert row["output"] > 0


def test_an_operator_can_have_usage_asked_for(sdk: Gateway) -> None:
    reply = say(sdk, "asked", "LONG=5 IN=120 OUT=9", stream=True)
    [row] = rows(sdk, reply.header("x-litellm-call-id") or "")
    assert (row["input"], row["output"], row["estimated"]) == (120, 9, 0)


def test_with_drop_params_what_is_not_taken_is_left_out_and_named(sdk: Gateway) -> None:
    reply = say(sdk, "asked", "SAY=x", thinking={"type": "enabled", "budget_tokens": 1024})
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-lost") == "thinking"


@BOTH
@pytest.mark.parametrize("stream", [False, True])
def test_tools(sdk: Gateway, model: str, stream: bool) -> None:
    tools = [{"type": "function", "function": TOOL}]
    reply = say(sdk, model, "TOOL=read", tools=tools, stream=stream)
    assert reply.status == 200, reply.body
    if stream:
        found = [call for one in chunks(reply) for call in one["choices"][0]["delta"].get("tool_calls") or ()]
        assert found[0]["function"]["name"] == "read"
        assert "path" in json.loads("".join(call["function"].get("arguments") or "" for call in found))
    else:
        [choice] = reply.json["choices"]
        assert choice["finish_reason"] == "tool_calls"
        assert choice["message"]["tool_calls"][0]["function"]["name"] == "read"


@pytest.mark.parametrize("stream", [False, True])
@BOTH
def test_claude_code_crosses_to_it(sdk: Gateway, fake_provider: FakeProvider, model: str, stream: bool) -> None:
    offered = {"name": "read", "description": "reads", "input_schema": TOOL["parameters"]}
    reply = say(
        sdk, model, "TOOL=read", path="/v1/messages", max_tokens=100, system="Be brief.", tools=[offered], stream=stream
    )
    assert reply.status == 200, reply.body
    assert fake_provider.talks[0].json["messages"][0]["role"] == "system"
    if stream:
        assert b'"type":"tool_use"' in reply.body
        assert reply.body.endswith(b'"type":"message_stop"}\n\n')
    else:
        assert reply.json["stop_reason"] == "tool_use"
        assert [block["name"] for block in reply.json["content"] if block["type"] == "tool_use"] == ["read"]


def test_what_its_provider_does_not_take_is_left_out_and_named_when_crossing(sdk: Gateway) -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    reply = say(sdk, "nim", "SAY=x", path="/v1/messages", max_tokens=2000, thinking=thinking)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-lost")


def test_what_its_provider_does_not_take_is_refused_where_the_client_named_it(sdk: Gateway) -> None:
    reply = say(sdk, "nim", "SAY=x", thinking={"type": "enabled", "budget_tokens": 1024})
    assert reply.status == 400
    assert "thinking" in reply.message


@BOTH
@pytest.mark.parametrize(("status", "code"), [(401, "invalid_api_key"), (429, "rate_limit_exceeded"), (500, "")])
def test_an_error_keeps_its_status_and_its_words(
    sdk: Gateway, fake_provider: FakeProvider, model: str, status: int, code: str
) -> None:
    began = time.monotonic()
    reply = say(sdk, model, f"ERR={status} MSG=because_so RETRY=3 ECHOKEY")
    assert reply.status == status
    assert "because_so" in reply.message
    assert GOOD_KEY not in reply.body.decode() + reply.head
    assert reply.json["error"]["type"]
    assert not code or reply.json["error"]["code"] == code
    assert reply.header("retry-after") == "3"
    assert len(fake_provider.talks) == 1, "the SDK must not try again behind the ledger's back"
    assert time.monotonic() - began < 2.5


def test_an_error_for_a_client_of_another_wire(sdk: Gateway) -> None:
    reply = say(sdk, "nim", "ERR=429 MSG=because_so", path="/v1/messages", max_tokens=10)
    assert reply.status == 429
    assert reply.json["type"] == "error"
    assert "because_so" in reply.message


@BOTH
@pytest.mark.parametrize("word", ["CUT=3", "RST=3", "END=3"])
def test_a_stream_that_breaks_off_does_not_look_whole(sdk: Gateway, model: str, word: str) -> None:
    reply = say(sdk, model, f"LONG=6 {word}", stream=True)
    assert reply.status == 200
    assert b"w1" in reply.body
    assert b'"error"' in reply.body
    assert b'"finish_reason":"stop"' not in reply.body
    [row] = rows(sdk, reply.header("x-litellm-call-id") or "")
    assert row["outcome"] == "provider_cut"
    assert row["estimated"] == 1


@BOTH
@pytest.mark.parametrize("word", ["HTML=200", "EMPTY", "CUT=0"])
def test_nothing_that_could_be_an_answer_is_an_error(sdk: Gateway, model: str, word: str) -> None:
    assert say(sdk, model, word, stream=True).status == 502


@BOTH
def test_an_error_in_mid_stream(sdk: Gateway, model: str) -> None:
    reply = say(sdk, model, "LONG=6 ERRMID=3", stream=True)
    assert b"overloaded" in reply.body
    assert b'"error"' in reply.body
    assert b'"finish_reason":"stop"' not in reply.body


@BOTH
def test_a_client_that_leaves_ends_the_call(sdk: Gateway, fake_provider: FakeProvider, model: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "LONG=1000 SLOW=20"}], "stream": True}
    session = f"gone-{model}"
    wire = waiting(sdk.url, CHAT, body, {**KEY, "x-session-id": session})
    got = b""
    while b"w2 " not in got:
        got += wire.recv(65536)
    wire.close()
    fake_provider.wait_for(lambda _: fake_provider.talks[0].ended is not None, within=3)
    assert fake_provider.talks[0].gone
    assert latest(sdk, lambda row: row["session"] == session)["outcome"] == "client_gone"


@BOTH
def test_a_client_that_leaves_before_the_answer(sdk: Gateway, fake_provider: FakeProvider, model: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "DELAY=30 SAY=x"}]}
    wire = waiting(sdk.url, CHAT, body, KEY)
    fake_provider.wait_for(lambda fake: fake.talks, within=5)
    wire.close()
    fake_provider.wait_for(lambda _: fake_provider.talks[0].ended is not None, within=3)
    assert fake_provider.talks[0].gone


@pytest.mark.parametrize("word", ["DELAY=30", "HUSH=30"])
def test_a_time_out_is_the_gateways_and_ends_the_call(sdk: Gateway, fake_provider: FakeProvider, word: str) -> None:
    reply = say(sdk, "late", f"{word} SAY=x", stream=True)
    assert reply.status == 504
    assert "1 s (first-token time-out)" in reply.message
    fake_provider.wait_for(lambda _: fake_provider.talks[0].ended is not None, within=3)
    assert fake_provider.talks[0].gone


@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_that_is_not_there_has_a_fallback(sdk: Gateway, stream: bool) -> None:
    reply = say(sdk, "nowhere", "SAY=x", stream=stream)
    assert reply.status == 200
    assert reply.header("x-trunkline-route") == "nvidia_nim/gone-1:provider_unreachable > nvidia_nim/wall-1"


def test_a_deployment_without_any_key_says_what_the_sdk_misses(sdk: Gateway, fake_provider: FakeProvider) -> None:
    reply = say(sdk, "keyless", "Hi")
    assert "DEEPINFRA_API_KEY" in reply.message
    assert reply.json["error"]["code"] == "sdk_failed"
    assert "docs.litellm.ai" in (reply.header("x-trunkline-hint") or "")
    assert not fake_provider.requests, "OpenAI's key is for OpenAI"


def test_a_client_cannot_set_the_sdk(sdk: Gateway, fake_provider: FakeProvider) -> None:
    theirs: dict[str, Any] = {
        "api_base": "http://127.0.0.1:9",
        "mock_response": "owned",
        "extra_headers": {"x-a": "b"},
        "api_key": "x",
    }
    reply = say(sdk, "nim", "SAY=mine", **theirs)
    assert reply.json["choices"][0]["message"]["content"] == "mine"
    assert reply.header("x-trunkline-lost") == ",".join(sorted(theirs))
    assert fake_provider.talks[0].key == GOOD_KEY


@BOTH
@pytest.mark.parametrize("stream", [False, True])
def test_half_a_surrogate_pair_does_no_harm(sdk: Gateway, model: str, stream: bool) -> None:
    body = b'{"model": "%s", "stream": %s, "messages": [{"role": "user", "content": "SAY=x \\ud83d"}]}'
    reply = ask(sdk.url, CHAT, body % (model.encode(), str(stream).lower().encode()), headers=KEY)
    assert reply.status in (200, 400, 500)


def test_a_wildcard_names_the_model(sdk: Gateway, fake_provider: FakeProvider) -> None:
    assert say(sdk, "perplexity/sonar-x", "SAY=x").status == 200
    assert fake_provider.talks[0].model == "sonar-x"


def test_credentials_of_the_file_reach_the_sdk(sdk: Gateway, fake_provider: FakeProvider) -> None:
    reply = say(sdk, "bedrock", "Hi")
    assert reply.status == 404, "the fake does not speak Bedrock's format"
    signed = dict(fake_provider.requests[0].headers)["authorization"]
    assert "Credential=AKIAFAKEFAKEFAKE0000/" in signed
    assert "/eu-west-3/bedrock/" in signed
    assert AWS_SECRET not in reply.body.decode()


def test_embeddings(sdk: Gateway) -> None:
    reply = ask(sdk.url, "/v1/embeddings", {"model": "nim", "input": ["a", "b"]}, headers=KEY)
    assert reply.status == 200, reply.body
    assert [row["index"] for row in reply.json["data"]] == [0, 1]
    [row] = rows(sdk, reply.header("x-litellm-call-id") or "")
    assert (row["input"], row["output"]) == (2, 0)


def test_what_it_cannot_be_asked_for_is_said(sdk: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(sdk.url, "/v1/images/generations", {"model": "nim", "prompt": "a"}, headers=KEY)
    assert reply.status == 404
    assert "chat completions and embeddings" in reply.message
    assert not fake_provider.requests


def test_a_price_of_litellms_own_file_is_charged(sdk: Gateway) -> None:
    reply = say(sdk, "listed", "SAY=x IN=1000 OUT=1000")
    [row] = rows(sdk, reply.header("x-litellm-call-id") or "")
    assert row["priced"] == 1
    assert row["billed_nano"] == 1_800_000, "$0.90 per million tokens each way"


def test_it_talks_to_nobody_but_the_provider_and_logs_nothing(sdk: Gateway, _outside: Scripted) -> None:
    assert say(sdk, "nim", "SAY=x").status == 200
    assert _outside.requests == 0
    assert "LiteLLM" not in sdk.logs.replace("(through LiteLLM)", "").replace("LiteLLM's SDK could not ask it", "")


@pytest.mark.parametrize("workers", [1, 2])
def test_it_comes_with_a_configuration_that_needs_it_and_hears_of_new_keys(
    fake_provider: FakeProvider, workers: int
) -> None:
    row = f'litellm_params: {{model: fireworks_ai/wall-1, api_base: "{fake_provider.url}/v1"}}'
    plain = f"model_list: []\ngeneral_settings: {{master_key: {MASTER_KEY}}}\nrouter_settings: {{num_retries: 0}}\n"
    args = ["--workers", str(workers)]
    files = {".env": "FIREWORKS_API_KEY=sk-fake-wrong\n"}
    with Gateway(plain, env={"PYTHONPATH": SOURCE}, files=files, args=args, python=litellm_python()) as gateway:
        gateway.write_config(plain.replace("[]", f"[{{model_name: new, {row}}}]"))
        reply = ask(gateway.url, "/config/reload", b"", headers=KEY, timeout=120)
        assert reply.status == 200, reply.body
        asked = {"model": "new", "messages": [{"role": "user", "content": "SAY=ok"}]}
        assert {ask(gateway.url, CHAT, asked, headers=KEY).status for _ in range(4)} == {401}
        (gateway.home / ".env").write_text(f"FIREWORKS_API_KEY={GOOD_KEY}\n", encoding="utf-8")
        assert ask(gateway.url, "/config/reload", b"", headers=KEY, timeout=120).json["changed"] is True
        assert {ask(gateway.url, CHAT, asked, headers=KEY).status for _ in range(4)} == {200}
        assert GOOD_KEY not in gateway.logs
