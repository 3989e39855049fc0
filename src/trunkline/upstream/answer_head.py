"""The headers of an answer: the provider's own, and what Trunkline says of how it came about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from trunkline.model.usage import dollars
from trunkline.route.plan import Candidate
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call
from trunkline.upstream.headers import downward

RATES = b"x-ratelimit-"
"""Headers of a provider that make way for our own, where the caller has limits here."""

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def answer_head(
    call: Call,
    candidate: Candidate,
    provider_headers: list[tuple[str, str]],
    content_type: bytes,
    record: Record | None = None,
    *,
    repairs: Iterable[str] = (),
) -> list[tuple[bytes, bytes]]:
    """An empty `content_type` keeps the provider's. With a `record`, cost and tokens are told as well.

    `repairs` names what had to be mended, as far as that is known by now.
    """
    head = downward(provider_headers)
    if call.rates is not None:
        head = [pair for pair in head if not pair[0].startswith(RATES)]
    if not content_type:
        content_type = dict(provider_headers).get("content-type", "application/json").encode("latin-1")
    head.append((b"content-type", content_type))
    head += own_headers(call, candidate, candidate.deployment.group)
    if repairs := dict.fromkeys(repairs):
        head.append((b"x-trunkline-repaired", printable(",".join(repairs))))
    if record is not None and record.priced:
        head.append((b"x-litellm-response-cost", dollars(record.billed).encode()))
    return head


def own_headers(call: Call, candidate: Candidate | None, step: str = "") -> list[tuple[bytes, bytes]]:
    """What every answer carries, errors included: the request's id, where it was sent and how that was decided."""
    steps = [*call.steps, f"{candidate.called}{call.because}"] if candidate is not None and step else call.steps
    head = [
        (b"x-litellm-call-id", call.id.encode()),
        (b"x-litellm-model-id", candidate.deployment.id.encode() if candidate else b"none"),
        (b"x-litellm-model-api-base", printable(candidate.door.base) if candidate else b"none"),
        (b"x-trunkline-route", printable(" > ".join(steps)) if steps else b"none"),
    ]
    if candidate is not None:
        head.append((b"x-litellm-model-group", printable(candidate.group)))
        # A step is a failed attempt; without a `step` the last of them is what is reported.
        failed = len(call.steps) - (0 if step else 1)
        head.append((b"x-litellm-attempted-retries", b"%d" % max(0, failed - call.fallbacks)))
        head.append((b"x-litellm-attempted-fallbacks", b"%d" % call.fallbacks))
    if call.rates is not None:
        head += call.rates()
    if call.lost:
        head.append((b"x-trunkline-lost", printable(",".join(sorted(call.lost)))))
    if call.fit:
        head.append((b"x-trunkline-fit", printable(call.fit)))
    if call.loop:
        head.append((b"x-trunkline-loop", printable(call.loop)))
    if call.caller.ignored:
        head.append((b"x-trunkline-ignored", printable(",".join(call.caller.ignored))))
    return head


@lru_cache(maxsize=1024)
def printable(text: str) -> bytes:
    """Text as a header value: ASCII, on one line, at most 1,000 characters."""
    return _UNPRINTABLE.sub("?", text)[:1000].encode("ascii", "replace")
