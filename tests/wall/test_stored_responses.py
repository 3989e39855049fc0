"""A stored response stays where it was made: two keys, two workers, a restart; whoever goes on from it is led there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask
from tests.wall.scenes import KEY, rows

OTHER_KEY = "sk-fake-other"
PATH = "/v1/responses"


def config(url: str, *, pair: str = "") -> str:
    """`pair`: one model under two keys; `sister`: another model under the first key; `far`: one of another account."""
    first, second = "api_key: os.environ/KEY_A", "api_key: os.environ/KEY_B"
    base = f'api_base: "{url}/v1"'
    more = (
        pair
        or f"""
  - {{model_name: pair, litellm_params: {{model: openai/wall-1, {base}, {first}, input_cost_per_token: 0.001, output_cost_per_token: 0.001}}}}
  - {{model_name: pair, litellm_params: {{model: openai/wall-1, {base}, {second}, input_cost_per_token: 0.001, output_cost_per_token: 0.001}}}}"""
    )
    return f"""
model_list:{more}
  - {{model_name: sister, litellm_params: {{model: openai/wall-2, {base}, {first}}}}}
  - {{model_name: far, litellm_params: {{model: openai/wall-3, {base}, {second}}}}}
  - {{model_name: claude, litellm_params: {{model: anthropic/claude-sonnet-5-5, api_base: "{url}", {first}}}}}
