"""Whatever fails, in whatever order: a tour ends, asks nobody too often, and waits no longer than its caps."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Routing, Secret
from trunkline.errors import Failure, Kind, ProviderFailure
from trunkline.route.health import after_failure, of_deployment, of_key, rested_by, rules, standing
from trunkline.route.kinds import KINDS
from trunkline.route.plan import plan
from trunkline.route.tour import PATIENCE, Step, Tour
from trunkline.state.types import Circuit

kinds = st.sampled_from(get_args(Kind))
times = st.none() | st.floats(0, 100)
counts = st.none() | st.integers(0, 4)


@st.composite
def tours(draw: st.DrawFn) -> Tour:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    made = [
        deployment(f"g{group}", model=f"m{at}", order=at, key=Secret(f"sk-{draw(st.integers(0, 2))}", "KEY"))
        for group, size in enumerate(sizes)
        for at in range(size)
    ]
    routing = Routing(
        retry_policy=draw(
            st.dictionaries(
                st.sampled_from(["TimeoutErrorRetries", "RateLimitErrorRetries", "DefaultRetries"]), st.integers(0, 3)
            )
        ),
        retry_after=draw(st.none() | st.floats(0, 5)),
    )
    chain = {"g0": tuple(f"g{at}" for at in range(1, len(sizes)))}
    shot = snapshot(*made, fallbacks=chain, num_retries=draw(counts), routing=routing)
    candidates = list(plan(shot, "g0", "messages", lambda: 0.5).candidates)
    circuits: dict[str, Circuit] = {}
    for each in candidates:
        if draw(st.integers(0, 3)) == 0:
            until = draw(st.floats(900, 1100))
            circuits[of_deployment(each)] = Circuit(4, 900, 1, until, 0, draw(kinds), "no")
    return Tour(shot, candidates, lambda: draw(st.floats(0, 1)), circuits)


@given(tours(), st.data())
def test_a_tour_ends_and_asks_nobody_too_often(tour: Tour, data: st.DataObject) -> None:
    now = 1000.0
    asked: Counter[int] = Counter()
    by_group: Counter[str] = Counter()
    waited = 0
    said = tour.snapshot.num_retries is not None or bool(tour.snapshot.routing.retry_policy)
    alone = len({of_deployment(each) for each in tour.candidates}) == 1
    step: Step | Failure | None = tour.first(now)
    # Each group at most its attempts, each candidate at most once denied or full before it is told so.
    most = 200
    while isinstance(step, Step):
        most -= 1
        assert most, "it goes on for ever"
        assert 0 <= step.wait <= PATIENCE
        chosen, now = now, now + step.wait
        candidate = tour.candidates[step.index]
        for name in step.probes:
            assert name in tour.circuits
        event = data.draw(st.sampled_from(["fail", "fail", "fail", "denied", "full"]))
        if event == "denied" and step.probes:
            step = tour.denied(step, now)
            continue
        if event == "full" and waited < 8:
            waited += 1
            step = tour.full(step.index, now + data.draw(st.floats(0.05, 30)), now)
            continue
        if asked[step.index] and not said:
            untried = [
                at
                for at, each in enumerate(tour.candidates)
                if not asked[at]
                and of_key(each) not in tour._dead
                and tour._full.get(at, 0) <= chosen
                and tour._health(each, chosen)[0] == "closed"
                and by_group[each.group] == 0
            ]
            assert not untried, "one was asked again while another had not been"
        failure = ProviderFailure("no", kind=data.draw(kinds), retry_after=data.draw(times))
        asked[step.index] += 1
        # For want of money nobody is asked, and no attempt is used up.
        by_group[candidate.group] += failure.kind != "budget"
        assert by_group[candidate.group] <= 1 + max(tour.retries(candidate, None), 3)
        rest = rested_by(failure)
        name = of_deployment(candidate) if rest == "deployment" else of_key(candidate) if rest == "key" else ""
        if name:
            told = rules(tour.snapshot, candidate.deployment, failure.kind, failure.status, alone=alone)
            tour.circuits[name] = after_failure(tour.circuits.get(name), failure, now, told)
        step = tour.after(step.index, failure, now)
        if KINDS[failure.kind].other == "no":
            assert step is None


@given(st.lists(st.tuples(kinds, times, st.floats(0, 90)), max_size=30), counts, times, st.booleans())
def test_a_circuit_opens_rests_and_is_tried_again_by_one(
    failures: list[tuple[Kind, float | None, float]], allowed: int | None, cooldown: float | None, alone: bool
) -> None:
    shot = snapshot(deployment("g", model="m"), routing=Routing(allowed_fails=allowed, cooldown_time=cooldown))
    now = 1000.0
    circuit: Circuit | None = None
    for kind, wait, pause in failures:
        before = circuit
        failure = ProviderFailure("no", kind=kind, retry_after=wait)
        circuit = after_failure(before, failure, now, rules(shot, shot.groups["g"][0], kind, 500, alone=alone))
        stands = standing(circuit, now)
        if before is not None and before.until and now < before.until:
            assert circuit.until >= before.until, "a rest is never cut short by a failure"
        if stands == "open" and circuit is not before:
            rest = circuit.until - now
            assert rest <= max(30.0, cooldown or 0.0, wait or 0.0, (before.until - now) if before else 0.0) + 1e-6
            assert rest >= (wait or 0.0) - 1e-6
        if circuit.until:
            assert standing(circuit, circuit.until + 0.001) == "half"
            probed = Circuit(circuit.fails, circuit.since, circuit.opened, circuit.until, circuit.until + 0.001)
            assert standing(probed, circuit.until + 30) == "open"
            assert standing(probed, circuit.until + 61) == "half"
        now += pause
