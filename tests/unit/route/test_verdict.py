"""What a provider's error means."""

import json

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import find
from trunkline.errors import Failure, ProviderGarbage, ProviderRefused, RefusedAnswer
from trunkline.route.plan import Candidate, plan
from trunkline.route.verdict import crossed, judge, refusal, retry_after
from trunkline.wire.words import no_answer, words


def provider(name: str) -> Provider:
    found = find(name)
    assert found is not None
    return found


ZAI, OPENAI = provider("zai"), provider("openai")


def candidate(model: str = "m") -> Candidate:
    return plan(snapshot(deployment("m", model=model)), "m", "messages", lambda: 0.5).candidates[0]


def answer(status: int, body: object, **headers: str) -> RefusedAnswer:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return RefusedAnswer(status, pairs, json.dumps(body).encode())


def judged(vendor: str, status: int, code: str | int | None = None, message: str = "x", **more: str) -> ProviderRefused:
    error = {"message": message, **({} if code is None else {"code": code}), **more}
    return refusal(candidate(), provider(vendor), answer(status, {"error": error}), 0)


def test_a_dead_key_is_named_with_its_variable_and_where_to_get_one() -> None:
    failure = judged("zai", 401, "1001")
    assert "TEST_KEY" in failure.remedy
    assert ZAI.key_page in failure.remedy
    assert failure.hopeless
    assert failure.kind == "auth"


def test_1113_is_the_wrong_address_and_not_a_limit() -> None:
    failure = judged("zai", 429, "1113", "Insufficient balance or no resource package")
    assert "plan: coding" in failure.remedy
    assert failure.kind == "billing"
    assert failure.hopeless


@pytest.mark.parametrize(
    ("vendor", "status", "code", "message", "kind"),
    [
        # Z.AI decides by its code alone: nearly all of them come as 429.
        ("zai", 429, "1302", "Rate limit reached for requests", "rate"),
        ("zai", 429, "1305", "temporarily overloaded", "busy"),
        ("zai", 429, "1308", "Usage limit reached for 5 hour", "quota"),
        ("zai", 429, "1310", "Weekly limit exhausted", "quota"),
        ("zai", 429, "1311", "not in your plan", "missing"),
        ("zai", 429, "1309", "package has expired", "billing"),
        ("zai", 400, "1211", "Unknown Model", "missing"),
        ("zai", 400, "1261", "Prompt too long", "window"),
        ("zai", 400, "1301", "unsafe or sensitive content", "policy"),
        ("zai", 400, "1214", "The messages parameter is illegal", "caller"),
        ("zai", 500, "1234", "Network error", "server"),
        ("zai", 429, None, "[1310][limit][id]", "quota"),
        ("openai", 429, "insufficient_quota", "You exceeded your current quota, billing details", "billing"),
        ("openai", 429, "rate_limit_exceeded", "Rate limit reached for gpt in organization", "rate"),
        ("openai", 429, "rate_limit_exceeded", "Limit 200 requests per day (RPD)", "quota"),
        ("openai", 400, "context_length_exceeded", "maximum context length is 128000 tokens", "window"),
        ("openai", 400, "content_policy_violation", "safety system", "policy"),
        ("openai", 404, "model_not_found", "The model does not exist", "missing"),
        ("openai", 503, "slow_down", "slow", "busy"),
        ("azure", 400, "content_filter", "The response was filtered: content management policy", "policy"),
        ("azure", 404, "DeploymentNotFound", "no such deployment", "missing"),
        ("deepseek", 402, None, "Insufficient Balance", "billing"),
        ("deepseek", 503, None, "Server overloaded", "busy"),
        ("moonshot", 429, "engine_overloaded_error", "The engine is currently overloaded", "busy"),
        ("moonshot", 429, "exceeded_current_quota_error", "suspended", "billing"),
        ("mistral", 429, None, "Service tier capacity exceeded for this model.", "busy"),
        ("mistral", 400, None, "Prompt contains 40000 tokens, too large for model", "window"),
        ("openrouter", 402, 402, "Insufficient credits", "billing"),
        ("openrouter", 403, 403, "Your input was flagged", "policy"),
        ("ollama", 404, None, "model 'x' not found, try pulling it first", "missing"),
        ("ollama", 503, None, "server busy, please try again. maximum pending requests exceeded", "busy"),
        ("openai", 500, None, "the request exceeds the available context size", "window"),
        ("openai", 400, None, "Trying to keep the first 9000 tokens when context the overflows.", "window"),
        ("openai", 401, None, "x", "auth"),
        ("openai", 403, None, "x", "auth"),
        ("openai", 400, None, "x", "caller"),
        ("openai", 413, None, "x", "caller"),
        ("openai", 422, None, "x", "caller"),
        ("openai", 429, None, "x", "rate"),
        ("openai", 500, None, "x", "server"),
        ("openai", 503, None, "x", "busy"),
        ("openai", 529, None, "x", "busy"),
    ],
)  # fmt: skip
def test_an_error_is_known_by_its_code_then_its_words_then_its_status(
    vendor: str, status: int, code: str | int | None, message: str, kind: str
) -> None:
    assert judged(vendor, status, code, message).kind == kind


