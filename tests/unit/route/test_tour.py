"""Who is asked next, after which wait."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Rates, Routing, Snapshot
from trunkline.errors import (
    BudgetShared,
    BudgetSpent,
    Failure,
    InvalidRequest,
    Kind,
    LimitReached,
    ProviderCut,
    ProviderFailure,
    ProviderGarbage,
    ProviderResting,
    ProviderTimeout,
    ProviderUnreachable,
)
from trunkline.route.health import of_deployment
from trunkline.route.plan import Candidate, plan
from trunkline.route.tour import Step, Tour
from trunkline.route.wishes import Wishes
from trunkline.state.types import Circuit

NOW = 1000.0


def tour(
    *groups: Sequence[str],
    circuits: dict[str, Circuit] | None = None,
    wishes: Wishes | None = None,
    detour: Sequence[Candidate] = (),
    **more: object,
) -> Tour:
    """Groups g0, g1, ... of models; each group falls back to the next."""
    shot = made(*groups, **more)
    candidates = list(plan(shot, "g0", "messages", lambda: 0.5).candidates)
    return Tour(shot, candidates, lambda: 0.5, circuits or {}, wishes or Wishes(), lambda _candidate, _kind: detour)


def made(*groups: Sequence[str], **more: object) -> Snapshot:
    each = [
        deployment(f"g{at}", model=model, order=n) for at, models in enumerate(groups) for n, model in enumerate(models)
    ]
    chain = tuple(f"g{at}" for at in range(1, len(groups)))
    return snapshot(*each, fallbacks={"g0": chain} if chain else {}, **more)


def failing(kind: Kind, retry_after: float | None = None) -> Failure:
    return ProviderFailure("no", kind=kind, retry_after=retry_after)


def step(found: Step | Failure | None) -> Step:
    assert isinstance(found, Step), found
    return found


@pytest.mark.parametrize("kind", ["caller", "window", "policy", "gateway"])
def test_what_the_caller_did_wrong_is_not_tried_elsewhere(kind: Kind) -> None:
    way = tour(["a", "b"], ["c"])
    way.first(NOW)
    assert way.after(0, failing(kind), NOW) is None
    assert way.after(0, InvalidRequest("no"), NOW) is None


def test_another_of_the_group_then_the_fallback_then_the_same_again() -> None:
    way = tour(["a", "b"], ["c"])
    assert step(way.first(NOW)).index == 0
    assert step(way.after(0, ProviderCut("x"), NOW)) == Step(1, "after cut at anthropic/a")
    assert step(way.after(1, ProviderCut("x"), NOW)).index == 2
    assert way.fallbacks == 1
    again = step(way.after(2, ProviderCut("x"), NOW))
    assert (again.index, again.wait) == (2, 0.5)


def test_who_has_no_budget_left_costs_no_attempt() -> None:
    way = tour(["a", "b"], ["c"], num_retries=0)
    way.first(NOW)
    assert step(way.after(0, BudgetSpent("no"), NOW)).index == 1
    assert step(way.after(1, ProviderCut("x"), NOW)).index == 2


def test_where_money_is_why_nobody_answers_that_is_told_and_not_how_the_fallback_failed() -> None:
    way = tour(["a"], ["c"])
    way.first(NOW)
    way.after(0, BudgetSpent("spent", remedy="Raise it."), NOW)
    told, of = way.answer(ProviderCut("it hung up"), way.candidates[1])
    assert (type(told), told.message, of.model) == (BudgetSpent, "spent", "a")
    assert told.remedy == "Raise it. The fallback anthropic/c did not answer: it hung up"
    # What says when to come again, or what is wrong with the request, is worth more.
    for kind in ("rate", "caller", "window", "policy"):
        assert way.answer(failing(kind), way.candidates[1])[0].kind == kind
    pair = tour(["a", "b"], ["c"])
    pair.first(NOW)
    pair.after(0, BudgetSpent("spent"), NOW)
    pair.after(1, failing("server"), NOW)
    assert pair.answer(failing("cut"), pair.candidates[2])[0].kind == "cut", "somebody of the group had the money"


def test_from_its_share_of_a_budget_on_a_group_makes_way_for_its_fallback() -> None:
    way = tour(["a", "b"], ["c"])
    way.first(NOW)
    assert step(way.after(0, BudgetShared("x"), NOW)).index == 1
    assert step(way.after(1, BudgetShared("x"), NOW)) == Step(2, "after fallback_at at anthropic/b")
    assert (way.fallbacks, way.whole_budget) == (1, False)
    assert way.others(2, NOW)


@pytest.mark.parametrize("kind", ["server", "budget", "window", "caller", "missing", "timeout"])
def test_where_no_fallback_can_answer_the_whole_budget_is_spent(kind: Kind) -> None:
    way = tour(["a"], ["c"])
    way.first(NOW)
    way.after(0, BudgetShared("x"), NOW)
    assert step(way.after(1, failing(kind), NOW)) == Step(0, "no fallback can answer")
    assert way.whole_budget
    # And then it is as if there had been no share: a retry, but no second round.
    assert way.after(0, failing("auth"), NOW) is None


def test_without_a_fallback_a_share_changes_nothing() -> None:
    way = tour(["a"])
    way.first(NOW)
    assert step(way.after(0, BudgetShared("x"), NOW)) == Step(0, "no fallback can answer")
    assert way.whole_budget


def test_a_fallback_at_its_limit_or_at_rest_is_none_that_can_answer() -> None:
    way = tour(["a"], ["c"])
    way.first(NOW)
    way.after(0, BudgetShared("x"), NOW)
    assert step(way.full(1, NOW + 30, NOW)) == Step(0, "no fallback can answer")
    name = of_deployment(tour(["a"], ["c"]).candidates[1])
    way = tour(["a"], ["c"], circuits={name: Circuit(fails=3, opened=1, until=NOW + 60, kind="server")})
    way.first(NOW)
    assert step(way.after(0, BudgetShared("x"), NOW)) == Step(0, "no fallback can answer")


def test_without_retries_there_is_one_attempt_in_a_group() -> None:
    way = tour(["a", "b"], num_retries=0)
    way.first(NOW)
    assert way.after(0, ProviderUnreachable("x"), NOW) is None


def test_a_fallback_needs_no_retries() -> None:
    way = tour(["a"], ["b"], num_retries=0)
    way.first(NOW)
    assert step(way.after(0, ProviderGarbage("x"), NOW)).index == 1


def test_retries_that_were_written_come_before_a_fallback() -> None:
    way = tour(["a"], ["b"], num_retries=2)
    way.first(NOW)
    assert [step(way.after(0, failing("busy"), NOW)).index for _ in range(3)] == [0, 0, 1]


def test_a_time_out_goes_on_instead_of_waiting_again() -> None:
    way = tour(["a"], ["b"], num_retries=2)
    way.first(NOW)
    assert step(way.after(0, ProviderTimeout("x"), NOW)).index == 1
    assert tour(["a"]).after(0, ProviderTimeout("x"), NOW) is None


def test_a_policy_for_time_outs_asks_again() -> None:
    way = tour(["a"], routing=Routing(retry_policy={"TimeoutErrorRetries": 1}))
    way.first(NOW)
    assert step(way.after(0, ProviderTimeout("x"), NOW)).index == 0
    assert way.after(0, ProviderTimeout("x"), NOW) is None


def test_a_policy_counts_by_the_kind_and_a_groups_own_before_all() -> None:
    routing = Routing(
        retry_policy={"RateLimitErrorRetries": 0, "InternalServerErrorRetries": 3},
        group_retry_policy={"g0": {"RateLimitErrorRetries": 1}},
    )
    way = tour(["a"], routing=routing)
    way.first(NOW)
    assert step(way.after(0, failing("rate"), NOW)).index == 0
    assert way.after(0, failing("rate"), NOW) is None
    other = tour(["a"], routing=Routing(retry_policy={"RateLimitErrorRetries": 0}))
    other.first(NOW)
    assert other.after(0, failing("rate"), NOW) is None


def test_a_dead_key_is_not_shown_twice() -> None:
    # All have the same key here.
    way = tour(["a", "b"], ["c"])
    way.first(NOW)
    assert way.after(0, failing("auth"), NOW) is None


@pytest.mark.parametrize(("asked", "waits"), [(1, 1), (14, 14), (60, None)])
def test_what_the_provider_asks_is_waited_up_to_the_patience(asked: float, waits: float | None) -> None:
    way = tour(["a"])
    way.first(NOW)
    found = way.after(0, failing("rate", asked), NOW)
    assert (found.wait if found else None) == waits


def test_the_back_off_doubles_and_has_a_least() -> None:
    way = tour(["a"], num_retries=9)
    way.first(NOW)
    waits = [step(way.after(0, failing("server"), NOW)).wait for _ in range(4)]
    assert waits == [0.5, 1, 2, 4]
    slow = tour(["a"], num_retries=9, routing=Routing(retry_after=3))
    slow.first(NOW)
    assert step(slow.after(0, failing("server"), NOW)).wait == 3


def test_a_request_may_ask_for_its_own_retries() -> None:
    way = tour(["a", "b"], num_retries=5, wishes=Wishes(retries=0))
    way.first(NOW)
    assert way.after(0, failing("server"), NOW) is None


def test_who_rests_is_passed_over() -> None:
    way = tour(["a", "b"])
    way.circuits[of_deployment(way.candidates[0])] = Circuit(4, NOW, 1, NOW + 5, 0, "server", "boom")
    assert step(way.first(NOW)).index == 1


def test_after_its_rest_one_request_tries_it() -> None:
    way = tour(["a", "b"])
    name = of_deployment(way.candidates[0])
    way.circuits[name] = Circuit(4, NOW - 9, 1, NOW - 1, 0, "server", "boom")
    found = step(way.first(NOW))
    assert (found.index, found.probes) == (0, (name,))
    assert step(way.denied(found, NOW)).index == 1


def test_where_all_rest_one_request_goes_through_and_the_others_hear_why() -> None:
    way = tour(["a"])
    name = of_deployment(way.candidates[0])
    way.circuits[name] = Circuit(10, NOW - 9, 1, NOW + 4, 0, "server", "it answered 500: boom")
    found = step(way.first(NOW))
    assert (found.index, found.probes) == (0, (name,))
    told = way.denied(found, NOW)
    assert isinstance(told, ProviderResting)
    assert (told.status, told.retry_after) == (503, 4)
    assert "boom" in told.message


def test_what_a_health_check_found_dead_is_not_asked_at_all() -> None:
    way = tour(["a"])
    way.circuits[of_deployment(way.candidates[0])] = Circuit(1, NOW, 1, NOW + 30, 0, "unhealthy", "no answer")
    assert isinstance(way.first(NOW), ProviderResting)


def test_a_full_one_is_passed_over_then_waited_for_then_told() -> None:
    way = tour(["a", "b"])
    way.first(NOW)
    assert step(way.full(0, NOW + 3, NOW)).index == 1
    waits = step(way.full(1, NOW + 40, NOW))
    assert (waits.index, waits.wait) == (0, 3)
    told = way.full(0, NOW + 60, NOW + 3)
    assert isinstance(told, LimitReached)
    assert told.retry_after == 37


def test_a_conversation_that_is_too_long_takes_the_way_that_is_meant_for_it() -> None:
    longer = plan(made(["long"]), "g0", "messages", lambda: 0.5).candidates
    way = tour(["a", "b"], ["c"], detour=longer)
    way.first(NOW)
    found = step(way.after(0, failing("window"), NOW))
    assert way.candidates[found.index].model == "long"
    assert way.after(found.index, failing("window"), NOW) is None


def test_others_are_known_to_be_there_or_not() -> None:
    way = tour(["a", "b"], ["c"])
    way.first(NOW)
    assert way.others(0, NOW)
    way.after(0, failing("cut"), NOW)
    way.after(1, failing("cut"), NOW)
    assert not way.others(2, NOW)
    assert not tour(["a"]).others(0, NOW)
    assert not tour(["a", "b"], num_retries=0).others(0, NOW)
    assert tour(["a"], ["b"], num_retries=0).others(0, NOW)


def test_a_provider_may_have_a_first_wait_of_its_own() -> None:
    """Doubled each time like any other."""
    slow = tour(["a"], num_retries=20, provider_limits={"anthropic": Rates(retry_delay=2)})
    slow.first(NOW)
    assert [step(slow.after(0, failing("server"), NOW)).wait for _ in range(3)] == [2, 4, 8]
    assert slow.after(0, failing("server"), NOW) is None, "a longer wait is the client's"


def _alone(*kinds: Kind) -> Routing:
    return Routing(no_fallback_on=kinds)


def test_a_failure_that_no_fallback_is_to_follow_is_the_answer() -> None:
    way = tour(["a"], ["c"], routing=_alone("timeout"))
    way.first(NOW)
    assert way.after(0, ProviderTimeout("x"), NOW) is None
    other = tour(["a"], ["c"], routing=_alone("timeout"))
    other.first(NOW)
    assert step(other.after(0, ProviderCut("x"), NOW)).index == 1


def test_its_own_group_may_still_answer() -> None:
    way = tour(["a", "b"], ["c"], routing=_alone("timeout"))
    way.first(NOW)
    assert step(way.after(0, ProviderTimeout("x"), NOW)).index == 1
    assert way.after(1, ProviderTimeout("x"), NOW) is None


def test_nobody_is_waited_for_a_shorter_time_since_a_fallback_could_answer() -> None:
    assert tour(["a"], ["c"]).others(0, NOW)
    assert not tour(["a"], ["c"], routing=_alone("timeout")).others(0, NOW)
    assert tour(["a", "b"], ["c"], routing=_alone("timeout")).others(0, NOW)


def test_a_group_that_rests_for_it_is_not_left_either() -> None:
    way = tour(["a"], ["c"], routing=_alone("quota"))
    name = of_deployment(way.candidates[0])
    way.circuits[name] = Circuit(1, NOW, 1, NOW + 30, 0.0, "quota", "used up")
    assert step(way.first(NOW)).index == 0, "as its own probe, as where nobody could stand in"
    way.circuits[name] = Circuit(1, NOW, 1, NOW + 30, NOW, "quota", "used up")
    told = way.first(NOW)
    assert isinstance(told, ProviderResting)
    assert (told.retry_after, "used up" in told.message) == (30, True)
    free = tour(["a"], ["c"], routing=_alone("timeout"), circuits=dict(way.circuits))
    assert step(free.first(NOW)).index == 1


def test_nor_is_one_that_is_at_its_own_limit() -> None:
    way = tour(["a"], ["c"], routing=_alone("rate"))
    way.first(NOW)
    assert isinstance(way.full(0, NOW + 40, NOW), LimitReached)
    assert step(tour(["a"], ["c"]).full(0, NOW + 40, NOW)).index == 1


def test_a_share_of_a_budget_is_no_error_of_a_quota() -> None:
    way = tour(["a"], ["c"], routing=_alone("budget"))
    way.first(NOW)
    assert step(way.after(0, BudgetShared("x"), NOW)).index == 1
    spent = tour(["a"], ["c"], routing=_alone("budget"))
    spent.first(NOW)
    assert spent.after(0, BudgetSpent("x"), NOW) is None
