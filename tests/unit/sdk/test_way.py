"""What a call says of its own way: retries, fallbacks, caches, budgets, mocks; all of it is done or refused."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import trunkline
from tests.fake import GOOD_KEY, FakeProvider
from tests.unit.sdk.conftest import said
from trunkline.sdk.settings import SETTINGS


def openai_at(fake: FakeProvider) -> dict[str, str]:
    return {"api_base": f"{fake.url}/v1", "api_key": GOOD_KEY}


def test_it_is_tried_again_as_often_as_was_said(zai: FakeProvider) -> None:
    made = trunkline.completion("zai/glm-4.6", said("ERR=500 TIMES=2 SAY=ok"), num_retries=2)
    assert made.choices[0].message.content == "ok" and len(zai.talks) == 3
    zai.reset()
    with pytest.raises(trunkline.InternalServerError):
        trunkline.completion("zai/glm-4.6", said("ERR=500 TIMES=9"), max_retries=0)
    assert len(zai.talks) == 1


def test_fallbacks_of_a_call_have_their_own_keys_and_members(zai: FakeProvider) -> None:
    zai.program({"status": 500, "model": "glm-4.6", "times": -1}, {"status": 500, "model": "gpt-4o", "times": -1})
    made = trunkline.completion(
        "zai/glm-4.6",
        said("SAY=ok"),
        num_retries=0,
        temperature=0.1,
        fallbacks=[
            {"model": "openai/gpt-4o", **openai_at(zai)},
            {"model": "openai/gpt-4.1", **openai_at(zai), "temperature": 0.9},
        ],
    )
    assert [one.model for one in zai.talks] == ["glm-4.6", "gpt-4o", "gpt-4.1"]
    assert json.loads(zai.talks[2].body)["temperature"] == 0.9
    assert made._hidden_params["custom_llm_provider"] == "openai"
    assert made._response_headers["x-litellm-attempted-fallbacks"] == "2"


def test_fallbacks_by_name_find_their_keys(zai: FakeProvider) -> None:
    zai.program({"status": 500, "model": "glm-4.6", "times": -1})
    trunkline.completion("zai/glm-4.6", said("Hi"), num_retries=0, fallbacks=["zai/glm-4.5-air"])
    assert [one.model for one in zai.talks] == ["glm-4.6", "glm-4.5-air"]
    trunkline.fallbacks = ["zai/glm-4.5"]
    zai.reset()
    zai.program({"status": 500, "model": "glm-4.6", "times": -1})
    trunkline.completion("zai/glm-4.6", said("Hi"), num_retries=0)
    assert [one.model for one in zai.talks] == ["glm-4.6", "glm-4.5"]


def test_a_model_that_holds_more_stands_in(zai: FakeProvider) -> None:
    zai.program({"status": 400, "code": "1261", "model": "glm-4.6", "times": -1})
    longer = {"zai/glm-4.6": "zai/glm-5.3"}
    made = trunkline.completion("zai/glm-4.6", said("SAY=ok"), context_window_fallback_dict=longer)
    assert made.choices[0].message.content == "ok"
    assert [one.model for one in zai.talks] == ["glm-4.6", "glm-5.3"]


def test_equal_calls_are_asked_once_where_a_cache_is_wanted(zai: FakeProvider) -> None:
    one = trunkline.completion("zai/glm-4.6", said("SAY=once"), caching=True)
    two = trunkline.completion("zai/glm-4.6", said("SAY=once"), caching=True)
    assert two.choices == one.choices and two._hidden_params["cache_hit"] is True
    assert (two._hidden_params["response_cost"], len(zai.talks)) == (0.0, 1)
    trunkline.completion("zai/glm-4.6", said("SAY=once"))
    assert len(zai.talks) == 2
    trunkline.enable_cache(ttl=60)
    trunkline.completion("zai/glm-4.6", said("SAY=twice"))
    stream = trunkline.completion("zai/glm-4.6", said("SAY=twice"), stream=True)
    assert "".join(each.choices[0].delta.content or "" for each in stream) == "twice"
    trunkline.completion("zai/glm-4.6", said("SAY=twice"))
    trunkline.completion("zai/glm-4.6", said("SAY=twice"), caching=False)
    assert len(zai.talks) == 5
    trunkline.disable_cache()
    with pytest.raises(trunkline.UnsupportedParamsError, match="redis"):
        trunkline.Cache(type="redis", host="x")


def test_callers_with_other_keys_share_no_answers(fake_provider: FakeProvider) -> None:
    fake_provider.provider.keys = None
    for key in ("sk-one-1", "sk-two-2"):
        where = {"api_base": f"{fake_provider.url}/v1", "api_key": key}
        trunkline.completion("openai/gpt-4o", said("Hi"), caching=True, **where)
    fake_provider.provider.keys = {GOOD_KEY}
    assert len(fake_provider.talks) == 2


def test_a_budget_of_the_process_holds(zai: FakeProvider) -> None:
    trunkline.max_budget = 0.0001
    with pytest.raises(trunkline.BudgetExceededError):
        for _ in range(3):
            trunkline.completion("zai/glm-4.6", said("IN=50 OUT=40"), max_tokens=40)
    assert len(zai.talks) < 3


@pytest.mark.parametrize("name", ["guardrails", "retry_policy", "prompt_id", "client"])
def test_what_is_litellms_and_not_had_is_refused(name: str) -> None:
    with pytest.raises(trunkline.UnsupportedParamsError, match=f"`{name}`") as caught:
        trunkline.completion("zai/glm-4.6", said("Hi"), **{name: ["x"]})
    assert caught.value.param == name


@pytest.mark.parametrize(("name", "value"), [("ssl_verify", False), ("aws_region_name", "eu-west-1")])
def test_what_a_provider_has_no_use_for_is_refused(name: str, value: object) -> None:
    with pytest.raises(trunkline.UnsupportedParamsError, match=name):
        trunkline.completion("openai/gpt-4o", said("Hi"), api_key="k" * 20, **{name: value})


def test_members_that_a_model_refuses_are_named_or_refused(fake_provider: FakeProvider) -> None:
    where = {"api_base": fake_provider.url, "api_key": GOOD_KEY}
    with pytest.raises(trunkline.BadRequestError, match="n"):
        trunkline.completion("anthropic/claude-sonnet-5-5", said("Hi"), n=3, **where)
    made = trunkline.completion("anthropic/claude-sonnet-5-5", said("Hi"), n=3, drop_params=True, **where)
    assert made._hidden_params["lost"] == ["n"]


def test_mocks_ask_nobody() -> None:
    made = trunkline.completion("gpt-4o", said("Hi"), mock_response="I am fine")
    assert (made.choices[0].message.content, made.usage.total_tokens) == ("I am fine", 30)
    stream = trunkline.completion("gpt-4o", said("Hi"), mock_response="I am fine", stream=True)
    assert "".join(each.choices[0].delta.content or "" for each in stream) == "I am fine"
    with pytest.raises(trunkline.RateLimitError):
        trunkline.completion("gpt-4o", said("Hi"), mock_response="litellm.RateLimitError")
    with pytest.raises(ZeroDivisionError):
        trunkline.completion("gpt-4o", said("Hi"), mock_response=ZeroDivisionError())
    with pytest.raises(trunkline.Timeout):
        asyncio.run(trunkline.acompletion("gpt-4o", said("Hi"), mock_timeout=True))


def test_callbacks_are_told(zai: FakeProvider) -> None:
    told: list[Any] = []

    def success(kwargs: dict[str, Any], answer: Any, start: Any, end: Any) -> None:
        told.append((kwargs["model"], kwargs["response_cost"], answer.choices[0].message.content, end >= start))

    def failure(kwargs: dict[str, Any], answer: Any, start: Any, end: Any) -> None:
        told.append(type(kwargs["exception"]).__name__)

    class Logger(trunkline.CustomLogger):
        async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
            told.append(kwargs["litellm_params"]["metadata"])

    trunkline.success_callback, trunkline.failure_callback = [success, "langfuse"], [failure]
    trunkline.callbacks = [Logger()]
    trunkline.completion("zai/glm-4.6", said("SAY=ok IN=1000 OUT=1000"), metadata={"user_id": "u"})
    assert told == [("zai/glm-4.6", pytest.approx(0.0028), "ok", True), {"user_id": "u"}]
    told.clear()
    list(trunkline.completion("zai/glm-4.6", said("SAY=ok IN=1000 OUT=1000"), stream=True))
    assert told[0] == ("zai/glm-4.6", pytest.approx(0.0028), "ok", True)
    told.clear()
    with pytest.raises(trunkline.AuthenticationError):
        trunkline.completion("zai/glm-4.6", said("ERR=401"))
    assert told == ["AuthenticationError"]
    told.clear()
    trunkline.completion("gpt-4o", said("Hi"), mock_response="as I was told")
    assert told[0] == ("gpt-4o", 0.0, "as I was told", True)


def test_verbose_says_what_is_asked_of_whom(zai: FakeProvider, capfd: pytest.CaptureFixture[str]) -> None:
    trunkline.set_verbose = True
    trunkline.completion("zai/glm-4.6", said("secret words"))
    told = capfd.readouterr().err
    assert "zai/glm-4.6" in told and f"{zai.url}/api/paas/v4" in told
    assert GOOD_KEY not in told and "secret words" not in told


CONFIG = """
model_list:
  - model_name: good
    litellm_params: {model: zai/glm-4.6}
  - model_name: better
    litellm_params: {model: zai/glm-5.3}
