"""How many tokens an attempt may come to: what a minute's limit sets aside before it leaves. Pure."""

from __future__ import annotations

from typing import Any

from trunkline.model.wires import COUNTING, EMBEDDING
from trunkline.route.plan import Candidate
from trunkline.upstream.call import Call
from trunkline.upstream.profile import Profile
from trunkline.wire.body import Body

_NAMES = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_NESTED = {"ollama": ("options", "num_predict"), "gemini": ("generationConfig", "maxOutputTokens")}
_UNKNOWN = 8192
"""Tokens of output that are set aside where neither the request, nor the configuration, nor the catalog knows a bound:
most models without a row are small ones that run at home, and what comes above is counted when it has come."""


def reserved(call: Call, candidate: Candidate, profile: Profile, estimate: int) -> int:
    """The input's estimate, and the output at its limit, once for each answer that is asked for."""
    if call.operation in EMBEDDING or call.operation in COUNTING:
        return estimate
    body = call.body
    most = profile.dialect.max_output
    if not isinstance(body, Body):
        return estimate
    limit = _limit(call, candidate)
    if limit is None:
        limit = most or _UNKNOWN
    elif most:
        # A limit above what the model can write is lowered to that on the way.
        limit = min(limit, most)
    times = _whole(bytes(body.members["n"])) if "n" in body.members else None
    return estimate + limit * max(1, min(times or 1, 128))


def _limit(call: Call, candidate: Candidate) -> int | None:
    body = call.body
    assert isinstance(body, Body)
    said = [_whole(bytes(body.members[name])) for name in _NAMES if name in body.members]
    if call.wire in _NESTED:
        member, name = _NESTED[call.wire]
        options: Any = body.get(member) if member in body.members else None
        value = options.get(name) if isinstance(options, dict) else None
        said.append(value if isinstance(value, int) and value > 0 else None)
    known = [each for each in said if each is not None]
    if known:
        return max(known)
    value = next((candidate.deployment.params[name] for name in _NAMES if name in candidate.deployment.params), None)
    return value if isinstance(value, int) and value > 0 else None


def _whole(raw: bytes) -> int | None:
    return int(raw) if raw.isdigit() and len(raw) < 16 else None
