"""What errors are called for programs that look for capitals."""

from __future__ import annotations

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.errors import (
    BudgetHeld,
    BudgetSpent,
    Failure,
    Internal,
    InvalidRequest,
    KeyMissing,
    LimitReached,
    NotAllowed,
    OverLimit,
    ProviderRefused,
    ProviderResting,
    ProviderTimeout,
    QueueFull,
    RefusedAnswer,
    UnknownModel,
    UnknownPath,
)
from trunkline.serve.capitals import capital, in_capitals


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (InvalidRequest("x"), "VALIDATION_ERROR"),
        (KeyMissing("x"), "INVALID_API_KEY"),
        (NotAllowed("x"), "FORBIDDEN"),
        (UnknownPath("x"), "NOT_FOUND"),
        (UnknownModel("x"), "MODEL_NOT_AVAILABLE"),
        (OverLimit("x"), "RATE_LIMIT_ERROR"),
        (LimitReached("x"), "RATE_LIMIT_ERROR"),
        (QueueFull("x"), "RATE_LIMIT_ERROR"),
        (BudgetHeld("x"), "RATE_LIMIT_ERROR"),
        (BudgetSpent("x"), "INSUFFICIENT_QUOTA"),
        (Internal("x"), "INTERNAL_ERROR"),
        (ProviderResting("x"), "PROVIDER_UNAVAILABLE"),
        (ProviderTimeout("x"), "PROVIDER_TIMEOUT"),
        (ProviderRefused("x", answer=RefusedAnswer(429, (), b""), code="1302", kind="rate"), "RATE_LIMIT_ERROR"),
        (ProviderRefused("x", answer=RefusedAnswer(400, (), b""), code="1211", kind="missing"), "MODEL_NOT_AVAILABLE"),
        (InvalidRequest("x", code="a-b c"), "A_B_C"),
    ],
)
def test_each_failure_has_a_name_in_capitals(failure: Failure, code: str) -> None:
    assert capital(failure) == code


def test_it_is_called_so_under_one_path_or_by_configuration() -> None:
    plain = snapshot(deployment("m", model="m"))
    assert in_capitals(plain, "/api/llm/chat/completions")
    assert in_capitals(plain, "/api/llm")
    assert not in_capitals(plain, "/api/llmx")
    assert not in_capitals(plain, "/v1/chat/completions")
    assert in_capitals(snapshot(deployment("m", model="m"), error_codes="upper"), "/v1/chat/completions")