@pytest.mark.parametrize(
    ("status", "type_", "message", "kind"),
    [
        (529, "overloaded_error", "Overloaded", "busy"),
        (429, "rate_limit_error", "This request would exceed your rate limit", "rate"),
        (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "window"),
        (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API", "billing"),
        (400, "invalid_request_error", "messages: roles must alternate", "caller"),
        (401, "authentication_error", "invalid x-api-key", "auth"),
        (402, "billing_error", "x", "billing"),
        (404, "not_found_error", "model: claude-x", "missing"),
        (500, "api_error", "Internal server error", "server"),
    ],
)
def test_anthropics_errors(status: int, type_: str, message: str, kind: str) -> None:
    assert judged("anthropic", status, None, message, type=type_).kind == kind


def test_geminis_number_is_no_code_and_its_time_is_heeded() -> None:
    body = {
        "error": {
            "code": 429,
            "message": "You exceeded your current quota",
            "status": "RESOURCE_EXHAUSTED",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "38s"}],
        }
    }
    failure = refusal(candidate(), provider("gemini"), answer(429, body), 0)
    assert (failure.code, failure.kind, failure.retry_after) == ("RESOURCE_EXHAUSTED", "rate", 38)


def test_zai_tells_the_reset_in_chinas_time() -> None:
    now = 1795773600.0  # 2026-11-27 10:00:00 UTC, 18:00:00 there
    body = {"error": {"code": "1308", "message": "Your limit will reset at 2026-11-27 18:30:00"}}
    failure = refusal(candidate(), ZAI, answer(429, body), now)
    assert (failure.kind, failure.retry_after) == ("quota", 1800)


def test_an_error_in_a_stream_is_judged_as_one_with_a_status_is() -> None:
    event = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    failure = ProviderRefused("ended", answer=RefusedAnswer(529, (), event), code="overloaded_error")
    judge(failure, candidate(), provider("anthropic"), 0)
    assert failure.kind == "busy"


@pytest.mark.parametrize(
    ("code", "kind", "status"), [("1113", "billing", 402), ("1302", "rate", 429), ("9999", "garbage", 502)]
)
def test_an_error_inside_a_200_is_judged_too(code: str, kind: str, status: int) -> None:
    failure = no_answer(json.dumps({"error": {"code": code, "message": "no"}}).encode(), "an answer")
    judge(failure, candidate(), ZAI, 0)
    assert (failure.kind, failure.status) == (kind, status)


def test_what_is_no_providers_error_keeps_its_kind() -> None:
    failure: Failure = ProviderGarbage("junk")
    judge(failure, candidate(), OPENAI, 0)
    assert failure.kind == "garbage"


@pytest.mark.parametrize(
    ("code", "status", "wire", "told"),
    [
        ("1261", 400, "anthropic", (400, "context_length_exceeded")),
        ("1301", 400, "openai_chat", (400, "content_filter")),
        ("1305", 429, "anthropic", (529, "overloaded")),
        ("1305", 429, "openai_chat", (503, "overloaded")),
        ("1113", 429, "openai_chat", (429, "insufficient_quota")),
        ("1211", 400, "openai_chat", (404, "model_not_found")),
        ("1302", 429, "anthropic", (429, "rate_limit_exceeded")),
    ],
)
def test_a_client_of_another_wire_is_told_the_meaning(code: str, status: int, wire: str, told: tuple[int, str]) -> None:
    failure = crossed(judged("zai", status, code), wire)  # type: ignore[arg-type]
    assert (failure.status, failure.code) == told


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"error":{"message":"a","code":"b"}}', ("a", "b")),
        (b'{"error":{"message":"[1310][limit][id]","code":"500"}}', ("[1310][limit][id]", "1310")),
        (b'{"code":1214,"message":"flat"}', ("flat", "1214")),
        (b'{"error":"text"}', ("text", "")),
        (b'{"type":"error","error":{"type":"overloaded_error","message":"o"}}', ("o", "overloaded_error")),
        (b"<html>", ("", "")),
        (b"[1]", ("", "")),
        (b'{"error":null}', ("", "")),
        (b"\xff", ("", "")),
    ],
)
def test_words_are_found_in_every_shape(body: bytes, found: tuple[str, str]) -> None:
    assert words(body) == found


def test_a_wait_is_read_in_seconds_milliseconds_and_dates() -> None:
    assert retry_after((("retry-after", "7"),), 0) == 7
    assert retry_after((("retry-after-ms", "1500"), ("retry-after", "9")), 0) == 1.5
    assert retry_after((("retry-after", "Thu, 01 Jan 1970 00:01:40 GMT"),), 40) == 60
    for nonsense in ("soon", "-1", "nan", "inf", "1e99", ""):
        assert retry_after((("retry-after", nonsense),), 0) is None
