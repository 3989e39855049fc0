"""Who rests, and for how long: the transitions of a circuit. Pure: no I/O, no clock; `state` keeps the circuits.

    closed ──failures──▶ open ──time──▶ half ──the one probe works──▶ (no circuit)
                          ▲              │
                          └──it fails────┘  for twice as long

A circuit is named `d:<deployment id>|<model>` for what is one deployment's, `k:<digest>` for what is a key's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from trunkline.config.schema import Deployment, Snapshot
from trunkline.errors import Failure, Kind, Rest
from trunkline.route.kinds import KINDS, by_sort
from trunkline.route.plan import Candidate
from trunkline.state.types import Circuit

Standing = Literal["closed", "open", "half"]

ALLOWED = 3
"""Failures in a minute that a deployment is allowed, as LiteLLM's `allowed_fails`: it rests at the fourth."""
ALONE = 9
"""The same for a deployment that nobody can stand in for: it rests at the tenth in a row."""
REST = 5.0
"""Seconds of the first rest, as LiteLLM's `cooldown_time`."""
REST_OF_KEY = 30.0
"""The same for what a person must mend: a key, a name, a bill."""
LONGEST = 30.0
"""Seconds that a rest grows to; what the configuration or the provider says may be longer."""
PROBE_LASTS = 60.0
"""Seconds after which a probe that never came back is forgotten."""
_RUN = 60.0
"""Seconds in which failures count as one run."""
_SAID = 500


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says of one deployment's rests. `allowed` None, `cooldown` None: nothing was said."""

    allowed: int | None = None
    cooldown: float | None = None
    alone: bool = False
    """Nobody can answer in its place."""


def rules(snapshot: Snapshot, deployment: Deployment, kind: Kind, status: int, *, alone: bool) -> Rules:
    """The rules for a failure of that kind and status: `allowed_fails_policy` comes before `allowed_fails`."""
    routing = snapshot.routing
    said = by_sort(routing.allowed_fails_policy, kind, status, "AllowedFails")
    allowed = routing.allowed_fails if said is None else said
    cooldown = routing.cooldown_time if deployment.cooldown_time is None else deployment.cooldown_time
    return Rules(allowed, cooldown, alone)


def standing(circuit: Circuit | None, now: float) -> Standing:
    """Whether it may be asked. `half`: one request may try it; while that is under way, it is `open`."""
    if circuit is None or not circuit.until:
        return "closed"
    if now < circuit.until or (circuit.probe and now - circuit.probe < PROBE_LASTS):
        return "open"
    return "half"


def after_failure(circuit: Circuit | None, failure: Failure, now: float, rules: Rules) -> Circuit:
    """The circuit once more has failed."""
    follows = KINDS[failure.kind]
    said = (failure.kept or failure.message)[:_SAID]
    known = circuit or Circuit()
    if known.until and now < known.until and not known.probe:
        # It began before the rest did: it says nothing new, unless the provider names a later time.
        later = now + (failure.retry_after or 0.0)
        return known if later <= known.until else _moved(known, later)
    run = known.fails + 1 if known.fails and now - known.since <= _RUN else 1
    since = known.since if run > 1 else now
    if not known.until and run <= _allowed(rules, at_once=follows.at_once):
        return Circuit(run, since, known.opened, 0.0, 0.0, failure.kind, said)
    first = REST_OF_KEY if follows.at_once and failure.kind != "rate" else REST
    rest = rules.cooldown if rules.cooldown is not None else min(LONGEST, first * 2.0 ** min(known.opened, 8))
    rest = max(rest, failure.retry_after or 0.0)
    return Circuit(run, since, known.opened + 1, now + rest, 0.0, failure.kind, said)


def _allowed(rules: Rules, *, at_once: bool) -> int:
    if rules.allowed is not None:
        return rules.allowed
    return ALONE if rules.alone else 0 if at_once else ALLOWED


def _moved(circuit: Circuit, until: float) -> Circuit:
    return Circuit(circuit.fails, circuit.since, circuit.opened, until, circuit.probe, circuit.kind, circuit.said)


def of_deployment(candidate: Candidate) -> str:
    """The name of a deployment's circuit."""
    return f"d:{candidate.deployment.id}|{candidate.model}"


def of_key(candidate: Candidate) -> str:
    """The name of a key's circuit: the same key at another origin is another account's business."""
    return key_circuit(candidate.deployment, candidate.door.base)


def key_circuit(deployment: Deployment, base: str) -> str:
    """The same for a deployment at one address. Without a key it is the address's own."""
    return f"k:{digest(deployment.key.value if deployment.key is not None else '', base)}"


@lru_cache(maxsize=1024)
def digest(key: str, base: str) -> str:
    """Tells keys apart without showing them: 16 hexadecimal digits."""
    parts = urlsplit(base)
    return hashlib.sha256(f"{key}\0{parts.scheme}://{parts.netloc}".encode()).hexdigest()[:16]


def rested_by(failure: Failure) -> Rest:
    """What rests after it. Failures that are not the provider's rest nobody."""
    if failure.blame != "provider":
        return ""
    return KINDS[failure.kind].rest if failure.rest is None else failure.rest
