"""Budgets of keys, teams, users and end users, made over HTTP and felt by their callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import Reply, ask, until
from tests.wall.scenes import CHAT, KEY, MESSAGES, config


@pytest.fixture(scope="module")
def gateway(fake_server: FakeProvider) -> Iterator[Gateway]:
    with Gateway(config(fake_server.url), env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


def made(gateway: Gateway, path: str, **body: Any) -> Any:
    reply = ask(gateway.url, path, body, headers=KEY)
    assert reply.status == 200, reply.body
    return reply.json


def spend(gateway: Gateway, key: str, **more: Any) -> Reply:
    """One call that costs $0.0018 and may cost $0.0022."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    return ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=200 OUT=800", max_tokens=800, **more), headers=headers)


def test_a_key_spends_what_it_was_given(gateway: Gateway, fake_provider: FakeProvider) -> None:
    key = made(gateway, "/key/generate", max_budget=0.004, budget_duration="30d")["key"]
    assert [spend(gateway, key).status for _ in range(3)] == [200, 200, 402]
    assert "The budget of the key " in spend(gateway, key).message
    other = made(gateway, "/key/generate")["key"]
    assert spend(gateway, other).status == 200


def test_a_key_that_is_made_anew_has_no_new_budget(gateway: Gateway, fake_provider: FakeProvider) -> None:
    first = made(gateway, "/key/generate", max_budget=0.004)
    assert [spend(gateway, first["key"]).status for _ in range(3)] == [200, 200, 402]
    again = made(gateway, "/key/regenerate", key=first["key"])
    assert again["key"] != first["key"]
    reply = spend(gateway, again["key"])
    assert (reply.status, first["id"] in reply.message) == (402, True)

    def told() -> float:
        answer = ask(gateway.url, f"/key/info?key={again['key']}", None, headers=KEY, method="GET")
        money: float = answer.json["info"]["spend"]
        return money

    until(lambda: told() == 0.0036, within=5, what="for what the old key has spent")


def test_a_budget_that_is_set_later_knows_what_was_spent_before(gateway: Gateway, fake_provider: FakeProvider) -> None:
    made(gateway, "/user/new", user_id="late")
    key = made(gateway, "/key/generate", user_id="late")["key"]
    assert [spend(gateway, key).status for _ in range(2)] == [200, 200]

    def told() -> float:
        answer = ask(gateway.url, "/user/info?user_id=late", None, headers=KEY, method="GET")
        money: float = answer.json["user_info"]["spend"]
        return money

    until(lambda: told() == 0.0036, within=5, what="for the rows of the user")
    made(gateway, "/user/update", user_id="late", max_budget=0.004, budget_duration="30d")
    reply = spend(gateway, key)
    assert (reply.status, "$0.0036 of $0.004 is spent" in reply.message) == (402, True), reply.message


def test_a_teams_budget_is_shared_by_its_keys(gateway: Gateway, fake_provider: FakeProvider) -> None:
    team = made(gateway, "/team/new", team_alias="red", max_budget=0.004)["team_id"]
    keys = [made(gateway, "/key/generate", team_id=team)["key"] for _ in range(2)]
    assert [spend(gateway, keys[at % 2]).status for at in range(4)] == [200, 200, 402, 402]
    assert "the team " in spend(gateway, keys[0]).message


def test_a_models_budget_of_a_key_leaves_other_models_alone(gateway: Gateway, fake_provider: FakeProvider) -> None:
    limits = {"gpt-wall": {"budget_limit": 0.0001, "time_period": "1d"}}
    key = made(gateway, "/key/generate", model_max_budget=limits)["key"]
    reply = spend(gateway, key)
    assert (reply.status, "for the model gpt-wall" in reply.message) == (402, True)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    assert ask(gateway.url, MESSAGES.path, MESSAGES.body("SAY=ok"), headers=headers).status == 200


def test_an_end_user_that_is_known_has_a_budget(gateway: Gateway, fake_provider: FakeProvider) -> None:
    made(gateway, "/customer/new", user_id="ada", max_budget=0.004)
    key = made(gateway, "/key/generate")["key"]
    until(lambda: spend(gateway, key, user="ada").status == 402, within=5, what="for the budget of ada")
    assert "the end user ada" in spend(gateway, key, user="ada").message
    assert spend(gateway, key, user="bob").status == 200
