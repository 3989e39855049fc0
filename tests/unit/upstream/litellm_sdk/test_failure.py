"""What the SDK raises, read by its classes' names, its status and its words."""

from __future__ import annotations

from typing import Any

import pytest

from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderTimeout, ProviderUnreachable
from trunkline.upstream.litellm_sdk.failure import Refusal, read


class Raised(Exception):
    """As LiteLLM's: attributes beside the message."""

    def __init__(self, message: str, **told: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in told.items():
            setattr(self, name, value)


def caused(error: Exception, name: str) -> Exception:
    """The error, with a cause whose class has that name, two steps down."""
    middle = Raised("between")
    middle.__cause__ = type(name, (Exception,), {})("deep")
    error.__cause__ = middle
    return error


def refusal(error: Exception, **more: Any) -> Refusal:
    found = read(error, "DeepInfra", ["sk-test-1"], **more)
    assert isinstance(found, Refusal)
    return found


def test_a_providers_refusal_is_told_in_its_words() -> None:
    told = refusal(
        Raised(
            "litellm.RateLimitError: RateLimitError: DeepinfraException - slow down, sk-test-1",
            status_code=429,
            body={"message": "slow down", "type": "requests", "code": "busy"},
            litellm_response_headers={"retry-after": "7", "set-cookie": "x"},
        )
    )
    assert (told.status, told.message, told.headers) == (429, "slow down, [redacted]", [("retry-after", "7")])
    assert told.body["error"] == {
        "message": "slow down, [redacted]",
        "type": "requests",
        "param": None,
        "code": "busy",
    }


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", None),
        (401, "authentication_error", "invalid_api_key"),
        (403, "permission_error", None),
        (404, "not_found_error", None),
        (429, "rate_limit_error", "rate_limit_exceeded"),
        ("500", "server_error", None),
    ],
)
def test_a_status_has_a_kind(status: int | str, kind: str, code: str | None) -> None:
    told = refusal(Raised("no", status_code=status, litellm_response_headers={"x-request-id": "1"}))
    assert (told.status, told.kind, told.code) == (int(status), kind, code)


def test_an_error_body_inside_a_message_is_opened() -> None:
    text = 'litellm.BadRequestError: BedrockException - {"error": {"message": "too long", "code": 1}}'
    assert refusal(Raised(text, status_code=400)).message == "too long"


def test_a_stack_in_a_message_is_not_shown() -> None:
    text = "litellm.APIConnectionError: odd\nTraceback (most recent call last):\n  File ..."
    assert refusal(Raised(text, status_code=500)).message == "odd"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ConnectError", ProviderUnreachable),
        ("ConnectionRefusedError", ProviderUnreachable),
        ("ReadError", ProviderCut),
        ("ClientPayloadError", ProviderCut),
        ("ReadTimeout", ProviderTimeout),
        ("JSONDecodeError", ProviderGarbage),
    ],
)
def test_a_broken_connection_is_found_down_the_chain(name: str, kind: type[Failure]) -> None:
    found = read(caused(Raised("Connection error.", status_code=500), name), "DeepInfra", [])
    assert type(found) is kind
    assert "DeepInfra" in str(found)


def test_a_stream_without_an_end_is_cut() -> None:
    error = Raised("x", status_code=500, original_exception=Raised("Stream ended before a finish_reason was received"))
    assert isinstance(read(error, "DeepInfra", [], streaming=True), ProviderCut)


def test_what_a_provider_said_in_mid_stream_is_its_own() -> None:
    told = refusal(Raised("x", status_code=500, original_exception=Raised("overloaded")), streaming=True)
    assert (told.status, told.message, told.code) == (500, "overloaded", None)


def test_a_refusal_is_no_broken_connection_whatever_else_happened() -> None:
    error = caused(Raised("no", status_code=502, litellm_response_headers={"x": "y"}), "ReadError")
    assert refusal(error).status == 502


def test_what_the_sdk_could_not_do_is_not_the_providers() -> None:
    assert refusal(Raised("Missing credentials", status_code=500)).code == "sdk_failed"
    assert refusal(ValueError("odd")).code == "sdk_failed"
    assert refusal(Raised("thinking is not supported", status_code=400)).code is None


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, other = Raised("a", status_code=500), Raised("b")
    one.__cause__, other.__cause__ = other, one
    assert refusal(one).status == 500
