"""Who is asked next, after which wait, and why. Pure: no I/O, no clock, no sleep; chance and times are passed in.

A tour is one call's way through its candidates. It always ends: each group has its attempts, each candidate is asked
once before any is asked again (but where a number of retries was written), and no wait is longer than its cap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from trunkline.config.schema import Snapshot
from trunkline.errors import BudgetShared, BudgetSpent, Failure, Kind, LimitReached, ProviderResting, Unpriced
from trunkline.route.health import Standing, of_deployment, of_key, rested_by, standing
from trunkline.route.kinds import KINDS, by_sort
from trunkline.route.plan import Candidate
from trunkline.route.wishes import NO_WISHES, Wishes
from trunkline.state.types import Circuit

DEFAULT_RETRIES = 2
"""As LiteLLM and the vendors' SDKs have it, where nothing was written."""
FIRST_WAIT = 0.5
"""Seconds before the first retry, where the configuration says nothing."""
CAP = 60.0
"""The longest back-off, seconds."""
PATIENCE = 15.0
"""Seconds that one is waited for whom nobody can stand in for; longer waits are the client's, who is told them."""
HURRY = 5.0
"""The same where somebody else could answer."""
_TRANSIENT = frozenset({"busy", "server", "timeout", "cut", "unreachable", "garbage", "rate"})
"""Rests that are no certainty: who has them may still be tried once all others have failed."""
_STATUS = {"rate": 429, "quota": 429, "auth": 401, "billing": 402, "missing": 404}

Detour = Callable[[Candidate, Literal["window", "policy"]], Sequence[Candidate]]
"""Who stands in where a conversation is too long or was refused, best first."""


@dataclass(slots=True)
class Step:
    """Ask the candidate at `index` after `wait` seconds. `probes`: circuits whose single probe must be had first."""

    index: int
    why: str
    wait: float = 0.0
    probes: tuple[str, ...] = ()


def _nobody(candidate: Candidate, kind: Literal["window", "policy"]) -> Sequence[Candidate]:
    return ()


