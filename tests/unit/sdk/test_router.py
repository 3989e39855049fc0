"""Router, batches, costs, and LiteLLM's module: what stands around the calls."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import re
from pathlib import Path
from typing import Any

import pytest

import trunkline
from tests.fake import GOOD_KEY, FakeProvider
from tests.unit.sdk.conftest import said
from trunkline.cli.run import environment
from trunkline.sdk.settings import NAMES, SETTINGS


def entries(fake: FakeProvider, *models: str, **params: Any) -> list[dict[str, Any]]:
    here = {"api_base": f"{fake.url}/v1", "api_key": GOOD_KEY, **params}
    return [{"model_name": name, "litellm_params": {"model": f"openai/{name}", **here}} for name in models]


def test_a_router_has_its_own_names_and_settings(fake_provider: FakeProvider) -> None:
    fake_provider.program({"status": 500, "model": "gpt-4o", "times": -1})
    router = trunkline.Router(
        entries(fake_provider, "gpt-4o", "gpt-4.1"), fallbacks=[{"gpt-4o": ["gpt-4.1"]}], num_retries=1
    )
    answer = router.completion("gpt-4o", said("SAY=ok"))
    assert (answer.model, len(fake_provider.talks)) == ("gpt-4.1", 3)
    assert asyncio.run(router.acompletion("gpt-4.1", said("SAY=ok"))).choices[0].message.content == "ok"
    assert router.get_model_names() == ["gpt-4o", "gpt-4.1"] and router.model_names == {"gpt-4o", "gpt-4.1"}
    assert len(router.get_model_list("gpt-4o")) == 1
    with pytest.raises(trunkline.NotFoundError, match=r"Did you mean 'gpt-4\.1'"):
        router.completion("gpt-4.2", said("Hi"))


def test_a_router_embeds_and_caches(fake_provider: FakeProvider) -> None:
    router = trunkline.Router(entries(fake_provider, "text-embedding-3-small", "gpt-4o"), cache_responses=True)
    assert len(router.embedding("text-embedding-3-small", ["a"]).data) == 1
    assert len(asyncio.run(router.aembedding("text-embedding-3-small", ["b"])).data) == 1
    fake_provider.reset()
    for _ in range(3):
        router.completion("gpt-4o", said("SAY=once"))
    assert len(fake_provider.talks) == 1


def test_what_a_router_cannot_do_is_refused(fake_provider: FakeProvider) -> None:
    with pytest.raises(trunkline.UnsupportedParamsError, match="enable_tag_filtering"):
        trunkline.Router(entries(fake_provider, "gpt-4o"), enable_tag_filtering=True)
    with pytest.raises(trunkline.BadRequestError, match="model_list"):
        trunkline.Router([])
    with pytest.raises(trunkline.BadRequestError, match="has no `model`"):
        trunkline.Router([{"model_name": "x", "litellm_params": {}}])
    router = trunkline.Router(entries(fake_provider, "gpt-4o"))
    with pytest.raises(trunkline.UnsupportedParamsError, match="api_key"):
        router.completion("gpt-4o", said("Hi"), api_key="other")


def test_a_call_may_bring_its_deployments(fake_provider: FakeProvider) -> None:
    answer = trunkline.completion("gpt-4o", said("SAY=ok"), model_list=entries(fake_provider, "gpt-4o"))
    assert answer.choices[0].message.content == "ok"


def test_batches_keep_their_order(fake_provider: FakeProvider) -> None:
    where: dict[str, Any] = {"api_base": f"{fake_provider.url}/v1", "api_key": GOOD_KEY, "num_retries": 0}
    told = trunkline.batch_completion("openai/gpt-4o", [said("SAY=a"), said("ERR=401"), said("SAY=c")], **where)
    assert [getattr(each, "status_code", None) or each.choices[0].message.content for each in told] == ["a", 401, "c"]
    assert trunkline.batch_completion("openai/gpt-4o", []) == []


def test_costs_by_the_catalog() -> None:
    asked, said_back = trunkline.cost_per_token("zai/glm-4.6", prompt_tokens=1000, completion_tokens=1000)
    assert (asked, said_back) == pytest.approx((0.0006, 0.0022))
    assert trunkline.completion_cost(model="zai/glm-4.6", prompt="x" * 4000, completion="y" * 4000) == pytest.approx(
        0.0028
    )
    info = trunkline.get_model_info("zai/glm-4.6")
    assert (info["litellm_provider"], info["input_cost_per_token"]) == ("zai", pytest.approx(6e-7))
    assert trunkline.get_max_tokens("zai/glm-4.6") == info["max_output_tokens"]
    assert trunkline.supports_function_calling("zai/glm-4.6") is True
    assert trunkline.supports_vision("no/such") is False
    assert trunkline.get_llm_provider("zai/glm-4.6")[:2] == ("glm-4.6", "zai")
    with pytest.raises(trunkline.NotFoundError, match="No price"):
        trunkline.completion_cost(model="openai/gpt-of-tomorrow", prompt="x")
    with pytest.raises(trunkline.BadRequestError, match="zai/"):
        trunkline.get_llm_provider("foo")


def test_conversations_are_made_to_fit() -> None:
    talk = [{"role": "system", "content": "s"}, *({"role": "user", "content": "x" * 400} for _ in range(5))]
    kept, left = trunkline.trim_messages(talk, max_tokens=300, return_response_tokens=True)
    assert kept[0]["role"] == "system" and len(kept) == 3 and 0 < left < 100
    assert trunkline.trim_messages(talk, model="zai/glm-4.6") == talk


def test_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trunkline.validate_environment("zai/glm-4.6") == {
        "keys_in_environment": False,
        "missing_keys": ["ZAI_API_KEY"],
    }
    monkeypatch.setenv("ZAI_API_KEY", "k")
    assert trunkline.validate_environment("zai/glm-4.6")["keys_in_environment"] is True


def test_all_its_names_are_there() -> None:
    for name in trunkline.PUBLIC:
        assert getattr(trunkline, name) is not None, name


def test_litellms_module_reads_and_sets_the_same(caplog: pytest.LogCaptureFixture) -> None:
    litellm: Any = importlib.import_module("trunkline.litellm")
    litellm.drop_params = True
    assert SETTINGS.drop_params and trunkline.drop_params
    assert litellm.completion is trunkline.completion
    assert litellm.exceptions.RateLimitError is trunkline.RateLimitError is litellm.RateLimitError
    assert litellm.utils.ModelResponse is trunkline.ModelResponse
    assert litellm.CustomStreamWrapper is trunkline.Stream
    assert litellm.telemetry is False
    with caplog.at_level(logging.WARNING, "trunkline"):
        litellm.telemetry = True
        litellm.some_setting_of_theirs = 1
    assert [each.message.partition(" is set")[0] for each in caplog.records] == ["litellm.some_setting_of_theirs"]
    del litellm.some_setting_of_theirs, litellm.telemetry
    with pytest.raises(AttributeError, match=r"`image_generation`.*docs/python\.md"):
        _ = litellm.image_generation


def test_a_program_is_run_with_our_name_before_theirs() -> None:
    made = environment({"PYTHONPATH": "mine", "A": "b"}, config="c.yaml", ledger=True, verbose=True)
    first, second = made["PYTHONPATH"].split(os.pathsep)
    assert os.path.isfile(f"{first}/litellm/__init__.py") and second == "mine"
    assert os.path.isabs(made["CONFIG_FILE_PATH"]) and made["A"] == "b"
    assert (made["TRUNKLINE_LEDGER"], made["LITELLM_LOG"]) == ("1", "DEBUG")


def test_type_checkers_see_the_names_that_are_there() -> None:
    stub = Path(trunkline.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    seen = set(re.findall(r"^from trunkline\.\S+ import \S+ as (\S+)$", stub, re.MULTILINE))
    assert seen == trunkline.PUBLIC
    assert set(re.findall(r"^(\w+): ", stub, re.MULTILINE)) - {"PUBLIC", "__version__"} == NAMES
