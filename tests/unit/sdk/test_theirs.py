"""LiteLLM's further names: programs that import or call them run."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import pytest

import trunkline
from tests.fake import GOOD_KEY, FakeProvider
from tests.unit.sdk.conftest import said

litellm: Any = importlib.import_module("trunkline.litellm")


def test_a_key_is_tried(zai: FakeProvider) -> None:
    assert litellm.check_valid_key("zai/glm-4.6", GOOD_KEY) is True
    assert litellm.check_valid_key(model="zai/glm-4.6", api_key="sk-fake-wrong") is False
    assert zai.talks[0].json["max_tokens"] == 10


def test_it_is_tried_three_times_more(zai: FakeProvider) -> None:
    made = litellm.completion_with_retries("zai/glm-4.6", said("ERR=500 TIMES=3 SAY=ok"), retry_strategy="x")
    assert (made.choices[0].message.content, len(zai.talks)) == ("ok", 4)
    zai.reset()
    with pytest.raises(trunkline.InternalServerError):
        asyncio.run(litellm.acompletion_with_retries("zai/glm-4.6", said("ERR=500"), num_retries=0))
    assert len(zai.talks) == 1


def test_models_of_the_keys_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert litellm.get_valid_models() == []
    monkeypatch.setenv("ZAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    found = litellm.get_valid_models()
    assert "zai/glm-4.6" in found and "gpt-4o" in found
    assert all(name.startswith("zai/") for name in litellm.utils.get_valid_models(custom_llm_provider="z-ai"))
    with pytest.raises(trunkline.UnsupportedParamsError, match="doctor"):
        litellm.get_valid_models(check_provider_endpoint=True)


def test_what_a_model_takes() -> None:
    glm, claude = (litellm.get_supported_openai_params(each) for each in ("zai/glm-4.6", "anthropic/claude-haiku-4-5"))
    assert {"tools", "temperature", "max_tokens", "response_format", "reasoning_effort", "seed"} <= set(glm)
    assert {"tools", "thinking"} <= set(claude) and "seed" not in claude
    assert litellm.get_supported_openai_params("glm-4.6", custom_llm_provider="anthropic")
    assert litellm.get_supported_openai_params("nobody/nothing") is None


def test_the_table_of_costs() -> None:
    table = litellm.model_cost
    assert table["zai/glm-4.6"]["input_cost_per_token"] == pytest.approx(6e-7)
    assert table["gpt-4o"] == table["openai/gpt-4o"]
    assert table["gpt-4o"]["max_output_tokens"] > 0
    assert litellm.model_cost is table
    assert {"zai", "openai", "anthropic"} <= set(litellm.provider_list)


def test_names_that_are_only_caught() -> None:
    from trunkline.litellm import exceptions

    for name in ("JSONSchemaValidationError", "RejectedRequestError", "MidStreamFallbackError", "PaymentRequiredError"):
        assert issubclass(getattr(litellm, name), trunkline.Error)
    assert exceptions.PaymentRequiredError("m", "glm-4.6", "zai").status_code == 402
    assert trunkline.BudgetExceededError("m").status_code == 422
    with pytest.raises(AttributeError):
        _ = litellm.NoSuchError
    assert litellm.verbose_logger is litellm._logging.verbose_logger


@pytest.mark.parametrize("way", ["module", "environment", "call"])
def test_everything_is_asked_of_a_gateway_where_that_is_said(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A key of a provider's in the environment must not be used beside it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-used")
    with pytest.raises(trunkline.BadRequestError, match="LITELLM_PROXY_URL"):
        trunkline.completion("openai/gpt-4o", said("Hi"), use_litellm_proxy=True)
    monkeypatch.setenv("LITELLM_PROXY_URL", f"{fake_provider.url}/v1")
    monkeypatch.setenv("LITELLM_PROXY_API_KEY", GOOD_KEY)
    more: dict[str, Any] = {}
    if way == "module":
        litellm.use_litellm_proxy = True
    elif way == "environment":
        monkeypatch.setenv("USE_LITELLM_PROXY", "True")
    else:
        more["use_litellm_proxy"] = True
    made = trunkline.completion("openai/gpt-4o", said("SAY=ok"), **more)
    assert made._hidden_params["custom_llm_provider"] == "litellm_proxy"
    (seen,) = fake_provider.talks
    assert (seen.model, seen.key) == ("openai/gpt-4o", GOOD_KEY)
    assert "use_litellm_proxy" not in seen.json


def test_settings_of_a_router_that_say_no_are_no_trouble(fake_provider: FakeProvider) -> None:
    here = {"model": "openai/gpt-4o", "api_base": f"{fake_provider.url}/v1", "api_key": GOOD_KEY}
    router = trunkline.Router(
        [{"model_name": "m", "litellm_params": here}], enable_pre_call_checks=True, enable_tag_filtering=False
    )
    assert router.completion("m", said("SAY=ok")).choices[0].message.content == "ok"


def test_policies_of_a_router_are_records(fake_provider: FakeProvider) -> None:
    from trunkline.litellm.router import AllowedFailsPolicy, RetryPolicy, Router

    here = {"model": "openai/gpt-4o", "api_base": f"{fake_provider.url}/v1", "api_key": GOOD_KEY}
    router = Router(
        [{"model_name": "m", "litellm_params": here}],
        retry_policy=RetryPolicy(InternalServerErrorRetries=0),
        model_group_retry_policy={"m": RetryPolicy(ServiceUnavailableErrorRetries=1, InternalServerErrorRetries=0)},
        allowed_fails_policy=AllowedFailsPolicy(InternalServerErrorAllowedFails=100),
    )
    assert router.completion("m", said("ERR=503 TIMES=1 SAY=ok")).choices[0].message.content == "ok"
    fake_provider.reset()
    with pytest.raises(trunkline.InternalServerError):
        router.completion("m", said("ERR=500 TIMES=1"))
    assert len(fake_provider.talks) == 1
    assert importlib.import_module("trunkline.litellm.types.router").RetryPolicy is RetryPolicy


def test_a_router_tries_out_its_fallbacks(fake_provider: FakeProvider) -> None:
    here = {"api_base": f"{fake_provider.url}/v1", "api_key": GOOD_KEY}
    router = trunkline.Router(
        [{"model_name": name, "litellm_params": {"model": f"openai/{name}", **here}} for name in ("gpt-4o", "gpt-4.1")],
        fallbacks=[{"gpt-4o": ["gpt-4.1"]}],
    )
    assert router.completion("gpt-4o", said("Hi"), mock_testing_fallbacks=True).model == "gpt-4.1"
    assert [one.model for one in fake_provider.talks] == ["gpt-4.1"]
