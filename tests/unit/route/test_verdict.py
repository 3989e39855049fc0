"""What a provider's error means, and what is tried next."""

import json

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import find
from trunkline.errors import (
    Failure,
    InvalidRequest,
    ProviderGarbage,
    ProviderRefused,
    ProviderUnreachable,
    RefusedAnswer,
)
from trunkline.route.plan import Candidate, plan
from trunkline.route.verdict import Next, following, refusal, retry_after
from trunkline.wire.words import words


def provider(name: str) -> Provider:
    found = find(name)
    assert found is not None
    return found


ZAI, OPENAI = provider("zai"), provider("openai")


def candidates(*models: str, group: str = "m") -> tuple[Candidate, ...]:
    shot = snapshot(*(deployment(group, model=model, order=n) for n, model in enumerate(models)))
    return plan(shot, group, "messages", lambda: 0.5).candidates


def answer(status: int, body: object, **headers: str) -> RefusedAnswer:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return RefusedAnswer(status, pairs, json.dumps(body).encode())


def test_a_dead_key_is_named_with_its_variable_and_where_to_get_one() -> None:
    failure = refusal(candidates("glm")[0], ZAI, answer(401, {"error": {"code": "1001", "message": "no"}}), 0)
    assert "TEST_KEY" in failure.remedy
    assert ZAI.key_page in failure.remedy
    assert failure.hopeless
    assert failure.retry == "other"


def test_1113_is_the_wrong_address_and_not_a_limit() -> None:
    body = {"error": {"code": "1113", "message": "Insufficient balance or no resource package"}}
    failure = refusal(candidates("glm")[0], ZAI, answer(429, body), 0)
    assert "plan: coding" in failure.remedy
    assert failure.retry == "other"
    assert failure.hopeless


def test_1302_is_worth_another_try() -> None:
    failure = refusal(candidates("glm")[0], ZAI, answer(429, {"error": {"code": "1302", "message": "x"}}), 0)
    assert failure.retry == "same"
    assert not failure.hopeless


def test_an_empty_purse_at_openai_is_no_rate_limit() -> None:
    body = {"error": {"code": "insufficient_quota", "type": "insufficient_quota", "message": "x"}}
    assert refusal(candidates("gpt")[0], OPENAI, answer(429, body), 0).retry == "other"


@pytest.mark.parametrize(
    ("status", "retry"), [(400, "never"), (413, "never"), (422, "never"), (500, "same"), (529, "same")]
)
def test_a_status_alone_decides_where_no_code_is_known(status: int, retry: str) -> None:
    assert refusal(candidates("m")[0], OPENAI, answer(status, {"error": {"message": "x"}}), 0).retry == retry


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


def test_nothing_is_tried_after_a_bad_request() -> None:
    assert following(InvalidRequest("no"), 0, candidates("a", "b"), 1, 5, lambda: 0.5) is None


def test_another_deployment_is_tried_before_the_same_again() -> None:
    failure = ProviderUnreachable("down")
    assert following(failure, 0, candidates("a", "b"), 1, 2, lambda: 0.5) == Next(1)
    again = following(failure, 1, candidates("a", "b"), 2, 2, lambda: 0.5)
    assert again is not None
    assert again.index == 1
    assert again.wait > 0
    assert following(failure, 1, candidates("a", "b"), 3, 2, lambda: 0.5) is None


def test_no_retries_means_one_attempt() -> None:
    for failure in (ProviderUnreachable("x"), ProviderGarbage("x")):
        assert following(failure, 0, candidates("a"), 1, 0, lambda: 0.5) is None
        assert following(failure, 0, candidates("a", "b"), 1, 0, lambda: 0.5) is None


def test_a_fallback_is_reached_without_any_retries() -> None:
    both = candidates("a", group="first") + candidates("b", group="second")
    assert following(ProviderGarbage("x"), 0, both, 1, 0, lambda: 0.5) == Next(1)


def test_a_long_wait_is_left_to_the_client() -> None:
    long: Failure = ProviderRefused("x", answer=RefusedAnswer(429, (), b""), retry="same", retry_after=60)
    assert following(long, 0, candidates("a"), 1, 2, lambda: 0.5) is None
    short: Failure = ProviderRefused("x", answer=RefusedAnswer(429, (), b""), retry="same", retry_after=1)
    assert following(short, 0, candidates("a"), 1, 2, lambda: 0.5) == Next(0, 1)
