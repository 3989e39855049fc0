"""What an upstream's error means, and what is tried next. Pure: no I/O, no clock; chance is passed in."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from trunkline.catalog.faults import fault
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import at_host
from trunkline.errors import Failure, ProviderFailure, ProviderRefused, RefusedAnswer
from trunkline.model.wires import Wire
from trunkline.route.plan import Candidate
from trunkline.wire.words import words

DEFAULT_RETRIES = 2
"""As LiteLLM and the vendors' SDKs have it, where the configuration says nothing."""

PATIENCE = 5.0
"""Seconds that a provider may ask us to wait before trying it again; longer ones are the client's to wait."""


def refusal(candidate: Candidate, provider: Provider, answer: RefusedAnswer, now: float) -> ProviderRefused:
    """The failure that an error answer of that vendor means. `now` is unix time: `Retry-After` may be a date."""
    said, code = words(answer.body)
    found = fault(provider.name, answer.status, code)
    key = candidate.deployment.key
    name = called(candidate, provider)
    remedy = found.remedy.format(
        key=key.source if key else "the request", provider=name, page=provider.key_page or "the provider"
    )
    if not said:
        said = "what it sent is no error of its format" if answer.body.strip() else "it said nothing more"
        remedy = remedy or "A proxy between here and the provider may be answering in its place; check `api_base`."
    failure = ProviderRefused(
        f"{name} answered {answer.status}{f' ({code})' if code else ''}: {said}",
        answer=answer,
        remedy=remedy,
        code=code or None,
        retry=found.retry,
        retry_after=retry_after(answer.headers, now),
    )
    failure.hopeless = found.hopeless
    return failure


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


_CONTEXT = re.compile(
    r"context_length_exceeded|maximum context length|prompt is too long|input length and `max_tokens` exceed|"
    r"exceeds the context window|context window limit|input token count.*exceeds|exceed_context_size_error|"
    r"longer than the context length|exceeds the available context|too many tokens|\b1261\b",
    re.IGNORECASE | re.DOTALL,
)
"""How providers say that a conversation is too long (their documentation and reports of 2026)."""

_CODES = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found", 429: "rate_limit_exceeded"}
_BILLING = frozenset({"insufficient_quota", "billing_error", "1113", "1309", "1311"})


def crossed(failure: Failure, wire: Wire) -> Failure:
    """A provider's error for a client of another wire: the meaning in that wire's status and code, the words kept.

    Clients act on these: Claude Code compacts on `prompt is too long`, Codex on `context_length_exceeded`, and all try
    again on an overload.
    """
    if not isinstance(failure, ProviderRefused):
        return failure
    status, code = failure.status, _CODES.get(failure.status, failure.code)
    message = failure.message
    if status in (400, 413, 422, 500) and _CONTEXT.search(f"{failure.code} {message}"):
        status, code = 400, "context_length_exceeded"
        if wire == "anthropic":
            message = f"prompt is too long: {message}"
    elif status in (503, 529):
        status, code = (529 if wire == "anthropic" else 503), "overloaded"
    elif failure.code in _BILLING or status == 402:
        status, code = (402 if wire == "anthropic" else 429), "insufficient_quota"
    elif status >= 500:
        status = 500 if wire == "anthropic" else 502
    told = ProviderFailure(
        message, remedy=failure.remedy, status=status, code=code, retry=failure.retry, retry_after=failure.retry_after
    )
    told.hopeless = failure.hopeless
    return told


@dataclass(frozen=True, slots=True)
class Next:
    """Try the candidate at `index` after `wait` seconds."""

    index: int
    wait: float = 0.0


def following(
    failure: Failure,
    index: int,
    candidates: tuple[Candidate, ...],
    attempts: int,
    retries: int,
    chance: Callable[[], float],
) -> Next | None:
    """What to try after `attempts` attempts, the last of them at `index`; None: report the failure.

    Another deployment is always better than the same again. Each group has `retries` further attempts; going on to a
    fallback group is no retry.
    """
    if failure.retry == "never":
        return None
    group = candidates[index].group
    later = index + 1
    if later < len(candidates) and (candidates[later].group != group or attempts <= retries):
        return Next(later)
    for at in range(later, len(candidates)):
        if candidates[at].group != group:
            return Next(at)
    if failure.retry == "same" and attempts <= retries:
        wait = failure.retry_after
        if wait is None:
            wait = min(8.0, 0.5 * 2 ** (attempts - 1)) * (0.75 + 0.5 * chance())
        return Next(index, wait) if wait <= PATIENCE else None
    return None
