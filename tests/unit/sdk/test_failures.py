"""What goes wrong is an exception of the name that people catch, and says how to mend it."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import openai
import pytest

import trunkline
from tests.fake import GOOD_KEY, FakeProvider
from tests.unit.sdk.conftest import said
from trunkline import exceptions
from trunkline.exceptions import CLASSES, Error

ONCE = {"num_retries": 0}


def failure(model: str, text: str, **arguments: Any) -> Error:
    with pytest.raises(Error) as caught:
        trunkline.completion(model, said(text), **{**ONCE, **arguments})
    return caught.value


@pytest.mark.parametrize(
    ("words", "kind", "status", "retryable"),
    [
        ("ERR=400", trunkline.BadRequestError, 400, False),
        ("ERR=401", trunkline.AuthenticationError, 401, False),
        ("ERR=403", trunkline.PermissionDeniedError, 403, False),
        ("ERR=404", trunkline.NotFoundError, 404, False),
        ("ERR=422", trunkline.UnprocessableEntityError, 422, False),
        ("ERR=429", trunkline.RateLimitError, 429, True),
        ("ERR=500", trunkline.InternalServerError, 500, True),
        ("ERR=502", trunkline.BadGatewayError, 502, True),
        ("ERR=503", trunkline.ServiceUnavailableError, 503, True),
        ("ERR=400 CODE=context_length_exceeded", trunkline.ContextWindowExceededError, 400, False),
        ("ERR=400 CODE=content_filter", trunkline.ContentPolicyViolationError, 400, False),
        ("RSTFIRST", trunkline.APIConnectionError, 500, True),
        ("HTML=200", trunkline.APIResponseValidationError, 500, True),
    ],
)
def test_each_kind_has_its_name(
    fake_provider: FakeProvider, words: str, kind: type[Error], status: int, retryable: bool
) -> None:
    where = {"api_base": f"{fake_provider.url}/v1", "api_key": GOOD_KEY}
    error = failure("openai/gpt-4o", words, **where)
    assert type(error) is kind
    assert (error.status_code, error.llm_provider, error.model) == (status, "openai", "gpt-4o")
    assert error.retryable is retryable
    assert isinstance(error, openai.OpenAIError)
    assert str(error) == error.message and len(fake_provider.talks) == 1


def test_a_time_out_says_which(zai: FakeProvider) -> None:
    error = failure("zai/glm-4.6", "DELAY=20", timeout=0.6)
    assert type(error) is trunkline.Timeout and openai.APITimeoutError in type(error).__mro__
    assert (error.status_code, error.retryable) == (408, True)
    assert "0.6 s (first-token time-out)" in error.message and "`timeout`" in error.message


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failure("zai/glm-4.6", "Hi", api_base="http://127.0.0.1:9", api_key="k" * 20)
    assert isinstance(error, trunkline.APIConnectionError) and "127.0.0.1:9" in error.message


def test_a_key_that_is_missing_names_its_variable() -> None:
    error = failure("zai/glm-4.6", "Hi")
    assert isinstance(error, trunkline.AuthenticationError)
    assert "ZAI_API_KEY or Z_AI_API_KEY is not set" in error.message and "z.ai/manage-apikey" in error.message


def test_the_wrong_pot_names_the_right_address() -> None:
    with FakeProvider(pots={GOOD_KEY: "coding"}) as fake:
        base = f"{fake.url}/api/paas/v4"
        error = failure("zai/glm-4.6", "Hi", api_base=base, api_key=GOOD_KEY, plan="payg")
    assert isinstance(error, trunkline.RateLimitError)
    assert (error.code, error.retryable) == ("1113", False)
    assert "api.z.ai/api/anthropic" in error.message and "api.z.ai/api/coding/paas/v4" in error.message


def test_a_model_that_is_not_there_brings_the_nearest_name(zai: FakeProvider) -> None:
    error = failure("zai/glm-4.66", "CODE=1211")
    assert isinstance(error, trunkline.NotFoundError)
    assert error.code == "1211" and "Did you mean `zai/glm-4.6`?" in error.message


@pytest.mark.parametrize(
    ("model", "says"), [("foo", "for example `zai/`"), ("zay/glm-4.6", "zai"), ("zai/", "no model")]
)
def test_a_name_that_leads_nowhere_brings_the_prefix(model: str, says: str) -> None:
    error = failure(model, "Hi")
    assert isinstance(error, trunkline.BadRequestError) and says in error.message
    assert "the call's" not in error.message


def test_a_stream_fails_where_it_fails(zai: FakeProvider) -> None:
    with pytest.raises(trunkline.RateLimitError):
        trunkline.completion("zai/glm-4.6", said("ERR=429"), stream=True, **ONCE)
    stream = trunkline.completion("zai/glm-4.6", said("TOOL LONG=9 CUT=1"), stream=True, tools=[TOOL], **ONCE)
    with pytest.raises(trunkline.APIConnectionError):
        list(stream)
    assert list(stream) == []


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


def test_the_providers_own_words_are_there(zai: FakeProvider) -> None:
    error = failure("zai/glm-4.6", "ERR=400 CODE=1210 MSG=odd")
    assert error.body["code"] == "1210" and error.body["message"] == "odd"
    assert error.response.status_code == 400 and error.response.json()["error"]["code"] == "1210"


def test_an_event_loop_gets_the_same(zai: FakeProvider) -> None:
    with pytest.raises(trunkline.AuthenticationError):
        asyncio.run(trunkline.acompletion("zai/glm-4.6", said("ERR=401"), **ONCE))
    with pytest.raises(trunkline.AuthenticationError):
        asyncio.run(trunkline.aembedding("zai/embedding-3", input="Hi", api_key="sk-fake-wrong", **ONCE))


def test_no_key_is_told(fake_provider: FakeProvider) -> None:
    secret = "sk-fake-very-secret-1234567890"
    where = {"api_base": f"{fake_provider.url}/v1", "api_key": secret}
    error = failure("openai/gpt-4o", "ECHOKEY", **where)
    assert secret not in f"{error}{error!r}{error.__dict__}"


def test_they_are_made_as_litellms_are_and_travel() -> None:
    made = exceptions.RateLimitError("m", "zai", "glm-4.6")
    assert (made.llm_provider, made.model) == ("zai", "glm-4.6")
    other = exceptions.NotFoundError("m", "glm-4.6", "zai", code="1211")
    assert (other.llm_provider, other.model) == ("zai", "glm-4.6")
    again = pickle.loads(pickle.dumps(other))
    assert (type(again), again.message, again.code, again.model) == (type(other), "m", "1211", "glm-4.6")
    spent = exceptions.BudgetExceededError("m", current_cost=1.0, max_budget=2.0)
    assert (spent.current_cost, spent.max_budget) == (1.0, 2.0)


def test_openais_names_catch_them_too() -> None:
    exceptions.join_openai()
    for kind in CLASSES:
        if kind.OPENAI:
            assert issubclass(kind, getattr(openai, kind.OPENAI)), kind
    assert not issubclass(exceptions.Timeout, openai.APIStatusError)
    assert not issubclass(exceptions.Timeout, exceptions.APIConnectionError), "whoever catches both in a row"
