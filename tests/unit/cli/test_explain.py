"""`trunkline explain`."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from tests.unit.state.making import row
from trunkline.cli import explain
from trunkline.errors import ConfigInvalid
from trunkline.ledger.sqlite import connect, insert


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRUNKLINE_HOME", str(tmp_path))
    monkeypatch.delenv("TRUNKLINE_URL", raising=False)
    return tmp_path


def said(*args: str) -> int:
    code = explain.verb.main([*args], standalone_mode=False)
    assert isinstance(code, int)
    return code


def test_a_request_is_told_out_of_the_ledger(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = connect(home)
    insert(ledger, [row("r-0", outcome="1302", status=429, said="Z.AI is busy."), row("r-1", why="after 1302")])
    ledger.close()
    assert said("r") == 0
    told = capsys.readouterr().out
    assert "What was said: Z.AI is busy." in told
    assert "The client got one stream: zai/glm-5.3 began it" in told
    assert said("r", "--json") == 0
    assert [each["attempt"] for each in json.loads(capsys.readouterr().out)["attempts"]] == ["r-0", "r-1"]


def test_an_id_that_nobody_knows_says_where_it_may_be_found() -> None:
    with pytest.raises(ConfigInvalid, match=r"No attempt of a request .nobody. is known in"):
        said("nobody")


@pytest.mark.parametrize("args", [(), ("r", "--body", "x.json")])
def test_one_of_both_must_be_given(args: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError, match="id of a request, or --body"):
        said(*args)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"messages": []}, "/v1/messages"),
        ({"input": "hi"}, "/v1/responses"),
        ({"prompt": "hi"}, "/v1/completions"),
        ([], "/v1/messages"),
    ],
)
def test_a_body_tells_its_format(body: object, path: str) -> None:
    assert explain._path_of(json.dumps(body).encode()) == path


def test_a_body_is_rehearsed_and_the_exit_code_tells_a_refusal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, body = home / "c.yaml", home / "b.json"
    config.write_text(
        "model_list:\n  - model_name: m\n    litellm_params: {model: zai/glm-4.6, api_key: sk-secret-1234}\n"
    )
    body.write_text('{"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 10}')
    assert said("--body", str(body), "--config", str(config)) == 0
    told = capsys.readouterr().out
    assert "1. zai/glm-4.6" in told
    assert "sk-secret" not in told
    body.write_text('{"model": "n", "messages": [{"role": "user", "content": "hi"}]}')
    assert said("--body", str(body), "--config", str(config), "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"].startswith("No model 'n'")
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        said("--body", str(home / "none.json"))