router_settings: {num_retries: 0, fallbacks: [{good: [better]}]}
"""


def test_a_configuration_works_without_a_server(zai: FakeProvider, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    trunkline.config = tmp_path / "config.yaml"
    zai.program({"status": 500, "model": "glm-4.6", "times": -1})
    trunkline.completion("good", said("Hi"), extra_headers={"X-Mine": "1"})
    assert [one.model for one in zai.talks] == ["glm-4.6", "glm-5.3"]
    assert zai.talks[0].header("x-mine") == "1"
    trunkline.completion("zai/glm-4.5", said("Hi"))
    with pytest.raises(trunkline.BadRequestError):
        trunkline.completion("worse", said("Hi"))
    (tmp_path / "config.yaml").write_text("model_list: 1")
    with pytest.raises(trunkline.BadRequestError, match=r"config\.yaml:1"):
        trunkline.completion("good", said("Hi"))


def test_a_list_of_providers_is_found(fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    base = f"{fake_provider.url}/api/anthropic"
    text = f"chat:\n  zai:\n    name: Z.AI\n    litellm_provider: anthropic\n    kwargs: {{api_base: '{base}'}}\n"
    Path("model_providers.yaml").write_text(text)
    monkeypatch.setenv("ZAI_API_KEY", GOOD_KEY)
    trunkline.completion("zai/glm-4.6", said("Hi"))
    assert [(one.path, one.model) for one in fake_provider.talks] == [("/api/anthropic/v1/messages", "glm-4.6")]


def test_env_files_are_read(fake_provider: FakeProvider) -> None:
    Path(".env").write_text(f"ZAI_API_KEY={GOOD_KEY}\nZAI_BASE_URL={fake_provider.url}\n")
    trunkline.completion("zai/glm-4.6", said("Hi"))
    assert len(fake_provider.talks) == 1


def test_settings_of_the_module(zai: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZAI_API_KEY")
    trunkline.api_key = GOOD_KEY
    trunkline.headers = {"X-All": "1"}
    trunkline.completion("zai/glm-4.6", said("Hi"))
    assert zai.talks[0].header("x-all") == "1"
    trunkline.api_key = None
    trunkline.zai_key = GOOD_KEY
    trunkline.completion("zai/glm-4.6", said("Hi"))
    assert (trunkline.zai_key, SETTINGS.headers) == (GOOD_KEY, {"X-All": "1"})
    with pytest.raises(AttributeError):
        _ = trunkline.nothing_of_that_name  # type: ignore[attr-defined]


def test_the_demo_needs_nothing() -> None:
    assert trunkline.completion("demo/echo", said("Hi")).choices[0].message.content
