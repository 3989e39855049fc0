"""What a call came to, as a finding: what no end-to-end test reaches, or reaches only slowly."""

from __future__ import annotations

import asyncio

import pytest

from tests.fake import FakeProvider
from tests.unit.making import deployment, snapshot
from trunkline.catalog.providers import find
from trunkline.cli.diagnosis import calls
from trunkline.cli.diagnosis.asked import Asked, asked
from trunkline.cli.diagnosis.calls import Told, ask_all
from trunkline.cli.diagnosis.lists import Listing, accepted, other_paths, other_region
from trunkline.cli.diagnosis.means import finding
from trunkline.cli.findings import Finding
from trunkline.config.schema import Deployment, Door, Secret
from trunkline.errors import ProviderRefused, RefusedAnswer


def nobody_pulls(_: Deployment) -> str:
    raise AssertionError("nothing is pulled")


def zai(base: str = "https://api.z.ai/api/paas/v4", code: str = "1000", **more: object) -> Told:
    row = find("zai")
    assert row is not None
    door = Door(base, "bearer")
    made = Deployment("1", "glm", row, "glm-4.6", {"openai_chat": door}, Secret("k-1", "ZAI_API_KEY"), where="c.yaml:3")
    body = b'{"error": {"code": "%s", "message": "no"}}' % code.encode()
    failure = ProviderRefused("no", answer=RefusedAnswer(401, (), body), code=code, kind="auth")
    return Told(Asked(made, "chat", ("glm",)), "openai_chat", door, failure, **more)  # type: ignore[arg-type]


def test_a_key_that_could_not_be_tried_at_the_other_host_is_told_with_both_ways() -> None:
    other = Listing("https://open.bigmodel.cn/api/paas/v4", said="it was not found")
    row = finding(zai(region=other), {}, nobody_pulls)
    assert row.code == "zai.key"
    assert "could not be asked (it was not found)" in row.seen
    assert "`region: cn`" in row.remedy


def test_a_stand_in_for_zai_is_understood_and_its_key_goes_nowhere_else() -> None:
    told = zai("http://127.0.0.1:1/api/paas/v4")
    assert other_region(told.door) is None
    row = finding(told, {}, nobody_pulls)
    assert row.code == "zai.key"
    assert "127.0.0.1 does not accept the key in ZAI_API_KEY" in row.seen


def test_an_error_that_no_table_knows_is_told_by_its_kind() -> None:
    row = finding(zai(code="1999"), {}, nobody_pulls)
    assert (row.state, row.code) == ("fail", "key.refused")


@pytest.mark.parametrize(
    ("found", "taken"),
    [
        (Listing("b", 200, (), True), True),
        (Listing("b", 429, code="1113"), True),
        (Listing("b", 401, code="1000"), False),
        (Listing("b", 404, code="x"), False),
        (Listing("b", 502), False),
        (Listing("b"), False),
    ],
)
def test_whether_a_key_was_taken(found: Listing, taken: bool) -> None:
    assert accepted(found) is taken


def test_only_zais_hosts_have_another_one() -> None:
    there = other_region(Door("https://open.bigmodel.cn/api/anthropic", "bearer"))
    assert there == ("openai_chat", Door("https://api.z.ai/api/paas/v4", "bearer"))
    for base in ("https://api.openai.com/v1", "https://api.z.ai.example/api/paas/v4", "http://127.0.0.1:1"):
        assert other_region(Door(base, "bearer")) is None


def test_other_paths_stay_on_the_host() -> None:
    made = deployment("m", model="x", provider="openai")
    for path in ("", "/v1", "/v1/v1", "/llm/v1", "/openai"):
        door = Door(f"https://llm.example{path}", "bearer")
        bases = [each.base for each in other_paths(made, "openai_chat", door)]
        assert door.base not in bases
        assert all(base.startswith("https://llm.example") for base in bases)
        assert len(bases) == len(set(bases)) <= 4
    assert "https://llm.example/llm" in [
        each.base for each in other_paths(made, "openai_chat", Door("https://llm.example/llm/v1", "bearer"))
    ]


def found_of(*made: Deployment) -> list[Finding]:
    rows = snapshot(*made)
    told, _ = asyncio.run(ask_all(rows, asked(rows)))
    return [finding(each, {}, nobody_pulls) for each in told]


def test_who_does_not_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LIMIT", 0.3)
    with FakeProvider(keys=None, ollama=True) as fake:
        fake.program({"delay": 30, "times": -1})
        rows = found_of(
            deployment("a", model="claude-sonnet-5-5", base=fake.url),
            deployment("b", model="qwen3:8b", provider="ollama", base=fake.url, key=None),
        )
    assert [(row.state, row.code) for row in rows] == [("fail", "provider.slow"), ("warn", "ollama.loading")]
    assert "0.3 s" in rows[0].seen


def test_a_provider_that_fails_or_is_busy_is_a_warning_and_an_empty_account_a_failure() -> None:
    with FakeProvider(keys=None) as fake:
        for model, status in (("m-1", 500), ("m-2", 529), ("m-3", 402), ("m-4", 429)):
            fake.program({"status": status, "model": model, "times": -1})
        fake.program({"junk": True, "model": "m-5", "times": -1})
        rows = found_of(
            *(deployment(f"m-{n}", model=f"m-{n}", base=fake.url, where=f"c.yaml:{n}") for n in range(1, 6))
        )
    assert [(row.state, row.code) for row in rows] == [
        ("warn", "provider.failed"),
        ("warn", "provider.busy"),
        ("fail", "account.empty"),
        ("warn", "provider.limited"),
        ("fail", "answer.garbage"),
    ]
    assert all(row.remedy for row in rows)
