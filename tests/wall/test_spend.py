"""What was spent, over HTTP: LiteLLM's bodies, exact money, for who administers the gateway."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, provider_environment, quickest
from tests.unit.state.making import row
from tests.wall.asking import Reply, ask, until
from tests.wall.scenes import CHAT, KEY, config, rows
from trunkline.ledger.sqlite import connect, insert

DAY = 86400
OLD = "2026-10-01"
OLD_AT = datetime(2026, 10, 1, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def spent(fake_server: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose ledger has 20,000 rows of one key on an old day, 300 of another, and one call of today."""
    home = tmp_path_factory.mktemp("spent")
    (home / "trunkline").mkdir()
    ledger = connect(home / "trunkline")
    many = [row(f"old{n}-0", started=OLD_AT + n, key="k1" if n < 20_000 else "k2", user="ann" if n % 2 else "bob",
                billed=1_000_000_001, tags=("batch",)) for n in range(20_300)]  # fmt: skip
    insert(ledger, many)
    ledger.close()
    with Gateway(config(fake_server.url), home=home, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        headers = {**KEY, "x-litellm-tags": "night", "x-session-id": "s-1"}
        body = CHAT.body("SAY=ok IN=1000 OUT=50 CACHED=300", user="carol")
        reply = ask(gateway.url, CHAT.path, body, headers=headers)
        rows(gateway, reply.header("x-litellm-call-id") or "")
        gateway.request = reply.header("x-litellm-call-id")  # type: ignore[attr-defined]
        yield gateway


def get(gateway: Gateway, path: str, **headers: str) -> Reply:
    return ask(gateway.url, path, headers=headers or KEY, timeout=30)


def told(gateway: Gateway, path: str) -> Any:
    reply = get(gateway, path)
    assert (reply.status, reply.cut) == (200, False), reply.body[:500]
    return json.loads(reply.body, parse_float=Decimal)


def test_every_row_of_a_key_comes_however_many_there_are(spent: Gateway) -> None:
    found = told(spent, "/spend/logs?api_key=k1")
    assert len(found) == 20_000
    assert {each["request_id"] for each in found} == {f"old{n}" for n in range(20_000)}
    assert sum(each["spend"] for each in found) == Decimal("20000.00002")
    assert len(told(spent, "/spend/logs?api_key=k2")) == 300


def test_a_call_is_found_by_its_id_its_user_and_the_key_itself(spent: Gateway) -> None:
    [one] = told(spent, f"/spend/logs?request_id={spent.request}")  # type: ignore[attr-defined]
    assert (one["api_key"], one["user"], one["request_tags"], one["session_id"]) == (
        "master",
        "carol",
        ["night"],
        "s-1",
    )
    assert (one["model"], one["model_group"], one["status"]) == ("wall-1", "gpt-wall", "success")
    assert one["spend"] == Decimal("0.0011")
    assert (one["prompt_tokens"], one["completion_tokens"], one["metadata"]["estimated"]) == (1000, 50, False)
    assert told(spent, "/spend/logs?user_id=carol") == [one]
    assert told(spent, f"/spend/logs?api_key={MASTER_KEY}") == [one]
    assert told(spent, "/spend/logs?request_id=none") == []


def test_a_period_is_summed_up_by_day(spent: Gateway) -> None:
    first, second = told(spent, f"/spend/logs?start_date={OLD}&end_date=2026-10-02")
    assert (first["startTime"], first["spend"], first["k2"]) == (OLD, Decimal("20300.0000203"), Decimal("300.0000003"))
    assert first["users"] == {"ann": Decimal("10150.00001015"), "bob": Decimal("10150.00001015")}
    assert first["models"] == {"glm-5.3": Decimal("20300.0000203")}
    assert second == {"startTime": "2026-10-02", "spend": 0, "users": {}, "models": {}}
    kept = told(spent, f"/spend/logs?start_date={OLD}&end_date={OLD}&summarize=false&api_key=k2")
    assert [kept[0]["request_id"], len(kept)] == ["old20299", 300]


def test_keys_users_tags_and_all(spent: Gateway) -> None:
    assert [(each["token"], each["api_requests"]) for each in told(spent, "/spend/keys")][:2] == [
        ("k1", 20_000),
        ("k2", 300),
    ]
    [ann] = told(spent, "/spend/users?user_id=ann")
    assert ann["spend"] == Decimal("10150.00001015")
    tags = told(spent, f"/spend/tags?start_date={OLD}&end_date={OLD}")
    assert tags == [{"individual_request_tag": "batch", "log_count": 20_300, "total_spend": Decimal("20300.0000203")}]
    assert told(spent, "/global/spend")["spend"] > 20_300
    [k1, k2] = told(spent, f"/global/spend/report?start_date={OLD}&end_date={OLD}")
    assert (k1["api_key"], k2["total_cost"]) == ("k1", Decimal("300.0000003"))
    assert k1["model_details"][0]["model"] == "glm-5.3"
    assert told(spent, "/global/spend/report?group_by=customer")[0]["customer"] == "carol"


@pytest.mark.parametrize(
    "path",
    ["/spend/logs", "/spend/keys", "/spend/users", "/spend/tags", "/global/spend", "/global/spend/report"],
)
def test_only_who_administers_is_told(spent: Gateway, path: str) -> None:
    assert get(spent, path, authorization="Bearer sk-somebody").status in (401, 403)
    assert ask(spent.url, path).status == 401


@pytest.mark.parametrize(
    "query", ["start_date=yesterday&end_date=2026-10-01", "start_date=2026-10-02&end_date=2026-10-01"]
)
def test_a_wrong_date_is_said_to_be(spent: Gateway, query: str) -> None:
    reply = get(spent, f"/spend/logs?{query}")
    assert reply.status == 400
    assert "date" in reply.message


def test_others_are_answered_while_all_rows_go_out(spent: Gateway) -> None:
    def timed() -> float:
        reading = threading.Thread(target=lambda: [told(spent, "/spend/logs") for _ in range(3)])
        reading.start()
        took = []
        while reading.is_alive():
            began = time.monotonic()
            assert ask(spent.url, "/health/liveliness").status == 200
            took.append(time.monotonic() - began)
        return sorted(took)[len(took) * 9 // 10]

    assert quickest(timed, within=0.25) < 0.25, "one in ten waited"


def test_a_gateway_prunes_what_its_configuration_says(fake_server: FakeProvider, tmp_path: Path) -> None:
    (tmp_path / "trunkline").mkdir()
    ledger = connect(tmp_path / "trunkline")
    insert(ledger, [row(f"old{n}-0", started=time.time() - 10 * DAY) for n in range(1200)])
    insert(ledger, [row("new-0", started=time.time() - DAY)])
    ledger.close()
    general = f"{{master_key: {MASTER_KEY}, maximum_spend_logs_retention_period: 7d}}"
    env = provider_environment(fake_server.url, GOOD_KEY)
    with Gateway(config(fake_server.url, general=general), home=tmp_path, env=env) as gateway:
        left = until(lambda: (found := told(gateway, "/spend/logs")) and len(found) == 1 and found, within=10)
        assert left[0]["request_id"] == "new"
        assert told(gateway, "/spend/keys")[0]["api_requests"] == 1201
