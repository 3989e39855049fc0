"""Who rests, and for how long."""

from __future__ import annotations

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Deployment, Routing, Secret
from trunkline.errors import Failure, InvalidRequest, Kind, ProviderFailure, ProviderKeyUnset
from trunkline.route.health import Rules, after_failure, of_deployment, of_key, rested_by, rules, standing
from trunkline.route.kinds import by_sort
from trunkline.route.plan import plan
from trunkline.state.types import Circuit


def failed(kind: Kind, times: int = 1, *, apart: float = 1, told: Rules | None = None, **more: float) -> Circuit:
    circuit: Circuit | None = None
    for at in range(times):
        failure = ProviderFailure("no", kind=kind, **more)  # type: ignore[arg-type]
        circuit = after_failure(circuit, failure, 1000 + at * apart, told or Rules())
    assert circuit is not None
    return circuit


def test_three_failures_are_allowed() -> None:
    assert standing(failed("server", 3), 1002) == "closed"
    fourth = failed("server", 4)
    assert standing(fourth, 1003) == "open"
    assert fourth.until == 1008


def test_failures_far_apart_are_no_run() -> None:
    assert standing(failed("server", 9, apart=61), 1500) == "closed"


@pytest.mark.parametrize("kind", ["auth", "billing", "quota", "rate", "missing"])
def test_some_rest_at_once_where_others_can_answer(kind: Kind) -> None:
    assert standing(failed(kind), 1000) == "open"
    assert standing(failed(kind, told=Rules(alone=True)), 1000) == "closed"


def test_one_that_nobody_can_stand_in_for_rests_at_the_tenth() -> None:
    assert standing(failed("server", 9, told=Rules(alone=True)), 1008) == "closed"
    assert standing(failed("server", 10, told=Rules(alone=True)), 1009) == "open"


def test_each_rest_is_twice_as_long_up_to_thirty_seconds() -> None:
    circuit = failed("server", 4)
    rests = []
    for _ in range(4):
        now = circuit.until + 1
        assert standing(circuit, now) == "half"
        circuit = after_failure(circuit, ProviderFailure("no"), now, Rules())
        rests.append(circuit.until - now)
    assert rests == [10, 20, 30, 30]


def test_what_the_provider_or_the_configuration_says_may_be_longer() -> None:
    assert failed("rate", retry_after=300).until == 1300
    assert failed("rate", told=Rules(cooldown=90)).until == 1090
    assert failed("rate", told=Rules(cooldown=1)).until == 1001


def test_a_probe_is_one_until_it_is_forgotten() -> None:
    circuit = failed("rate")
    circuit.probe = 1006
    assert standing(circuit, 1007) == "open"
    assert standing(circuit, 1067) == "half"


def test_the_configurations_numbers_count_by_sort_of_error() -> None:
    routing = Routing(allowed_fails=1, allowed_fails_policy={"RateLimitErrorAllowedFails": 7}, cooldown_time=3)
    shot = snapshot(deployment("g", model="m"), routing=routing)
    own = deployment("g", model="m", cooldown_time=60.0)
    assert rules(shot, own, "server", 500, alone=False) == Rules(1, 60, alone=False)
    assert rules(shot, shot.groups["g"][0], "rate", 429, alone=True) == Rules(7, 3, alone=True)


@pytest.mark.parametrize(
    ("kind", "status", "ending", "said"),
    [
        ("busy", 503, "Retries", 6),
        ("server", 500, "Retries", 1),
        ("missing", 404, "Retries", 5),
        ("cut", 502, "Retries", 1),
        ("timeout", 504, "Retries", 9),
        ("rate", 429, "Retries", 9),
        ("auth", 401, "Retries", None),
        ("gateway", 500, "Retries", None),
        ("server", 502, "AllowedFails", 4),
        ("server", 500, "AllowedFails", None),
    ],
)
def test_a_policy_is_read_by_the_closest_sort(kind: Kind, status: int, ending: str, said: int | None) -> None:
    policy = {
        "ServiceUnavailableErrorRetries": 6,
        "InternalServerErrorRetries": 1,
        "NotFoundErrorRetries": 5,
        "DefaultRetries": 9,
        "BadGatewayErrorAllowedFails": 4,
    }
    assert by_sort(policy, kind, status, ending) == said
    assert by_sort({"InternalServerErrorRetries": 2}, "busy", 503, "Retries") == 2


@pytest.mark.parametrize(
    ("failure", "rest"),
    [
        (InvalidRequest("no"), ""),
        (ProviderKeyUnset("no"), ""),
        (ProviderFailure("no", kind="auth"), "key"),
        (ProviderFailure("no", kind="busy"), "deployment"),
        (ProviderFailure("no", kind="policy"), ""),
    ],
)
def test_what_rests(failure: Failure, rest: str) -> None:
    assert rested_by(failure) == rest


def test_names_hold_no_secret_and_a_key_is_one_at_its_origin() -> None:
    def key_of(made: Deployment) -> str:
        return of_key(plan(snapshot(made), "g", "messages", lambda: 0.5).candidates[0])

    one = deployment("g", model="a", base="http://127.0.0.1:9/api/anthropic")
    assert "sk-test" not in key_of(one)
    assert key_of(one) == key_of(deployment("g", model="b", base="http://127.0.0.1:9/v1"))
    assert key_of(one) != key_of(deployment("g", model="a", base="http://127.0.0.1:10"))
    assert key_of(one) != key_of(deployment("g", model="a", key=Secret("sk-test-2", "OTHER")))
    assert of_deployment(plan(snapshot(one), "g", "messages", lambda: 0.5).candidates[0]).startswith("d:")
