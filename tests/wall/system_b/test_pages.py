"""Its paths, its key, its cache, its log, and the small client."""

from __future__ import annotations

import pytest
import requests

from tests.harness import Gateway
from tests.wall.asking import ask, until
from tests.wall.system_b.service import CHAIN, KEYS, Providers, said, service, talk
from trunkline.client import LiteLLMClient, call_llm


def test_paths_have_no_v1_and_no_key_is_asked_for(whole: Gateway, fakes: Providers) -> None:
    assert ask(whole.url, "/health").json["status"] == "healthy"
    assert ask(whole.url, "/models").status == 200
    assert talk(whole, "SAY=x").status == 200
    assert ask(whole.url, "/v1/models").status == 200, "and with it they are the same"


def test_with_a_master_key_authorization_is_asked_for(fakes: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-test-of-the-chain-1"
    with service(fakes, {**KEYS, "LITELLM_MASTER_KEY": key}) as gateway:
        assert ask(gateway.url, "/health").status == 200
        assert talk(gateway, "SAY=x").status == 401
        assert ask(gateway.url, "/models", headers={"authorization": f"Bearer {key}"}).status == 200
        client = LiteLLMClient(gateway.url)
        with pytest.raises(requests.RequestException, match="401"):
            client.call_llm("auto", [{"role": "user", "content": "SAY=x"}])
        monkeypatch.setenv("LITELLM_MASTER_KEY", key)
        assert client.call_llm("auto", [{"role": "user", "content": "SAY=x"}])["choices"]


def test_equal_calls_are_answered_from_memory(whole: Gateway, fakes: Providers) -> None:
    first, second = (talk(whole, "SAY=once") for _ in range(2))
    assert said(first) == said(second)
    assert second.header("x-trunkline-cache") == "hit"
    assert len(fakes.asked) == 1


def test_the_level_of_the_log_is_the_variables_then_the_files(fakes: Providers) -> None:
    with service(fakes, {**KEYS, "LITELLM_LOG_LEVEL": "ERROR"}) as gateway:
        said(talk(gateway, "SAY=quiet"))
        assert gateway.stderr == ""
    with service(fakes, {**KEYS, "LITELLM_LOG_LEVEL": ""}, litellm={"log_level": "ERROR"}) as gateway:
        said(talk(gateway, "SAY=quiet-too"))
        assert gateway.stderr == ""
    with service(fakes, env={"LITELLM_LOG_LEVEL": "INFO"}, litellm={"log_level": "ERROR"}) as gateway:
        said(talk(gateway, "SAY=told"))
        until(lambda: "claude-opus-4-5" in gateway.stderr, what="for the line of the request")


def test_a_database_that_is_not_used_is_said_at_the_start(fakes: Providers) -> None:
    with service(fakes, env={"DATABASE_TYPE": "postgres"}) as gateway:
        told = "DATABASE_TYPE: it is 'postgres', but what is spent is kept in SQLite"
        until(lambda: told in gateway.stderr, what="for the start's warning")
        assert ask(gateway.url, "/health/readiness").json["db"] == "sqlite"
        assert said(talk(gateway, "SAY=all-the-same")) == "all-the-same"


def test_the_small_client_does_what_it_did(whole: Gateway, fakes: Providers) -> None:
    client = LiteLLMClient(base_url=whole.url, timeout=30)
    assert client.get_health() is True
    assert client.get_available_models() == CHAIN
    messages = [{"role": "user", "content": "SAY=hello"}]
    assert client.call_llm("claude-opus-4.5", messages, temperature=0.2)["choices"][0]["message"]["content"] == "hello"
    assert call_llm("gpt-4-turbo", messages, base_url=whole.url)["object"] == "chat.completion"
    with pytest.raises(requests.RequestException, match="Did you mean 'gpt-4-turbo'"):
        client.call_llm("gpt-4-trubo", messages)


def test_its_time_out_is_a_request_exception(whole: Gateway, fakes: Providers) -> None:
    fakes.claude.program({"delay": 3})
    with pytest.raises(requests.RequestException) as caught:
        LiteLLMClient(whole.url, timeout=0.3).call_llm("claude-opus-4.5", [{"role": "user", "content": "SAY=slow"}])
    assert isinstance(caught.value, requests.Timeout)