@dataclass(slots=True)
class Tour:
    """The way of one call. `circuits` is what was known when it began; whoever runs it keeps it true."""

    snapshot: Snapshot
    candidates: list[Candidate]
    chance: Callable[[], float]
    circuits: dict[str, Circuit] = field(default_factory=dict)
    wishes: Wishes = NO_WISHES
    detour: Detour = _nobody
    own_key_at: str = ""
    """The provider that is asked with the caller's own key: no circuit of ours says anything about it."""
    fallbacks: int = 0
    """How many groups were gone on to."""
    whole_budget: bool = False
    """No fallback could answer, so that what is beyond a budget's `fallback_at` may be spent."""
    _tried: dict[int, int] = field(default_factory=dict)
    _failed: dict[int, Failure] = field(default_factory=dict)
    _spent: dict[str, int] = field(default_factory=dict)
    _full: dict[int, float] = field(default_factory=dict)
    _waited: float = 0.0
    _dead: set[str] = field(default_factory=set)
    _stalled: set[int] = field(default_factory=set)
    _made_way: list[int] = field(default_factory=list)
    """Those that a budget's `fallback_at` put behind the fallbacks."""
    _only: set[int] | None = None
    _stays: str = ""
    """The group that is not left any more."""
    _at: str = ""

    def first(self, now: float) -> Step | Failure:
        """Who is asked first; a failure when all rest."""
        self._at = self.candidates[0].group
        if self._alone and self._rests_alone(now):
            self._stays = self._at
        if not self.circuits and not self._tried and not self._full:
            return Step(0, "the first choice")
        step = self._fresh(self._groups(), now, "the first choice that may be asked")
        return step or self._forced(now) or self._resting(now)

    def denied(self, step: Step, now: float) -> Step | Failure:
        """Somebody else has the probe: who is asked instead."""
        self._probed(step.probes, now)
        return self._instead(now) or self._forced(now, denied=step.probes) or self._resting(now)

    def full(self, index: int, until: float, now: float) -> Step | Failure:
        """A limit of that candidate is reached until then, and it was not asked: who is asked instead, or when."""
        self._full[index] = until
        if "rate" in self._alone:
            self._stays = self.candidates[index].group
        if step := self._instead(now):
            return step
        soonest = min(self._full, key=lambda at: self._full[at])
        wait = max(0.05, self._full[soonest] - now)
        if self._waited + wait <= PATIENCE:
            self._waited += wait
            del self._full[soonest]
            return Step(soonest, "its limit allows it again", wait)
        return LimitReached(
            f"The limits of {self.candidates[soonest].called} are reached, and nobody else can answer.",
            remedy="Send the request again later, or raise `rpm` or `tpm`.",
            retry_after=wait,
        )

    def after(self, index: int, failure: Failure, now: float, *, going_on: bool = False) -> Step | None:
        """What comes after a failed attempt; None: the failure is the answer.

        `going_on`: the answer had begun and its rest is asked for. Then a refusal of what we made of the request is no
        verdict on the request, and whoever broke off may say the rest.
        """
        candidate = self.candidates[index]
        group = self._at = candidate.group
        self._tried[index] = self._tried.get(index, 0) + 1
        self._failed[index] = failure
        if failure.kind != "budget":
            # Who was not asked for want of money has cost no attempt.
            self._spent[group] = self._spent.get(group, 0) + 1
        if isinstance(failure, BudgetShared):
            self._made_way.append(index)
        elif failure.kind in self._alone:
            self._stays = group
        follows = KINDS[failure.kind]
        if failure.kind == "window" or failure.kind == "policy":
            return self._special(index, failure.kind) or self._back(now)
        if follows.other == "no" and not (going_on and failure.kind == "caller"):
            return self._back(now) if failure.kind == "caller" else None
        if going_on and failure.kind in ("timeout", "garbage"):
            self._stalled.add(index)
        if not follows.again and rested_by(failure) == "key" and (name := self._key(candidate)):
            self._dead.add(name)
        why = failure.code if isinstance(failure, BudgetShared) else failure.kind
        after = f"after {why} at {candidate.called}"
        left = self._spent.get(group, 0) <= self.retries(candidate, failure)
        if left and (step := self._fresh([group], now, after)):
            return step
        if left and self._said(candidate, failure) and (step := self._again(group, now, HURRY)):
            return step
        later = [name for name in self._groups() if name != group and name not in self._spent]
        if step := self._fresh(later, now, after):
            self.fallbacks += 1
            return step
        if step := self._back(now):
            return step
        if left:
            return self._again(group, now, PATIENCE) or self._forced(now)
        return None

    def others(self, index: int, now: float) -> bool:
        """Whether somebody else could be asked if this candidate gave no answer in time."""
        if len(self.candidates) == 1:
            return False
        group = self.candidates[index].group
        spent = self._spent.get(group, 0)
        left = spent < self.retries(self.candidates[index], None)
        return any(
            at != index
            and (at not in self._tried or at in self._made_way)
            and (left if each.group == group else each.group not in self._spent and "timeout" not in self._alone)
            and self._key(each) not in self._dead
            and self._health(each, now)[0] != "open"
            for at, each in enumerate(self.candidates)
            if self._only is None or at in self._only
        )

    def answer(self, failure: Failure, candidate: Candidate) -> tuple[Failure, Candidate]:
        """What is told, and of whom, where `failure` came last and nothing was said.

        Where all that was asked for was refused for want of money, that is why there is no answer and what a person can
        mend, though a fallback failed later.
        """
        own = [at for at in sorted(self._failed) if self.candidates[at].group == self.candidates[0].group]
        refused = [self._failed[at] for at in own]
        theirs = failure.blame == "provider" and failure.kind not in ("rate", "caller", "window", "policy")
        if not theirs or not own or not all(isinstance(each, BudgetSpent | Unpriced) for each in refused):
            return failure, candidate
        first = refused[0]
        also = f"{first.remedy} The fallback {candidate.called} did not answer: {failure.message}"
        return type(first)(first.message, remedy=also), self.candidates[own[0]]

    def add(self, candidate: Candidate) -> int:
        """One more that may be asked: the same model at another door. Its index."""
        self.candidates.append(candidate)
        if self._only is not None:
            self._only.add(len(self.candidates) - 1)
        return len(self.candidates) - 1

    def retries(self, candidate: Candidate, failure: Failure | None) -> int:
        """How many further attempts its group has: `retry_policy` by kind, else what is written nearest."""
        if failure is not None and (said := self._policy(candidate, failure)) is not None:
            return said
        for number in (self.wishes.retries, candidate.deployment.max_retries, self.snapshot.num_retries):
            if number is not None:
                return number
        return DEFAULT_RETRIES

    def _policy(self, candidate: Candidate, failure: Failure) -> int | None:
        routing = self.snapshot.routing
        policy = routing.group_retry_policy.get(candidate.group, routing.retry_policy)
        return by_sort(policy, failure.kind, failure.status, "Retries")

    def _said(self, candidate: Candidate, failure: Failure) -> bool:
        """Whether somebody wrote a number of retries: then the group is asked as often before a fallback is."""
        return (
            self._policy(candidate, failure) is not None
            or self.wishes.retries is not None
            or candidate.deployment.max_retries is not None
            or self.snapshot.num_retries is not None
        )

    def _groups(self) -> list[str]:
        return [self._stays] if self._stays else list(dict.fromkeys(each.group for each in self.candidates))

    @property
    def _alone(self) -> tuple[Kind, ...]:
        """The kinds of failures that no fallback may follow."""
        return self.snapshot.routing.no_fallback_on

    def _rests_alone(self, now: float) -> bool:
        """Whether one of the first group rests for a failure that no fallback may follow."""
        names = [name for each in self.candidates if each.group == self._at for name in self._names(each)]
        circuits = [self.circuits[name] for name in names if name in self.circuits]
        return any(circuit.kind in self._alone and standing(circuit, now) == "open" for circuit in circuits)

    def _special(self, index: int, kind: Literal["window", "policy"]) -> Step | None:
        """Goes on with those that are meant for this kind of failure, and with nobody else."""
        if self._only is None:
            begin = len(self.candidates)
            tried = {(each.deployment.id, each.model) for at, each in enumerate(self.candidates) if at in self._tried}
            found = self.detour(self.candidates[index], kind)
            self.candidates += [each for each in found if (each.deployment.id, each.model) not in tried]
            self._only = set(range(begin, len(self.candidates)))
        at = next((at for at in sorted(self._only) if at not in self._tried), None)
        if at is None:
            return None
        if self.candidates[at].group != self.candidates[index].group:
            self.fallbacks += 1
        words = "too long for" if kind == "window" else "refused by the content filter of"
        return Step(at, f"{words} {self.candidates[index].called}")

    def _instead(self, now: float) -> Step | None:
        """Somebody else, in the same group or a later one."""
        groups = self._groups()
        groups = groups[groups.index(self._at) :] if self._at in groups else groups
        step = self._fresh(groups, now, "another is at its limit or rests")
        if step is not None and self.candidates[step.index].group != self._at:
            self.fallbacks += 1
            self._at = self.candidates[step.index].group
        return step or self._back(now)

    def _back(self, now: float) -> Step | None:
        """Who made way for the fallbacks, now that none of those can answer: with the whole of the budget."""
        if not self._made_way or self._stays:
            return None
        groups = list(dict.fromkeys(self.candidates[at].group for at in self._made_way))
        for at in self._made_way:
            del self._tried[at]
        self._made_way.clear()
        self.whole_budget, self._only, self._at = True, None, groups[0]
        return self._fresh(groups, now, "no fallback can answer") or self._forced(now)

    def _fresh(self, groups: Sequence[str], now: float, why: str) -> Step | None:
        """The first of these groups' candidates that was not asked yet and may be."""
        for group in groups:
            for at, each in enumerate(self.candidates):
                if each.group != group or at in self._tried or (self._only is not None and at not in self._only):
                    continue
                if self._full.get(at, 0.0) > now or self._key(each) in self._dead:
                    continue
                stands, probes, _ = self._health(each, now)
                if stands == "open":
                    continue
                return Step(at, f"{why}; it is tried again after a rest" if probes else why, 0.0, probes)
        return None

    def _again(self, group: str, now: float, patience: float) -> Step | None:
        """One of a group that has failed and may be asked again, the one that can be asked soonest."""
        best: Step | None = None
        for at, count in self._tried.items():
            candidate, failure = self.candidates[at], self._failed[at]
            if candidate.group != group or self._key(candidate) in self._dead:
                continue
            if not KINDS[failure.kind].again and at not in self._stalled and not self._policy(candidate, failure):
                continue
            _, probes, until = self._health(candidate, now)
            wait = max(self._back_off(candidate, failure, count), until - now)
            if wait <= patience and (best is None or wait < best.wait):
                best = Step(at, f"again after {failure.kind}", wait, probes)
        return best

    def _back_off(self, candidate: Candidate, failure: Failure, count: int) -> float:
        """Seconds before the next attempt after `count`: what the provider asks, else doubled each time, jittered."""
        least = self.snapshot.routing.retry_after or 0.0
        if failure.retry_after is not None:
            return max(least, failure.retry_after)
        rates = self.snapshot.provider_limits.get(candidate.deployment.provider.name)
        first = rates.retry_delay if rates is not None and rates.retry_delay is not None else FIRST_WAIT
        return max(least, min(CAP, first * 2.0 ** min(count - 1, 12) * (0.75 + 0.5 * self.chance())))

    def _forced(self, now: float, denied: tuple[str, ...] = ()) -> Step | None:
        """One that rests, where nobody else is left: its single probe, before its time."""
        for at, each in enumerate(self.candidates):
            if at in self._tried or self._full.get(at, 0.0) > now or self._key(each) in self._dead:
                continue
            if (self._only is not None and at not in self._only) or self._stays not in ("", each.group):
                continue
            named = [(name, self.circuits[name]) for name in self._names(each) if name in self.circuits]
            resting = [(name, circuit) for name, circuit in named if standing(circuit, now) != "closed"]
            if any(
                circuit.kind == "unhealthy" or (self._spent and circuit.kind not in _TRANSIENT)
                for _, circuit in resting
            ):
                continue
            if any(name in denied or circuit.probe for name, circuit in resting):
                continue
            if each.group != self._at and self._spent:
                self.fallbacks += each.group not in self._spent
            return Step(at, "all others rest or have failed", 0.0, tuple(name for name, _ in resting))
        return None

    def _resting(self, now: float) -> Failure:
        """All rest: the last failure's sentence, and when to come again."""
        circuits = [
            circuit
            for each in self.candidates
            for name in self._names(each)
            if self._stays in ("", each.group) and (circuit := self.circuits.get(name)) is not None and circuit.until
        ]
        if not circuits:
            return ProviderResting("No deployment can be asked now.", retry_after=1.0)
        soonest = min(circuits, key=lambda circuit: circuit.until)
        wait = max(1.0, soonest.until - now)
        failure = ProviderResting(
            f"Not asked, since it failed a moment ago and rests: {soonest.said}",
            remedy=f"It is tried again in {wait:.0f} s.",
            status=_STATUS.get(soonest.kind, 503),
            retry_after=wait,
        )
        failure.hopeless = soonest.kind in ("auth", "billing", "missing")
        return failure

    def _probed(self, names: Sequence[str], now: float) -> None:
        for name in names:
            old = self.circuits.get(name)
            if old is not None:
                self.circuits[name] = Circuit(old.fails, old.since, old.opened, old.until, now, old.kind, old.said)

    def _health(self, candidate: Candidate, now: float) -> tuple[Standing, tuple[str, ...], float]:
        """How it stands, which probes it needs, and until when it rests (0: it does not)."""
        if not self.circuits:
            return "closed", (), 0.0
        probes: list[str] = []
        until = 0.0
        worst: Standing = "closed"
        for name in self._names(candidate):
            circuit = self.circuits.get(name)
            stands = standing(circuit, now)
            if circuit is None or stands == "closed":
                continue
            probes.append(name)
            until = max(until, circuit.until)
            worst = "open" if "open" in (stands, worst) else "half"
        return worst, tuple(probes), until

    def _names(self, candidate: Candidate) -> tuple[str, ...]:
        key = self._key(candidate)
        return (of_deployment(candidate), key) if key else (of_deployment(candidate),)

    def _key(self, candidate: Candidate) -> str:
        return "" if candidate.deployment.provider.name == self.own_key_at else of_key(candidate)
