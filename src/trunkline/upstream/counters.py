"""Who was found to have no counter of tokens: they are not asked again, an estimate serves."""

from __future__ import annotations

from dataclasses import replace

from trunkline.route.plan import Candidate, Plan

_MOST = 4096
"""Wildcards let clients invent names: what was learned once may be learned again."""


class Counters:
    """What one process learned of its deployments' counters."""

    def __init__(self) -> None:
        self._without: set[tuple[str, str]] = set()

    def lack(self, candidate: Candidate) -> None:
        """Notes that a deployment does not count."""
        if len(self._without) >= _MOST:
            self._without.clear()
        self._without.add((candidate.deployment.id, candidate.model))

    def among(self, plan: Plan) -> Plan | None:
        """The plan with those who may count; None when nobody does."""
        kept = tuple(each for each in plan.candidates if (each.deployment.id, each.model) not in self._without)
        return replace(plan, candidates=kept) if kept else None
