"""What the SDK raises, said as one of our failures or as a provider's error answer. Pure; imports nothing of the SDK.

Its exceptions carry `status_code`, `message`, sometimes the provider's `body` and headers; the real cause is down the
chain of causes (LiteLLM 1.110.2). Classes are told by name, since `httpx` is no dependency of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderTimeout, ProviderUnreachable
from trunkline.upstream.redact import REDACTED
from trunkline.wire.words import words

FAILED = "sdk_failed"
"""The code of a failure that is not the provider's: the SDK could not make the request."""

_UNREACHED = frozenset({"ConnectError", "ConnectTimeout", "ClientConnectorError", "ConnectionRefusedError", "gaierror"})
_BROKEN = frozenset(
    {"ReadError", "WriteError", "RemoteProtocolError", "ClientPayloadError", "ServerDisconnectedError"}
    | {"ConnectionResetError", "IncompleteRead"}
)
_LATE = frozenset({"ReadTimeout", "WriteTimeout", "PoolTimeout", "APITimeoutError"})
_GARBLED = frozenset({"JSONDecodeError", "UnicodeDecodeError", "APIResponseValidationError", "ValidationError"})
_UNENDED = "ended before a finish_reason"
_PREFIX = re.compile(r"^(?:litellm\.\w+: |[A-Z]\w+(?:Error|Timeout): |\w*Exception ?- ?)+")
_LONGEST = 2000
_KEPT = ("retry-after", "retry-after-ms", "x-request-id", "request-id")
_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A provider's error answer, as the SDK tells of it."""

    status: int
    message: str
    code: str | None
    kind: str
    headers: list[tuple[str, str]]

    @property
    def body(self) -> dict[str, Any]:
        """OpenAI's shape."""
        return {"error": {"message": self.message, "type": self.kind, "param": None, "code": self.code}}


def read(error: Exception, title: str, hidden: Iterable[str], *, streaming: bool = False) -> Refusal | Failure:
    """What an exception of the SDK means. `hidden` are values that must not be repeated.

    `streaming`: the provider had begun to answer, so that an error is its own.
    """
    names = {kind.__name__ for each in _chain(error) for kind in type(each).__mro__}
    told = getattr(error, "original_exception", None) or error
    headers = getattr(told, "litellm_response_headers", None) or {}
    answered = bool(headers) or "HTTPStatusError" in names
    said = _said(told, hidden)
    if not answered and (failure := _broken(names, said, title)) is not None:
        return failure
    status = _status(told) or _status(error) or 500
    own = getattr(told, "body", None)
    own = own if isinstance(own, dict) else {}
    code = own.get("code") or _CODES.get(status)
    if status >= 500 and not answered and not streaming:
        code = FAILED
    return Refusal(
        status,
        said,
        str(code) if code else None,
        str(own.get("type") or _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")),
        [(name, str(headers[name])) for name in _KEPT if name in headers],
    )


def _broken(names: set[str], said: str, title: str) -> Failure | None:
    """The failure of a connection; None where it was none."""
    if names & _UNREACHED:
        return ProviderUnreachable(
            f"{title} took no connection: {said}", remedy="Check `api_base`, the network and any proxy on the way."
        )
    if names & _BROKEN or _UNENDED in said:
        return ProviderCut(
            f"{title} broke off its answer: {said}",
            remedy="Try again; if it repeats, look at the provider's status page.",
        )
    if names & _LATE:
        return ProviderTimeout(f"{title} did not answer in time: {said}", remedy="Try again, or raise `timeout`.")
    if names & _GARBLED:
        return ProviderGarbage(
            f"{title} sent what is no answer of its format: {said}", remedy="Check `api_base` and the prefix."
        )
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or each.__context__


def _status(error: object) -> int:
    """An HTTP error's status; 0 where there is none. Some exceptions have it as a text."""
    status = str(getattr(error, "status_code", "") or "")
    return int(status) if status.isdigit() and 400 <= int(status) < 600 else 0


def _said(error: object, hidden: Iterable[str]) -> str:
    """Its sentence: without the classes in front, a stack behind, an error body around, or a secret anywhere."""
    text = str(getattr(error, "message", "") or error)
    text = _PREFIX.sub("", text.partition("\nTraceback (most recent call last)")[0]).strip()
    if text.startswith("{"):
        text = words(text.encode("utf-8", "replace"))[0] or text
    for secret in hidden:
        text = text.replace(secret, REDACTED)
    return text[:_LONGEST] or type(error).__name__
