"""Who stands in where a conversation is too long for a model, or where its content filter refused it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from trunkline.route import plan
from trunkline.route.plan import Candidate
from trunkline.upstream.call import Call
from trunkline.upstream.engine import Engine
from trunkline.upstream.window import window_of


def detour(engine: Engine, call: Call) -> Callable[[Candidate, Literal["window", "policy"]], Sequence[Candidate]]:
    """For a call: `context_window_fallbacks` or `content_policy_fallbacks`; where there are none for a conversation
    that is too long, those of the same group that hold more."""

    def found(candidate: Candidate, kind: Literal["window", "policy"]) -> Sequence[Candidate]:
        said = plan.detour(call.snapshot, call.asked, candidate.group, call.operation, engine.chance, kind, call.wishes)
        if call.caller.alone:
            said = tuple(each for each in said if each.deployment.provider.name == call.own_key_at)
        if said or kind == "policy":
            return said
        held = window_of(engine, call, candidate)
        group = plan.plan(call.snapshot, call.asked, call.operation, engine.chance).candidates
        larger = [(window_of(engine, call, each), each) for each in group if each.group == candidate.group]
        return [each for size, each in sorted(larger, key=lambda pair: pair[0]) if held and size > held]

    return found
