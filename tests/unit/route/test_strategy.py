"""In which order the deployments of a group are asked."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Deployment, Routing
from trunkline.model.usage import Price, Rates
from trunkline.route.plan import plan
from trunkline.route.strategy import Load, ordered


def three(**more: list[Any]) -> list[Deployment]:
    return [
        deployment("g", model=name, id=name, **{key: values[at] for key, values in more.items()})
        for at, name in enumerate("abc")
    ]


def first(found: list[Deployment]) -> str:
    return found[0].id


def shares(made: list[Deployment], rounds: int = 4000) -> Counter[str]:
    chance = random.Random(7).random
    return Counter(first(ordered(made, chance)) for _ in range(rounds))


def test_a_shuffle_respects_weights() -> None:
    counts = shares(three(weight=[3, 1, None]))
    assert 2800 < counts["a"] < 3200
    assert counts["c"] == 0, "as in LiteLLM, one without a weight beside those with one is not chosen"


def test_without_weights_rpm_is_the_weight_and_then_tpm() -> None:
    assert 2800 < shares(three(rpm=[900, 300, None]))["a"] < 3200
    assert 2800 < shares(three(tpm=[90, 30, None]))["a"] < 3200
    assert all(1200 < count < 1470 for count in shares(three()).values())


def test_order_comes_before_all() -> None:
    assert set(shares(three(order=[2, 1, 2], weight=[9, 1, 9]))) == {"b"}


def test_the_least_busy_is_first() -> None:
    loads = {"a": Load(in_flight=2), "b": Load(in_flight=0), "c": Load(in_flight=1)}
    assert [each.id for each in ordered(three(), lambda: 0.5, "least-busy", loads)] == ["b", "c", "a"]


def test_the_least_used_is_first_and_one_at_its_limit_last() -> None:
    loads = {"a": Load(requests=1, tokens=10), "b": Load(requests=2, tokens=5), "c": Load(requests=1, tokens=90)}
    found = ordered(three(rpm=[9, 2, 9]), lambda: 0.5, "usage-based-routing-v2", loads)
    assert [each.id for each in found] == ["a", "c", "b"]


def test_the_fastest_is_first_and_who_was_not_asked_yet_before() -> None:
    loads = {"a": Load(latency=0.4), "b": Load(latency=0.2), "c": Load()}
    found = ordered(three(), lambda: 0.5, "latency-based-routing", loads)
    assert [each.id for each in found] == ["c", "b", "a"]
    loads["c"] = Load(latency=0.21)
    chance = random.Random(3).random
    near = Counter(first(ordered(three(), chance, "latency-based-routing", loads, buffer=0.5)) for _ in range(1000))
    assert near["a"] == 0
    assert 400 < near["b"] < 600


def test_the_cheapest_is_first_and_one_without_a_price_last() -> None:
    costs = {"a": 3.0, "b": float("inf"), "c": 1.0}
    found = ordered(three(), lambda: 0.5, "cost-based-routing", None, lambda each: costs[each.id])
    assert [each.id for each in found] == ["c", "a", "b"]


def test_the_plan_asks_for_loads_only_where_there_is_a_choice() -> None:
    asked: list[int] = []

    def weigh(found: object) -> dict[str, Load]:
        asked.append(1)
        return {"b": Load(in_flight=1), "c": Load(in_flight=1), "a": Load(in_flight=2)}

    shot = snapshot(*three(), deployment("one", model="x"), routing=Routing(strategy="least-busy"))
    assert plan(shot, "g", "messages", lambda: 0.5, weigh).candidates[-1].model == "a"
    plan(shot, "one", "messages", lambda: 0.5, weigh)
    assert len(asked) == 1


def test_the_plan_knows_prices() -> None:
    cheap, dear = (Price((Rates(rate, rate, rate, rate, rate),)) for rate in (10, 20))
    made = [deployment("g", model="dear", price=dear), deployment("g", model="cheap", price=cheap)]
    shot = snapshot(*made, routing=Routing(strategy="cost-based-routing"))
    assert [each.model for each in plan(shot, "g", "messages", lambda: 0.5).candidates] == ["cheap", "dear"]
