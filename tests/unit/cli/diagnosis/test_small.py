"""The doctor's smaller looks: the clock, the proxies' words, mounted files, mends, and what is said in JSON."""

from __future__ import annotations

import email.utils
import json
from pathlib import Path

import click
import pytest

from tests.fake import FakeProvider
from tests.unit.making import deployment, snapshot
from trunkline.cli import config_findings
from trunkline.cli.ask import ask
from trunkline.cli.diagnosis import called, clock, mending, network, proxies
from trunkline.cli.findings import Finding, Mend, as_json
from trunkline.config.schema import Deployment
from trunkline.errors import ProviderFailure, ProviderUnreachable


def at(seconds: float) -> tuple[str, float]:
    return email.utils.formatdate(1_800_000_000, usegmt=True), 1_800_000_000 + seconds


def test_the_clock_is_judged_by_most_of_the_answers() -> None:
    assert not list(clock.look([]))
    assert not list(clock.look([("yesterday", 0.0)]))
    (well,) = clock.look([at(3), at(299), at(-40000)])
    assert well.state == "ok"
    (behind,) = clock.look([at(-600), at(-610), at(2)])
    assert (behind.state, behind.code) == ("fail", "clock.off")
    assert "10 minutes behind" in behind.seen
    assert "ahead of" in next(clock.look([at(86400 * 3)])).seen


def test_a_proxy_of_a_kind_that_is_not_spoken() -> None:
    (row,) = proxies.look({"HTTPS_PROXY": "socks5://127.0.0.1:1"}, "http://127.0.0.1:4000")
    assert (row.state, row.code) == ("fail", "proxy.bad")
    assert "HTTPS_PROXY" in row.seen


def test_a_key_that_no_header_can_carry_is_told_apart() -> None:
    failure = ProviderUnreachable("x was not asked: a line break.", kind="auth")
    assert network.cause(failure, "https://x/v1").code == "key.unsendable"
    assert network.cause(ProviderUnreachable("x is not reachable."), "https://x/v1").code == "network.unreachable"


def test_a_file_that_is_mounted_alone_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    monkeypatch.setattr(config_findings, "mounted_alone", lambda each: each == path)
    rows = list(config_findings.on(snapshot(file=path, files=(path, tmp_path / ".env")), {}))
    (row,) = [row for row in rows if row.code == "config.mounted"]
    assert row.state == "warn"
    assert str(path) in row.seen


def test_a_mend_is_said_before_and_after_and_its_failure_too(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []

    def well() -> str:
        done.append("well")
        return "It is shut."

    def ill() -> str:
        raise PermissionError(1, "Operation not permitted")

    def ended() -> str:
        raise ProviderFailure("It was not pulled.", remedy="Try again.")

    rows = [
        Finding("a", "ok", "x"),
        Finding("b", "warn", "x", "y", "z", Mend("Shut it.", well)),
        Finding("c", "warn", "x", "y", "z", Mend("Shut that.", ill)),
        Finding("d", "warn", "x", "y", "z", Mend("Pull it.", ended)),
    ]
    assert mending.mended(rows) == [1]
    said = capsys.readouterr().err
    assert said.index("fix: Shut it.") < said.index("It is shut.")
    assert "not done: [Errno 1] Operation not permitted." in said
    assert "not done: It was not pulled. Try again." in said
    assert done == ["well"]


def test_only_what_is_worth_a_question_is_offered_and_only_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        Finding("a", "fail", "No model.", "", "", Mend("Pull it.", lambda: "Pulled.", asks=True)),
        Finding("b", "warn", "Open.", "", "", Mend("Shut it.", lambda: "Shut.")),
    ]
    assert mending.offered(rows) == []
    asked: list[str] = []

    def yes(text: str, **_: object) -> bool:
        asked.append(text)
        return True

    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "confirm", yes)
    assert mending.offered(rows) == [0]
    assert asked == ["No model. Pull it?"]


def test_a_model_that_is_pulled_is_asked_then(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeProvider(ollama=True) as fake:

        def pull(missing: Deployment) -> str:
            assert ask(f"{fake.url}/api/pull", body={"model": missing.model, "stream": False}).status == 200
            return f"{missing.model} is there."

        monkeypatch.setattr(called, "pull", pull)
        made = snapshot(deployment("m", model="mistral", provider="ollama", base=fake.url, key=None))
        before = called.look(made, {}, fix=False, at_terminal=False)
        after = called.look(made, {}, fix=True, at_terminal=False)
    assert [row.code for row in before] == ["ollama.not_pulled"]
    assert [row.state for row in after] == ["ok"]


def test_the_json_has_its_members_and_adds_up() -> None:
    rows = [Finding("call", "ok", "s", cost=1500), Finding("x", "fail", "s", "r", "c", Mend("m", lambda: ""), 500)]
    told = json.loads(as_json(rows))
    assert told["ok"] is False
    assert told["cost_usd"] == 0.000002
    assert told["checks"][1] == {
        "check": "x", "state": "fail", "code": "c", "seen": "s", "remedy": "r", "fixable": True, "cost_usd": 0.0000005,
    }  # fmt: skip
