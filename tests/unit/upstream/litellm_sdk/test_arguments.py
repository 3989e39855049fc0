"""What LiteLLM's SDK is called with: a client's members by a list, an operator's settings as they are, no retries."""

from __future__ import annotations

from typing import Any

from trunkline.catalog import litellm_sdk
from trunkline.config.schema import Deployment, Door
from trunkline.upstream.litellm_sdk.arguments import arguments, secrets

BODY = {"model": "some/model", "messages": [], "stream": True, "temperature": 0.5}


def deployment(base: str = "litellm://bedrock", **more: Any) -> Deployment:
    row = litellm_sdk.row("bedrock")
    return Deployment("id", "group", row, "some/model", {"openai_chat": Door(base, "bearer")}, **more)


def made(given: Deployment, body: dict[str, Any] | None = None, key: str = "", **more: Any) -> dict[str, Any]:
    return arguments(given, body or BODY, key, **{"drop": False, "supported": None, **more})[0]


def test_the_least_that_is_said() -> None:
    assert made(deployment()) == {
        **BODY,
        "model": "bedrock/some/model",
        "num_retries": 0,
        "max_retries": 0,
        "drop_params": False,
    }


def test_key_address_version_and_headers_are_the_deployments() -> None:
    given = deployment("http://127.0.0.1:9/v1", api_version="2026-01-01", headers=(("x-team", "blue"),))
    told = made(given, key="sk-test-1")
    assert told["api_key"] == "sk-test-1"
    assert told["api_base"] == "http://127.0.0.1:9/v1"
    assert told["api_version"] == "2026-01-01"
    assert told["extra_headers"] == {"x-team": "blue"}


def test_a_client_says_nothing_but_what_a_request_holds() -> None:
    theirs = {"api_base": "http://evil", "mock_response": "x", "vertex_credentials": "/etc/passwd", "timeout": 1}
    told = made(deployment(), {**BODY, **theirs, "num_retries": 9})
    assert not set(told) & set(theirs)
    assert set(arguments(deployment(), {**BODY, **theirs}, "", drop=False, supported=None)[1]) == set(theirs)
    assert told["num_retries"] == 0


def test_an_operators_settings_win_and_an_operators_body_is_the_bodys() -> None:
    told = made(deployment(sdk={"aws_region_name": "a", "top_k": 1}, extra_body={"x": 1}), {**BODY, "top_k": 5})
    assert (told["aws_region_name"], told["top_k"], told["extra_body"]) == ("a", 1, {"x": 1})


def test_members_of_one_provider_are_an_operators_to_say() -> None:
    given = deployment(params={"safety_settings": ["strict"], "temperature": 0.1})
    told, lost = arguments(given, {**BODY, "safety_settings": ["none"]}, "", drop=False, supported=None)
    assert (told["safety_settings"], told["temperature"]) == (["strict"], 0.5)
    assert not lost


def test_what_the_provider_does_not_take_is_left_out_only_where_it_may_be() -> None:
    body = {**BODY, "seed": 1, "thinking": {}, "max_tokens": 5, "top_k": 3}
    kept, lost = arguments(deployment(), body, "", drop=False, supported=["temperature"])
    assert not lost
    assert kept["seed"] == 1
    kept, lost = arguments(deployment(), body, "", drop=True, supported=["temperature"])
    assert lost == ("seed", "thinking")
    assert not {"seed", "thinking"} & set(kept)
    assert (kept["max_tokens"], kept["top_k"]) == (5, 3), "the SDK has words of its own for these"
    allowed = deployment(sdk={"allowed_openai_params": ["thinking"]})
    assert arguments(allowed, body, "", drop=True, supported=["temperature"])[1] == ("seed",)
    assert arguments(deployment(), body, "", drop=True, supported=None)[1] == ()


def test_whatever_may_be_a_secret_is_known_longest_first() -> None:
    sdk = {
        "aws_secret_access_key": "secret-1",
        "aws_region_name": "eu-west-3",
        "vertex_credentials": {"a": ["secret-23"]},
    }
    given = deployment(sdk=sdk, headers=(("x-auth", "header-secret"),))
    hidden = secrets(given, "sk-test-1", {"AWS_SESSION_TOKEN": "from-environment", "PATH": "/usr/bin", "X_KEY": "abc"})
    assert set(hidden) == {"from-environment", "header-secret", "secret-23", "sk-test-1", "secret-1"}
    assert [len(each) for each in hidden] == sorted((len(each) for each in hidden), reverse=True)
