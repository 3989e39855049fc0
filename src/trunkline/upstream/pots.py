"""Which of Z.AI's pots a key has something in, where nobody wrote `plan`: its sister endpoint is tried once, and kept.

The address decides what is charged: `/api/paas/v4` the balance, `/api/coding/paas/v4` and `/api/anthropic` the Coding
Plan. The wrong one answers 1113 or 1309. Source: docs.z.ai (FAQ of the Coding Plan) and reports of 2026-09.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit

from trunkline.catalog.place import place
from trunkline.catalog.providers import at_host
from trunkline.config.schema import Deployment, Door
from trunkline.errors import Failure, StoreDown
from trunkline.model.wires import GENERATING, Wire
from trunkline.route.health import digest
from trunkline.route.plan import Candidate
from trunkline.upstream.ratios import Notes

Pot = Literal["coding", "payg"]

_PREFIX = "pot:"
WRONG_POT = frozenset({"1113", "1309"})


class Pots:
    """What is known of the keys of one host: key's digest → the pot that pays."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: dict[str, Pot] = {}
        for name, value in notes.recall(_PREFIX).items():
            self._known[name.removeprefix(_PREFIX)] = "coding" if value == b"coding" else "payg"

    def known(self, candidate: Candidate) -> Candidate:
        """The candidate at the address that its key is known to have something at."""
        if not self._known or not _open(candidate.deployment):
            return candidate
        pot = self._known.get(_name(candidate))
        return candidate if pot is None or pot == _pot(candidate) else moved(candidate, pot) or candidate

    def sister(self, candidate: Candidate, failure: Failure) -> Candidate | None:
        """The other address to try after an answer that this one's pot is empty; None where there is none."""
        if failure.code not in WRONG_POT or not _open(candidate.deployment):
            return None
        return moved(candidate, "payg" if _pot(candidate) == "coding" else "coding")

    def keep(self, candidate: Candidate) -> Pot:
        """The address of this candidate has paid: it is remembered for its key."""
        pot = _pot(candidate)
        name = _name(candidate)
        if self._known.get(name) != pot:
            self._known[name] = pot
            # The state says in its log when it takes nothing; the next 1113 will find the pot again.
            with contextlib.suppress(StoreDown):
                self._notes.remember(_PREFIX + name, pot.encode())
        return pot


def _open(deployment: Deployment) -> bool:
    """Whether the pot is not said: a plan that is set is never left, and a base of one's own is kept."""
    return bool(deployment.provider.variants) and not deployment.plan and deployment.key is not None


def _name(candidate: Candidate) -> str:
    key = candidate.deployment.key
    return digest(key.value if key else "", candidate.door.base)


def _pot(candidate: Candidate) -> Pot:
    path = urlsplit(candidate.door.base).path
    return "coding" if "/coding/" in path or "/anthropic" in path else "payg"


def moved(candidate: Candidate, pot: Pot) -> Candidate | None:
    """The same deployment at the other pot's address, in the same wire where it is spoken there; None: nowhere."""
    deployment = candidate.deployment
    if candidate.model.lower().startswith("claude-"):
        # Z.AI knows Claude's names at its Anthropic endpoint only.
        return None
    parts = urlsplit(candidate.door.base)
    own = at_host(candidate.door.base) is not None
    ends = place(deployment.provider, plan=pot, region=deployment.region)
    doors = {
        wire: Door(end.base if own else f"{parts.scheme}://{parts.netloc}{urlsplit(end.base).path}", end.auth)
        for wire, end in ends.items()
    }
    wire: Wire = candidate.wire if candidate.wire in doors else "openai_chat"
    if wire not in doors or doors[wire].base == candidate.door.base:
        return None
    operation = candidate.operation if wire == candidate.wire else GENERATING[wire]
    return replace(
        candidate, deployment=replace(deployment, doors=doors), door=doors[wire], wire=wire, operation=operation
    )
