"""The doctor's look at a running gateway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.fake_gateway import FakeGateway
from trunkline.cli import service
from trunkline.cli.findings import Finding, as_json, failed, show
from trunkline.cli.gateway import Gateway


class Answering(FakeGateway):
    """One whose calls are answered as a test needs it: path → status and body."""

    calls: dict[str, tuple[int, object]]

    def answer(self, path: str, query: str, headers: dict[str, str]) -> tuple[int, object]:
        return self.calls[path] if path in self.calls else super().answer(path, query, headers)


def test_what_runs_is_told_from_what_does_not(tmp_path: Path) -> None:
    here = {"TRUNKLINE_HOME": str(tmp_path)}
    with FakeGateway(home=tmp_path) as fake:
        found, there = service.presence(Gateway(fake.url), here, needed=True)
        assert (found.state, there) == ("ok", True)
        url = fake.url
    with FakeGateway() as fake:
        found, there = service.presence(Gateway(fake.url), here, needed=True)
        assert (found.state, there) == ("note", True)
    with FakeGateway(service="nginx") as fake:
        found, there = service.presence(Gateway(fake.url), here, needed=False)
        assert (found.state, there) == ("fail", False)
        assert "--port" in found.remedy
    found, there = service.presence(Gateway(url), here, needed=False)
    assert (found.state, there) == ("note", False)
    found, _ = service.presence(Gateway(url), here, needed=True)
    assert found.state == "fail"


def test_a_round_trip_uses_the_cheapest_model_with_a_price() -> None:
    fake = Answering(models=("dear", "cheap", "unpriced", "demo/echo", "text-embedding-3"))
    costs = {"dear": (2e-6, 4e-6), "cheap": (1e-7, 2e-7), "text-embedding-3": (1e-9, 0), "unpriced": (None, None)}
    rows = [
        {"model_name": name, "model_info": {"input_cost_per_token": i, "output_cost_per_token": o}}
        for name, (i, o) in costs.items()
    ]
    fake.calls = {"/model/info": (200, {"data": rows})}
    with fake:
        assert service.cheapest(Gateway(fake.url)) == "cheap"
        found = service.round_trip(Gateway(fake.url), None)
    assert found.state == "ok"
    assert found.seen.startswith("cheap answered")


def test_without_prices_it_is_the_small_one_and_never_the_demo_if_there_is_another() -> None:
    fake = Answering(models=("glm-5.3", "glm-5.3-flash", "demo/echo"))
    fake.calls = {"/model/info": (404, {})}
    with fake:
        assert service.cheapest(Gateway(fake.url)) == "glm-5.3-flash"
    with FakeGateway(models=("demo/echo",)) as lone:
        assert service.cheapest(Gateway(lone.url)) == "demo/echo"


def test_a_model_that_speaks_another_format_is_asked_in_that_one() -> None:
    fake = Answering()
    fake.calls = {"/v1/chat/completions": (400, {"error": {"code": "wire_not_offered", "message": "only messages"}})}
    with fake:
        found = service.round_trip(Gateway(fake.url), "claude-opus-5-5")
        paths = [path for method, path, _ in fake.asked if method == "POST"]
    assert found.state == "ok"
    assert paths == ["/v1/chat/completions", "/v1/messages"]


def test_a_call_that_fails_says_what_the_gateway_said() -> None:
    fake = Answering()
    fake.calls = {
        "/v1/chat/completions": (401, {"error": {"message": "Set ZAI_API_KEY.", "code": "provider_key_unset"}})
    }
    with fake:
        found = service.round_trip(Gateway(fake.url), "glm-5.3")
    assert found.state == "fail"
    assert "HTTP 401. Set ZAI_API_KEY." in found.seen


def test_an_unhealthy_gateway_is_a_failure() -> None:
    fake = Answering()
    fake.calls = {"/health/readiness": (503, {"error": {"message": "The ledger cannot be written."}})}
    with fake:
        states = [(found.state, found.remedy) for found in service.health(Gateway(fake.url))]
    assert states == [("ok", ""), ("fail", "The ledger cannot be written.")]


def test_findings_are_shown_with_their_remedies(capsys: pytest.CaptureFixture[str]) -> None:
    findings = [Finding("key", "fail", "ZAI_API_KEY is [not] set.", "Set it."), Finding("home", "ok", "fine")]
    show(findings)
    shown = capsys.readouterr().out
    assert "ZAI_API_KEY is [not] set." in shown
    assert "Set it." in shown
    assert failed(findings)
    read = json.loads(as_json(findings))
    assert read["ok"] is False
    assert read["checks"][0]["remedy"] == "Set it."
