"""How long an answer a budget still pays for: an output limit that fits, where the one that was asked for does not.

Pure."""

from __future__ import annotations

from trunkline.upstream.worst import Asked, Bound

USEFUL = 1024
"""Output tokens beyond the thinking that an answer must have room for: less is not worth its input."""


def fitted(bound: Bound, asked: Asked, free: int, wanted: int) -> int | None:
    """An output limit whose worst case costs at most `wanted` nano-dollars, but never less than a useful answer's as
    long as that costs at most `free`. None where no useful answer fits, or where the limit is not above a useful one's.
    """
    if not bound.output:
        return None
    limit = max(bound.limit_within(wanted), USEFUL + asked.thinking)
    if limit >= bound.limit or bound.with_limit(limit) > free:
        return None
    return limit


def said(limit: int, asked: Asked, name: str) -> str:
    """What `x-trunkline-fit` tells: what the limit is now, what it was, and whose budget set it."""
    before = f"instead of {asked.limit}" if asked.limit is not None else "where no limit was asked for"
    return f"{limit} output tokens {before}, for the budget of {name}"
