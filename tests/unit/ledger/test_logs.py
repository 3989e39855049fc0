"""Rows in LiteLLM's shape."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.unit.ledger.making import at, ledger, some
from tests.unit.roster.making import office
from trunkline.ledger import logs
from trunkline.ledger.logs import Wanted
from trunkline.ledger.period import moment, period
from trunkline.roster import keys


def everything(home: Path, wanted: Wanted) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    text, after = logs.page(home, wanted)
    while True:
        found += json.loads(b"[%b]" % text, parse_float=Decimal)
        if after is None:
            return found
        text, after = logs.page(home, wanted, after)


def test_a_row_has_litellms_members(tmp_path: Path) -> None:
    ledger(
        tmp_path, [at(1.0005, "r1-1", billed=1_234_567_891, value=5, tags=("x", 'q"'), session="s", said="It is busy.")]
    )
    [row] = everything(tmp_path, Wanted())
    assert (row["request_id"], row["api_key"], row["call_type"]) == ("r1", "master", "messages")
    assert row["spend"] == Decimal("1.234567891")
    assert (row["prompt_tokens"], row["completion_tokens"], row["total_tokens"]) == (15, 7, 22)
    assert (row["startTime"], row["endTime"]) == ("2026-11-18T01:00:01.800Z", "2026-11-18T01:00:03.800Z")
    assert row["completionStartTime"] == "2026-11-18T01:00:02.050Z"
    assert (row["model"], row["model_group"], row["custom_llm_provider"]) == ("glm-5.3", "glm", "zai")
    assert (row["request_tags"], row["session_id"], row["status"]) == (["x", 'q"'], "s", "success")
    assert row["metadata"]["estimated"] is False
    assert (row["metadata"]["attempt"], row["metadata"]["value"]) == ("r1-1", Decimal("0.000000005"))
    assert row["metadata"]["error"] == "It is busy."


def test_what_was_estimated_says_so(tmp_path: Path) -> None:
    some(tmp_path)
    assert {row["request_id"] for row in everything(tmp_path, Wanted()) if row["metadata"]["estimated"] is True} == {
        "c"
    }


def test_rows_are_chosen_by_key_request_and_user(tmp_path: Path) -> None:
    some(tmp_path)
    ledger(tmp_path, [at(2, "a-1", key="master"), at(3, "ab-0", key="master")])
    assert [row["request_id"] for row in everything(tmp_path, Wanted(keys=("k1", "none")))] == ["a", "b", "e"]
    assert [row["metadata"]["attempt"] for row in everything(tmp_path, Wanted(request="a"))] == ["a-0", "a-1"]
    assert [row["request_id"] for row in everything(tmp_path, Wanted(user="bob"))] == ["c"]
    assert [row["request_id"] for row in everything(tmp_path, Wanted(keys=("master",)))] == ["a", "ab"]
    day = period("2026-11-19", "2026-11-20", None, 0)
    assert [row["request_id"] for row in everything(tmp_path, Wanted(period=day, newest_first=True))] == ["e", "d"]


def test_a_users_rows_are_those_of_their_keys_too(tmp_path: Path) -> None:
    some(tmp_path)
    desk = office(tmp_path)
    mine = keys.generate(desk, {"user_id": "ada"}, "master")
    ledger(tmp_path, [at(2, "x-0", key=mine["id"], user=""), at(3, "y-0", key="master", user="ada")])
    assert {row["request_id"] for row in everything(tmp_path, Wanted(user="ada"))} == {"x", "y"}
    keys.regenerate(desk, {"key": mine["id"]}, "master")
    assert len(everything(tmp_path, Wanted(user="ada"))) == 2
    day = period("2026-11-18", "2026-11-18", None, 0)
    (told,) = logs.summary(tmp_path, Wanted(user="ada", period=day))
    assert mine["id"] in told and "master" in told


def test_pages_follow_each_other_without_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "PAGE", 7)
    ledger(tmp_path, [at(1 + n / 3600, f"r{n}-0") for n in range(30)])
    asked = [row["request_id"] for row in everything(tmp_path, Wanted())]
    assert asked == [f"r{n}" for n in range(30)]
    assert [row["request_id"] for row in everything(tmp_path, Wanted(newest_first=True))] == asked[::-1]


@pytest.mark.parametrize(
    ("wanted", "index"), [(Wanted(keys=("k1",)), "attempts_key"), (Wanted(request="a"), "attempts_attempt")]
)
def test_a_keys_rows_and_a_request_are_found_by_an_index(tmp_path: Path, wanted: Wanted, index: str) -> None:
    from trunkline.ledger.read import reading

    some(tmp_path)
    with reading(tmp_path) as connection:
        assert connection is not None
        where, values = logs._where(wanted, 17)
        plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM attempts WHERE {where} ORDER BY id", values)
        told = " ".join(row["detail"] for row in plan)
    assert index in told
    assert "TEMP B-TREE" not in told or wanted.request


@pytest.mark.parametrize("keys", [None, ("k1", "k2")])
def test_the_summary_by_day_is_litellms(tmp_path: Path, keys: tuple[str, ...] | None) -> None:
    some(tmp_path)
    found = logs.summary(tmp_path, Wanted(keys=keys, period=period("2026-11-01", "2026-11-21", None, 0)))
    first, *_, last = json.loads(msgspec.json.encode(found), parse_float=Decimal)
    assert [day["startTime"] for day in found] == ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"]
    assert first == {
        "startTime": "2026-11-18",
        "spend": Decimal("3.000000501"),
        "k1": Decimal("3.000000001"),
        "k2": Decimal("0.0000005"),
        "users": {"ann": Decimal("3.000000001"), "bob": Decimal("0.0000005")},
        "models": {"glm-5.3": Decimal("3.000000001"), "gpt-6-sol": Decimal("0.0000005")},
    }
    assert last == {"startTime": "2026-11-21", "spend": 0, "users": {}, "models": {}}


def test_without_a_ledger_there_are_no_rows(tmp_path: Path) -> None:
    assert everything(tmp_path, Wanted()) == []
    assert logs.summary(tmp_path, Wanted(period=period("2026-11-01", None, None, moment("2026-11-27") / 1000))) == []