general_settings: {{master_key: sk-test-master-1234}}
router_settings: {{num_retries: 2, fallbacks: [{{pair: [far]}}]}}
"""


ENV = {"KEY_A": GOOD_KEY, "KEY_B": OTHER_KEY}


@pytest.fixture(scope="module")
def two_keys() -> Iterator[FakeProvider]:
    with FakeProvider(keys=(GOOD_KEY, OTHER_KEY)) as fake:
        yield fake


@pytest.fixture(scope="module")
def gateway(two_keys: FakeProvider) -> Iterator[Gateway]:
    with Gateway(config(two_keys.url), env=ENV, args=["--workers", "2"]) as made:
        yield made


@pytest.fixture
def fake(two_keys: FakeProvider) -> FakeProvider:
    """With no request seen yet. It is not reset: no provider gives an id twice."""
    two_keys.requests.clear()
    two_keys.provider.programme.clear()
    return two_keys


def create(gateway: Gateway, text: str, **more: Any) -> Reply:
    return ask(gateway.url, PATH, {"model": "pair", "input": text, **more}, headers=KEY)


def id_of(reply: Reply) -> str:
    """The id of a response, whole or streamed."""
    assert reply.status == 200, reply.body
    if reply.body.startswith(b"{"):
        return str(reply.json["id"])
    return reply.body.partition(b'"id":"')[2].partition(b'"')[0].decode()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_what_goes_on_from_a_response_goes_to_the_key_that_made_it(
    gateway: Gateway, fake: FakeProvider, stream: bool
) -> None:
    for _ in range(12):
        made = create(gateway, "SAY=one", stream=stream)
        follow = create(gateway, "SAY=two", stream=stream, previous_response_id=id_of(made))
        assert follow.status == 200, follow.body
        assert b"two" in follow.body
        assert (follow.header("x-trunkline-route") or "").endswith(" (made the previous response)")
        first, second = fake.talks[-2:]
        assert first.key == second.key
    assert {seen.key for seen in fake.talks} == {GOOD_KEY, OTHER_KEY}


def test_a_chain_of_many_stays(gateway: Gateway, fake: FakeProvider) -> None:
    before = id_of(create(gateway, "SAY=0"))
    for nth in range(8):
        before = id_of(create(gateway, f"SAY={nth}", previous_response_id=before))
    assert len({seen.key for seen in fake.talks}) == 1


def test_it_is_tried_nowhere_else(gateway: Gateway, fake: FakeProvider) -> None:
    made = create(gateway, "SAY=one")
    fake.program({"status": 500, "times": -1})
    failed = create(gateway, "SAY=two", previous_response_id=id_of(made))
    assert failed.status == 500
    assert len({seen.key for seen in fake.talks}) == 1


def test_another_model_of_the_same_account_may_go_on(gateway: Gateway, fake: FakeProvider) -> None:
    made = [create(gateway, "SAY=one") for _ in range(12)]
    keys = [seen.key for seen in fake.talks]
    own = id_of(made[keys.index(GOOD_KEY)])
    assert create(gateway, "SAY=two", model="sister", previous_response_id=own).status == 200
    strange = create(gateway, "SAY=two", model="far", previous_response_id=own)
    assert strange.status == 400
    assert strange.json["error"]["param"] == "previous_response_id"
    assert "'pair'" in strange.message
    assert len(fake.talks) == 13


def test_what_is_not_known_here_is_the_providers_to_judge(gateway: Gateway, fake: FakeProvider) -> None:
    reply = create(gateway, "SAY=two", previous_response_id="resp_unknown")
    assert reply.status == 400
    assert reply.json["error"]["code"] == "previous_response_not_found"


def test_what_is_not_stored_is_not_remembered(gateway: Gateway, fake: FakeProvider) -> None:
    made = create(gateway, "SAY=one", store=False)
    assert ask(gateway.url, f"{PATH}/{id_of(made)}", headers=KEY).status == 404
    assert len(fake.requests) == 1


def test_another_format_has_no_earlier_responses(gateway: Gateway, fake: FakeProvider) -> None:
    own = id_of(create(gateway, "SAY=one"))
    reply = create(gateway, "SAY=two", model="claude", previous_response_id=own)
    assert reply.status == 400
    assert reply.json["error"]["param"] == "previous_response_id"
    assert len(fake.talks) == 1


def test_a_stored_response_is_read_and_deleted_where_it_was_made(gateway: Gateway, fake: FakeProvider) -> None:
    for _ in range(6):
        own = id_of(create(gateway, "SAY=one"))
        read = ask(gateway.url, f"{PATH}/{own}?include=x&key=mine", headers=KEY)
        assert (read.status, read.json["id"]) == (200, own)
        assert fake.requests[-1].query == "include=x"
        items = ask(gateway.url, f"{PATH}/{own}/input_items", headers=KEY)
        assert items.json["data"][0]["role"] == "user"
        cancel = ask(gateway.url, f"{PATH}/{own}/cancel", b"", headers=KEY, method="POST")
        assert "Cannot cancel" in cancel.message
        gone = ask(gateway.url, f"{PATH}/{own}", headers=KEY, method="DELETE")
        assert gone.json["deleted"] is True
        assert ask(gateway.url, f"{PATH}/{own}", headers=KEY).status == 404
        assert len({seen.key for seen in fake.requests[-6:]}) == 1
    (row,) = rows(gateway, read.header("x-litellm-call-id") or "")
    assert (row["operation"], row["input"], row["billed_nano"], row["outcome"]) == ("stored", 0, 0, "ok")


def test_nobody_is_asked_for_a_response_that_is_not_known(gateway: Gateway, fake: FakeProvider) -> None:
    reply = ask(gateway.url, f"{PATH}/resp_unknown", headers=KEY)
    assert reply.status == 404
    assert reply.json["error"]["code"] == "response_not_found"
    assert not fake.requests
    assert ask(gateway.url, f"{PATH}/resp_unknown", headers=KEY, method="PUT").status == 405
    assert ask(gateway.url, f"{PATH}/resp_unknown").status == 401


def test_it_stays_over_a_restart_and_is_told_when_its_deployment_is_gone(fake: FakeProvider, tmp_path: Path) -> None:
    with Gateway(config(fake.url), env=ENV, home=tmp_path) as first:
        made = [id_of(create(first, "SAY=one")) for _ in range(8)]
        keys = [seen.key for seen in fake.talks]
    with Gateway(config(fake.url), env=ENV, home=tmp_path) as second:
        for own in made:
            assert create(second, "SAY=two", previous_response_id=own).status == 200
        assert [seen.key for seen in fake.talks[8:]] == keys
    base = f'api_base: "{fake.url}/v1", api_key: os.environ/KEY_B'
    pair = f"\n  - {{model_name: pair, litellm_params: {{model: openai/wall-1, {base}, input_cost_per_token: 0.001, output_cost_per_token: 0.001}}}}"
    with Gateway(config(fake.url, pair=pair), env=ENV, home=tmp_path) as third:
        told = create(third, "SAY=three", previous_response_id=made[keys.index(GOOD_KEY)])
        assert told.status == 400
        assert "not configured any more" in told.message
        assert create(third, "SAY=three", previous_response_id=made[keys.index(OTHER_KEY)]).status == 200
