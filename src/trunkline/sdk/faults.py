"""From the engine's failures to the exceptions that people catch."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import msgspec

from trunkline import exceptions as raised
from trunkline.catalog.models import names
from trunkline.errors import Failure, ProviderGarbage, ProviderRefused, UnknownModel
from trunkline.exceptions import Answered, Error
from trunkline.route.kinds import KINDS
from trunkline.route.plan import Candidate
from trunkline.sdk.setup import GATEWAY, SPOKEN

_BY_STATUS: dict[int, type[Error]] = {
    400: raised.BadRequestError,
    401: raised.AuthenticationError,
    402: raised.RateLimitError,
    403: raised.PermissionDeniedError,
    404: raised.NotFoundError,
    408: raised.Timeout,
    422: raised.UnprocessableEntityError,
    429: raised.RateLimitError,
    500: raised.InternalServerError,
    502: raised.BadGatewayError,
    503: raised.ServiceUnavailableError,
    504: raised.Timeout,
    529: raised.InternalServerError,
}
_BY_KIND: dict[str, type[Error]] = {
    "window": raised.ContextWindowExceededError,
    "policy": raised.ContentPolicyViolationError,
    "missing": raised.NotFoundError,
    "timeout": raised.Timeout,
    "cut": raised.APIConnectionError,
    "unreachable": raised.APIConnectionError,
    "garbage": raised.APIResponseValidationError,
    "budget": raised.BudgetExceededError,
    "quota": raised.RateLimitError,
    "rate": raised.RateLimitError,
}


def exception(failure: Failure, model: str, candidate: Candidate | None = None) -> Error:
    """The exception for a failure of a call for `model`; `candidate` is where it happened."""
    provider = candidate.deployment.provider.name if candidate is not None else ""
    fields: dict[str, Any] = {
        "llm_provider": "litellm_proxy" if provider == GATEWAY else provider,
        "model": candidate.model if candidate is not None else model,
        "code": failure.code,
        "param": failure.param,
        "retry_after": failure.retry_after,
    }
    remedy = failure.remedy
    if isinstance(failure, ProviderRefused):
        answer = failure.answer
        headers = dict(answer.headers)
        fields["response"] = Answered(answer.status, headers, answer.body)
        fields["body"] = _body(answer.body)
        remedy = headers.get("x-trunkline-hint") or remedy
    elif isinstance(failure, ProviderGarbage) and failure.inner is not None:
        fields["code"] = failure.inner[1] or failure.code
    if isinstance(failure, UnknownModel):
        # There is no gateway here whose list could be asked for.
        remedy = remedy.partition("GET /v1/models")[0].strip()
    if failure.kind == "missing" and candidate is not None:
        remedy = f"{remedy} {_nearest(candidate)}".strip()
    kind = _class(failure)
    fields["retryable"] = not (
        failure.hopeless or KINDS[failure.kind].hopeless or failure.kind in ("caller", "gateway")
    )
    made = kind(f"{_sentence(failure.message)} {remedy}".strip(), remedy=remedy, **fields)
    if kind is raised.APIError:
        made.status_code = failure.status
    return made


def _sentence(message: str) -> str:
    """A failure's message without the place, where that is the call itself."""
    bare = message.removeprefix(f"{SPOKEN}: ")
    return message if bare is message else f"{bare[:1].upper()}{bare[1:]}"


def _class(failure: Failure) -> type[Error]:
    found = _BY_KIND.get(failure.kind)
    if found is not None:
        return found
    if failure.code == "config_invalid":
        return raised.BadRequestError
    if (by_status := _BY_STATUS.get(failure.status)) is not None:
        return by_status
    return raised.BadRequestError if failure.status < 500 else raised.APIError


def _nearest(candidate: Candidate) -> str:
    """The name of the provider's that looks most like the one that it does not know."""
    provider = candidate.deployment.provider.name
    near = get_close_matches(candidate.model, names(provider), n=1, cutoff=0.5)
    return f"Did you mean `{provider}/{near[0]}`?" if near and near[0] != candidate.model else ""


def _body(raw: bytes) -> Any:
    """The provider's error as data, without the envelope that OpenAI's SDK takes off as well."""
    try:
        told = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return None
    inner = told.get("error") if isinstance(told, dict) else None
    return inner if isinstance(inner, dict) else told
