"""What can be done with keys."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.roster.making import NOW, SECRET, office, ring_of
from tests.unit.state.making import row
from trunkline.errors import ConfigInvalid, Failure, InvalidRequest
from trunkline.guard.grant import ENDLESS, Budget, Limit
from trunkline.ledger.sqlite import connect, insert
from trunkline.roster import hashes, keys, people, teams
from trunkline.roster.counter import ACTS
from trunkline.roster.store import Store

WHO = "master"
ALL = {
    "key_alias": "ci",
    "models": ["glm-4.6", "claude-*"],
    "aliases": {"fast": "glm-4.6"},
    "duration": "30d",
    "max_budget": 0.1,
    "soft_budget": 0.05,
    "budget_duration": "7d",
    "rpm_limit": 10,
    "tpm_limit": 20_000,
    "max_parallel_requests": 3,
    "model_max_budget": {"glm-4.6": {"budget_limit": "0.02", "time_period": "1d"}, "x": 1},
    "model_rpm_limit": {"glm-4.6": 2},
    "model_tpm_limit": {"glm-4.6": 500, "x": 5},
    "metadata": {"who": "ada"},
    "tags": ["a", "b"],
    "user_id": "ada",
}


def test_a_key_is_told_once_and_stored_as_a_keyed_hash(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = keys.generate(made, ALL, WHO)
    key = told["key"]
    assert key.startswith("sk-") and len(key) > 30
    assert told["token"] == hashes.stored(SECRET, key.encode())
    assert told["key_name"] == f"sk-...{key[-4:]}"
    made.store.close()
    for name in ("ledger.sqlite", "ledger.sqlite-wal"):
        path = tmp_path / name
        if path.exists():
            raw = path.read_bytes()
            assert key.encode() not in raw
            assert hashes.inner(key.encode()).encode() not in raw, "LiteLLM's plain hash can be guessed at"


def test_everything_that_was_said_is_in_the_grant_and_comes_back(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = keys.generate(made, ALL, WHO)
    grant = ring_of(made).find(told["key"].encode())
    assert grant is not None
    who = f"key:{told['id']}"
    assert grant.key == told["id"] == told["token"][:16]
    assert (grant.alias, grant.user, grant.models, grant.aliases) == (
        "ci",
        "ada",
        ("glm-4.6", "claude-*"),
        {"fast": "glm-4.6"},
    )
    assert grant.expires == NOW + 30 * 86_400
    assert grant.budgets == (
        Budget(who, 100_000_000, "7d", 50_000_000),
        Budget(f"{who}|group:glm-4.6", 20_000_000, "1d", group="glm-4.6"),
        Budget(f"{who}|group:x", 1_000_000_000, group="x"),
    )
    assert grant.limits == (
        Limit(who, 10, 20_000, 3),
        Limit(f"{who}|group:glm-4.6", 2, 500, group="glm-4.6"),
        Limit(f"{who}|group:x", None, 5, group="x"),
    )
    info = keys.info(made, {"key": told["key"]}, WHO)
    assert info["key"] == told["key_name"]
    for field in ("key_alias", "max_budget", "soft_budget", "rpm_limit", "tpm_limit", "models", "tags", "metadata"):
        assert info["info"][field] == ALL[field]
    assert info["info"]["expires"].startswith("2025-12-24T16:00:00")
    assert info["info"]["budget_reset_at"] == "2025-12-01T00:00:00.000Z"
    assert info["info"]["spend"] == 0.0
    assert told["key"] not in json.dumps(info)


def test_a_key_is_named_by_itself_its_hashes_or_its_id(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = keys.generate(made, {}, WHO)
    for name in (told["key"], told["token"], told["id"], hashes.inner(told["key"].encode())):
        assert keys.info(made, {"key": name}, WHO)["info"]["token"] == told["token"]
    with pytest.raises(Failure) as missing:
        keys.info(made, {"key": "sk-somebody-elses"}, WHO)
    assert missing.value.status == 404
    assert "somebody" not in missing.value.sentence


def test_a_change_leaves_the_rest_and_a_null_takes_away(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = keys.generate(made, ALL, WHO)
    keys.update(made, {"key": told["key"], "rpm_limit": 5, "max_budget": None, "duration": "-1"}, WHO)
    grant = ring_of(made).find(told["key"].encode())
    assert grant is not None
    assert grant.limits[0] == Limit(f"key:{told['id']}", 5, 20_000, 3)
    assert [(budget.cap, budget.soft) for budget in grant.budgets if not budget.group] == [(ENDLESS, 50_000_000)]
    assert grant.expires == 0


def test_deleted_blocked_and_made_anew(tmp_path: Path) -> None:
    made = office(tmp_path)
    first, second = (keys.generate(made, {"key_alias": name}, WHO) for name in ("one", "two"))
    assert keys.block(made, {"key": first["key"]}, WHO)["blocked"] is True
    grant = ring_of(made).find(first["key"].encode())
    assert grant is not None and grant.closed == "key"
    keys.unblock(made, {"key": first["id"]}, WHO)
    third = keys.regenerate(made, {"key": first["key"], "rpm_limit": 4}, WHO)
    ring = ring_of(made)
    assert ring.find(first["key"].encode()) is None
    grant = ring.find(third["key"].encode())
    assert grant is not None and grant.alias == "one" and grant.limits[0].rpm == 4
    gone = keys.delete(made, {"keys": [third["token"]], "key_aliases": ["two"]}, WHO)
    assert gone == {"deleted_keys": [third["token"], "two"]}
    assert len(ring_of(made)) == 0
    with pytest.raises(Failure):
        keys.delete(made, {"keys": [second["key"]]}, WHO)


def test_a_key_that_is_made_anew_keeps_its_id_and_what_it_has_spent(tmp_path: Path) -> None:
    made = office(tmp_path)
    first = keys.generate(made, {"max_budget": 1, "rpm_limit": 3, "user_id": "ada"}, WHO)
    db = connect(tmp_path)
    insert(db, [row("r-0", key=first["id"], billed=900_000_000)])
    db.close()
    second = keys.regenerate(made, {"key": first["key"]}, WHO)
    third = keys.regenerate(made, {"key": second["id"]}, WHO)
    assert len({each["token"] for each in (first, second, third)}) == 3
    assert {each["id"] for each in (first, second, third)} == {first["id"]}
    assert (second["spend"], third["spend"]) == (0.9, 0.9)
    ring = ring_of(made)
    grant = ring.find(third["key"].encode())
    assert grant is not None and grant.key == first["id"]
    assert [grant.budgets[0].name, grant.limits[0].name] == [f"key:{first['id']}"] * 2
    for name in (third["key"], third["token"], hashes.inner(third["key"].encode()), first["id"]):
        assert keys.info(made, {"key": name}, WHO)["info"]["token"] == third["token"]
        assert name == first["id"] or first["id"] in ring.ids(name)
    assert people.user_info(made, {"user_id": "ada"}, WHO)["user_info"]["spend"] == 0.9
    told = made.store.history("key", first["id"])
    assert [each["action"] for each in told].count("key/regenerate") == 4
    assert third["key"] not in json.dumps(told)


def test_a_list_has_pages_and_filters(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = [keys.generate(made, {"user_id": f"u{nth % 2}"}, WHO)["token"] for nth in range(5)]
    page = keys.listed(made, {"page": "2", "size": "2"}, WHO)
    assert page["total_count"] == 5 and page["total_pages"] == 3 and page["keys"] == sorted(told)[2:4]
    assert keys.listed(made, {"key_hash": told[0]}, WHO)["keys"] == [told[0]]
    assert keys.listed(made, {"key_hash": "0" * 64}, WHO)["total_count"] == 0
    full = keys.listed(made, {"user_id": "u1", "return_full_object": "true"}, WHO)
    assert [each["user_id"] for each in full["keys"]] == ["u1", "u1"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"max_buget": 1}, "max_budget"),
        ({"guardrails": ["x"]}, "does not have it"),
        ({"allowed_routes": ["/x"]}, "does not have it"),
        ({"max_budget": "a lot"}, "no amount"),
        ({"max_budget": -1}, "no amount"),
        ({"max_budget": True}, "no amount"),
        ({"rpm_limit": 1.5}, "whole number"),
        ({"duration": "soon"}, "no period"),
        ({"budget_duration": "7"}, "no period"),
        ({"models": "glm-4.6"}, "not a list"),
        ({"models": ["all-team-models"]}, "no team"),
        ({"team_id": "nobody"}, "No team"),
        ({"key": "short"}, "no key"),
        ({"key": "sk-test-master"}, "master key"),
        ({"model_max_budget": {"x": {"budget": 1}}}, "budget_limit"),
        ({"metadata": []}, "no object"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path: Path, body: dict[str, Any], word: str) -> None:
    made = office(tmp_path)
    with pytest.raises(InvalidRequest) as told:
        keys.generate(made, body, WHO)
    assert word in told.value.sentence
    assert told.value.param
    assert len(ring_of(made)) == 0


def test_what_changes_nothing_is_said(tmp_path: Path) -> None:
    told = keys.generate(office(tmp_path), {"permissions": {"x": True}, "send_invite_email": True}, WHO)
    assert "permissions" in told["warnings"][0] and "mail" in told["warnings"][1]


def test_an_alias_and_a_key_are_there_once(tmp_path: Path) -> None:
    made = office(tmp_path)
    keys.generate(made, {"key": "sk-one-of-my-own", "key_alias": "ci"}, WHO)
    with pytest.raises(InvalidRequest, match="already"):
        keys.generate(made, {"key_alias": "ci"}, WHO)
    with pytest.raises(InvalidRequest, match="already"):
        keys.generate(made, {"key": "sk-one-of-my-own"}, WHO)


def test_what_the_configuration_says_of_new_keys_holds(tmp_path: Path) -> None:
    made = office(
        tmp_path, defaults={"models": ["glm-4.6"], "rpm_limit": 5}, upper={"max_budget": 10, "duration": "7d"}
    )
    told = keys.generate(made, {}, WHO)
    assert (told["models"], told["rpm_limit"], told["max_budget"]) == (["glm-4.6"], 5, 10.0)
    assert told["expires"].startswith("2025-12-01")
    for over in ({"max_budget": 11}, {"duration": "8d"}, {"duration": "-1"}):
        with pytest.raises(InvalidRequest, match="at most"):
            keys.generate(made, over, WHO)
    with pytest.raises(InvalidRequest, match="at most"):
        keys.update(made, {"key": told["key"], "max_budget": 11}, WHO)
    assert keys.update(made, {"key": told["key"], "max_budget": 9}, WHO)["max_budget"] == 9.0


def test_every_change_is_in_the_audit_without_a_secret(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = keys.generate(made, ALL, WHO)
    keys.update(made, {"key": told["key"], "rpm_limit": 5}, "cli ada")
    lines = made.store.history("key", told["id"])
    assert [(line["who"], line["action"]) for line in lines][::-1] == [
        ("master", "key/generate"),
        ("cli ada", "key/update"),
    ]
    assert {"rpm_limit": 5} in [line["changes"] for line in lines]
    everything = "\n".join(map(str, made.store.ask("SELECT * FROM audit")))
    assert told["key"] not in everything and told["token"] not in everything


def test_a_team_and_a_user_bound_their_keys(tmp_path: Path) -> None:
    made = office(tmp_path)
    teams.new(made, {"team_id": "red", "models": ["glm-4.6", "glm-5"], "rpm_limit": 7, "max_budget": 3}, WHO)
    teams.member_add(made, {"team_id": "red", "member": {"user_id": "ada"}, "max_budget_in_team": 1}, WHO)
    people.user_update(made, {"user_id": "ada", "tpm_limit": 9}, WHO)
    told = keys.generate(made, {"team_id": "red", "user_id": "ada", "models": ["all-team-models"]}, WHO)
    grant = ring_of(made).find(told["key"].encode())
    assert grant is not None
    assert grant.models == ("glm-4.6", "glm-5") and grant.fences == (("glm-4.6", "glm-5"),)
    assert [limit.name for limit in grant.limits] == ["user:ada", "team:red"]
    assert [(budget.name, budget.cap) for budget in grant.budgets] == [
        ("team:red", 3_000_000_000),
        ("team:red|user:ada", 1_000_000_000),
    ]
    changed = {"team_id": "red", "user_id": "ada", "max_budget_in_team": 2.5}
    assert teams.member_update(made, changed, WHO) == {**changed, "role": "user"}
    teams.member_update(made, {"team_id": "red", "user_id": "ada", "role": "admin"}, WHO)
    grant = ring_of(made).find(told["key"].encode())
    assert grant is not None and grant.budgets[-1].cap == 2_500_000_000
    teams.member_update(made, {"team_id": "red", "user_id": "ada", "max_budget_in_team": None}, WHO)
    (member,) = teams.info(made, {"team_id": "red"}, WHO)["team_info"]["members_with_roles"]
    assert member == {"user_id": "ada", "role": "admin", "max_budget_in_team": None}
    with pytest.raises(InvalidRequest, match="is not in the team"):
        teams.member_update(made, {"team_id": "red", "user_id": "bob"}, WHO)
    ring = ring_of(made)
    revision = ring.revision
    teams.block(made, {"team_id": "red"}, WHO)
    ring.take(*made.store.since(revision))
    grant = ring.find(told["key"].encode())
    assert grant is not None and grant.blocked and grant.closed == "team red"
    teams.delete(made, {"team_ids": ["red"]}, WHO)
    ring.take(*made.store.since(ring.revision))
    assert ring.find(told["key"].encode()) is None


def test_end_users_are_known(tmp_path: Path) -> None:
    made = office(tmp_path)
    people.end_new(made, {"user_id": "eve", "max_budget": 1, "rpm_limit": 2, "default_model": "glm-4.6"}, WHO)
    people.end_block(made, {"user_ids": ["mallory"]}, WHO)
    ring = ring_of(made)
    eve, mallory = ring.end("eve"), ring.end("mallory")
    assert eve is not None and eve.budgets == (Budget("end:eve", 1_000_000_000),) and eve.model == "glm-4.6"
    assert mallory is not None and mallory.blocked
    assert ring.end("nobody") is None
    with pytest.raises(InvalidRequest, match="does not have it"):
        people.end_update(made, {"user_id": "eve", "allowed_model_region": "eu"}, WHO)


def test_users_come_with_a_key(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = people.user_new(made, {"user_id": "ada", "max_budget": 2}, WHO)
    assert ring_of(made).find(told["key"].encode()) is not None
    assert "key" not in people.user_new(made, {"user_id": "bob", "auto_create_key": False}, WHO)
    info = people.user_info(made, {"user_id": "ada"}, WHO)
    assert info["user_info"]["max_budget"] == 2.0 and len(info["keys"]) == 1
    assert people.user_delete(made, {"user_ids": ["ada"]}, WHO) == {"deleted_users": ["ada"]}
    assert ring_of(made).find(told["key"].encode()) is None


def test_what_was_spent_is_read_from_the_ledger(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = keys.generate(made, {"budget_duration": "7d", "max_budget": 1}, WHO)
    db = connect(tmp_path)
    for nth, (at, nano) in enumerate(((NOW - 86_400, 5), (NOW, 7))):
        insert(db, [row(f"r{nth}-0", started=at, ended=at, key=told["id"], billed=nano)])
    db.close()
    assert keys.info(made, {"key": told["key"]}, WHO)["info"]["spend"] == 7e-9, "the week began on Monday"
    keys.update(made, {"key": told["key"], "budget_duration": None}, WHO)
    assert keys.info(made, {"key": told["key"]}, WHO)["info"]["spend"] == 12e-9


def test_a_day_of_a_budget_is_its_zones(tmp_path: Path) -> None:
    made = office(tmp_path, zone="Asia/Tokyo")
    told = keys.generate(made, {"budget_duration": "1d", "max_budget": 1}, WHO)
    assert told["budget_reset_at"] == "2025-11-25T15:00:00.000Z"
    db = connect(tmp_path)
    for nth, hours in enumerate((-2, 0)):  # it is 01:00 there: before midnight, and after it
        at = NOW + hours * 3600
        insert(db, [row(f"r{nth}-0", started=at, ended=at, key=told["id"], billed=nth + 5)])
    db.close()
    assert keys.info(made, {"key": told["key"]}, WHO)["info"]["spend"] == 6e-9


def test_another_secret_is_noticed_where_there_are_keys(tmp_path: Path) -> None:
    made = office(tmp_path)
    Store(tmp_path, b"another").close()
    made = office(tmp_path)
    keys.generate(made, {}, WHO)
    made.store.close()
    with pytest.raises(ConfigInvalid, match="another secret"):
        Store(tmp_path, b"another")


def test_every_act_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    made = office(tmp_path)
    for path, (_, act) in ACTS.items():
        with pytest.raises((InvalidRequest, Failure)) as told:
            act(made, {"no_such_field": 1}, WHO)
        assert told.value.status in (400, 404), path


def test_a_step_that_fails_leaves_nothing(tmp_path: Path) -> None:
    made = office(tmp_path)
    told = keys.generate(made, {}, WHO)
    with pytest.raises(Failure):
        keys.delete(made, {"keys": [told["key"], "sk-that-is-not-there"]}, WHO)
    assert ring_of(made).find(told["key"].encode()) is not None
