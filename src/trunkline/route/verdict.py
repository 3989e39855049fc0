"""What an upstream's error means: its kind, its remedy, how a client of another wire is told. Pure: no I/O."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from trunkline.catalog.faults import fault
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import at_host
from trunkline.errors import Failure, Kind, ProviderFailure, ProviderGarbage, ProviderRefused, RefusedAnswer
from trunkline.model.wires import Wire
from trunkline.route.kinds import KINDS
from trunkline.route.plan import Candidate
from trunkline.wire.words import words

_CHINA = datetime.timezone(datetime.timedelta(hours=8))
_RESET = re.compile(r"reset at (\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)")
"""Z.AI tells when a limit resets in China's time, without saying so (docs.z.ai/api-reference/api-code, 2026-01)."""
_DELAY = re.compile(r'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
"""Google's `RetryInfo`."""

_INSIDE: Mapping[Kind, int] = {"auth": 401, "billing": 402, "quota": 429, "rate": 429, "busy": 503, "missing": 404}
"""The status of an error that came inside a 200, where its kind has one of its own."""


def refusal(candidate: Candidate, provider: Provider, answer: RefusedAnswer, now: float) -> ProviderRefused:
    """The failure that an error answer of that vendor means. `now` is unix time: `Retry-After` may be a date."""
    said, code = words(answer.body)
    name = called(candidate, provider)
    shown = said
    if not said:
        shown = "what it sent is no error of its format" if answer.body.strip() else "it said nothing more"
    message = f"{name} answered {answer.status}{f' ({code})' if code else ''}: {shown}"
    failure = ProviderRefused(message, answer=answer, code=code or None)
    judge(failure, candidate, provider, now)
    if not said and not failure.remedy:
        failure.remedy = "A proxy between here and the provider may be answering in its place; check `api_base`."
    return failure


def judge(failure: Failure, candidate: Candidate, provider: Provider, now: float) -> None:
    """Gives an error its kind, remedy and time of return by what that provider means by it.

    Errors inside a stream, and inside a 200, are judged by the same rows as those with a status. A failure that is no
    provider's error keeps what it is.
    """
    if isinstance(failure, ProviderRefused):
        answer = failure.answer
        said, code = words(answer.body)
        found = fault(provider.name, answer.status, code or failure.code, said or failure.message)
        failure.retry_after = back_after(provider.name, answer, said, now)
    elif isinstance(failure, ProviderGarbage) and failure.inner is not None:
        said, code = failure.inner
        found = fault(provider.name, 500, code, said)
        if found.kind in ("server", "caller"):
            return
        failure.status = _INSIDE.get(found.kind, failure.status)
    else:
        return
    key = candidate.deployment.key
    failure.kind, failure.rest = found.kind, found.rest
    failure.hopeless = KINDS[found.kind].hopeless
    if found.remedy:
        failure.remedy = found.remedy.format(
            key=key.source if key else "the request",
            provider=called(candidate, provider),
            page=provider.key_page or "the provider",
            model=candidate.model,
        )


def back_after(provider: str, answer: RefusedAnswer, said: str, now: float) -> float | None:
    """Seconds that a provider asks to wait, in a header or in its words; the longest counts."""
    waits = [retry_after(answer.headers, now)]
    if provider in ("zai", "bigmodel") and (reset := _RESET.search(said)):
        with contextlib.suppress(ValueError):
            at = datetime.datetime.fromisoformat(reset[1]).replace(tzinfo=_CHINA)
            waits.append(max(0.0, at.timestamp() - now))
    if provider == "gemini" and (delay := _DELAY.search(answer.body.decode("utf-8", "replace"))):
        waits.append(float(delay[1]))
    return max((wait for wait in waits if wait is not None), default=None)


def called(candidate: Candidate, provider: Provider) -> str:
    """How a person knows the provider: by its name at its own host, by the host anywhere else."""
    base = candidate.door.base
    if provider.embedded or at_host(base) is not None:
        return provider.title
    return f"The server at {urlsplit(base).netloc}"


def retry_after(headers: tuple[tuple[str, str], ...], now: float) -> float | None:
    """Seconds that the provider asks to wait: `retry-after-ms`, else `Retry-After` as seconds or as a date."""
    table = dict(headers)
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = table.get(name, "").strip()
        try:
            seconds = float(value) * scale
        except ValueError:
            continue
        return seconds if 0 <= seconds < 1e7 else None
    try:
        return max(0.0, email.utils.parsedate_to_datetime(table.get("retry-after", "")).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


_CODES = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found", 429: "rate_limit_exceeded"}


_TOLD: Mapping[Kind, tuple[int, str]] = {
    "policy": (400, "content_filter"),
    "missing": (404, "model_not_found"),
    "rate": (429, "rate_limit_exceeded"),
    "quota": (429, "rate_limit_exceeded"),
}
"""What some kinds are in every wire, whatever status a provider gave them."""


def crossed(failure: Failure, wire: Wire) -> Failure:
    """A provider's error for a client of another wire: the meaning in that wire's status and code, the words kept.

    Clients act on these: Claude Code compacts on `prompt is too long`, Codex on `context_length_exceeded`, and all try
    again on an overload.
    """
    if not isinstance(failure, ProviderRefused):
        return failure
    status, code = failure.status, _CODES.get(failure.status, failure.code)
    message = failure.message
    if failure.kind == "window":
        status, code = 400, "context_length_exceeded"
        if wire == "anthropic":
            message = f"prompt is too long: {message}"
    elif failure.kind == "busy":
        status, code = (529 if wire == "anthropic" else 503), "overloaded"
    elif failure.kind == "billing":
        status, code = (402 if wire == "anthropic" else 429), "insufficient_quota"
    elif failure.kind in _TOLD:
        status, code = _TOLD[failure.kind]
    elif status >= 500:
        status = 500 if wire == "anthropic" else 502
    told = ProviderFailure(
        message, remedy=failure.remedy, status=status, code=code, kind=failure.kind, retry_after=failure.retry_after
    )
    told.hopeless = failure.hopeless
    return told
