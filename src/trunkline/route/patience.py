"""How long an attempt is waited for: until its first token, and between two pieces of its stream. Pure.

What is written counts: the request's own, the deployment's, the configuration's. Where nothing is, patience depends on
whether somebody else could answer instead.
"""

from __future__ import annotations

from trunkline.config.schema import Deployment, Snapshot
from trunkline.route.wishes import Wishes

ALONE = 600.0
"""Seconds until the first token where nobody else can answer: thinking models are silent for minutes."""
OTHERS = 14.0
"""The same where somebody else can; the timer is up to half a second late."""
_RATE = 40.0
"""Tokens a second that a provider in good health writes at least: a whole answer comes when all of it is written."""
_UNSAID, _THOUGHTS = 1000, 4000
"""Tokens that a whole answer is expected to have where no limit is asked for; with thoughts in it."""
IDLE = 30.0
_LEAST_IDLE = 10.0


def first_token(
    snapshot: Snapshot,
    deployment: Deployment,
    wishes: Wishes,
    *,
    streamed: bool,
    others: bool,
    most: int | None = None,
    thinks: bool = False,
) -> float:
    """Seconds until the first token of a stream, or until the headers of a whole answer.

    `others`: somebody else could answer. `most`: the output limit that the request names. `thinks`: the model does.
    """
    if streamed:
        for seconds in (wishes.stream_timeout, wishes.timeout, deployment.stream_timeout):
            if seconds is not None:
                return seconds
    for seconds in (
        wishes.timeout,
        snapshot.stream_timeout if streamed else None,
        deployment.timeout,
        snapshot.timeout,
        snapshot.limits.first_byte,
    ):
        if seconds is not None:
            return seconds
    if not others:
        return ALONE
    if streamed:
        return OTHERS
    return min(ALONE, OTHERS + (most or (_THOUGHTS if thinks else _UNSAID)) / _RATE)


def idle(snapshot: Snapshot, deployment: Deployment, wishes: Wishes) -> float:
    """Seconds of silence in mid-stream after which a provider is given up: `limits.idle`, else by its `timeout`."""
    if snapshot.limits.idle is not None:
        return snapshot.limits.idle
    for seconds in (wishes.timeout, deployment.timeout, snapshot.timeout):
        if seconds is not None:
            return min(IDLE, max(_LEAST_IDLE, 2 * seconds))
    return IDLE
