"""Codex without a screen, against the gateway's Responses door: hello, tool loops that write a file, errors.

For the vendor's newest models Codex sends its tools inside the input and has JavaScript written in a freeform call; for
other names it sends plain function tools. Both must survive, translated or not.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.agents import Run, codex, workplace
from tests.conformance.conftest import Door
from tests.fake import FakeProvider

pytestmark = pytest.mark.conformance

OTHERS = ["claude-sonnet-5-5", "qwen3:8b", "gemini-3.8-flash"]
MODELS = ["gpt-5.6-sol", "gpt-5.2-codex", *OTHERS]


def _events(done: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _said(done: Run) -> list[str]:
    items = [event["item"] for event in _events(done) if event["type"] == "item.completed"]
    return [item["text"] for item in items if item["type"] == "agent_message"]


@pytest.mark.parametrize("model", MODELS)
def test_it_answers_a_prompt(door: Door, model: str) -> None:
    with workplace() as (home, project):
        done = codex(door, "THINK SAY=grüezi✓", home=home, project=project, model=model)
    assert done.code == 0, done.told
    assert _said(done) == ["grüezi✓"]
    usage = _events(done)[-1]["usage"]
    assert usage["input_tokens"] > 0
    assert usage["output_tokens"] > 0


@pytest.mark.parametrize("model", MODELS)
def test_its_tool_loop_writes_a_file(door: Door, fake_provider: FakeProvider, model: str) -> None:
    with workplace() as (home, project):
        target = project / "out.txt"
        done = codex(door, f"TOOL THINK FILE={target} SAY=grüezi", home=home, project=project, model=model)
        assert done.code == 0, done.told
        assert target.read_text() == "grüezi"
    assert _said(done)[-1].startswith("grüezi ✓ tool said: ")
    assert len(fake_provider.talks) == 2


@pytest.mark.parametrize("model", ["gpt-5.2-codex", *OTHERS])
def test_two_calls_at_once(door: Door, model: str) -> None:
    with workplace() as (home, project):
        target = project / "out.txt"
        done = codex(door, f"TOOL PAR FILE={target} SAY=zwei", home=home, project=project, model=model)
        assert done.code == 0, done.told
        assert (target.read_text(), target.with_name("out.txt.2").read_text()) == ("zwei", "zwei-2")


def test_a_freeform_patch_writes_a_file(door: Door) -> None:
    with workplace() as (home, project):
        target = project / "out.txt"
        done = codex(door, f"TOOL PATCH FILE={target} SAY=geflickt", home=home, project=project)
        assert done.code == 0, done.told
        assert target.read_text() == "geflickt\n"


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_providers_error_is_reported(door: Door, status: int) -> None:
    with workplace() as (home, project):
        done = codex(door, f"ERR={status} MSG=nope-{status}", home=home, project=project)
    assert done.code == 1, done.told
    message = _events(done)[-1]["error"]["message"]
    if status in (400, 401):
        assert f"nope-{status}" in message
    if status in (401, 429):
        assert str(status) in message


def test_a_wrong_key_is_reported(door: Door) -> None:
    with workplace() as (home, project):
        done = codex(door, "SAY=x", home=home, project=project, key=door.bad_key)
    assert done.code == 1, done.told
    assert "401" in _events(done)[-1]["error"]["message"]


@pytest.mark.parametrize("word", ["ERRMID=3", "CUT=3"])
def test_a_broken_stream_is_retried(door: Door, fake_provider: FakeProvider, word: str) -> None:
    settings = {"model_providers.door.stream_max_retries": "2"}
    with workplace() as (home, project):
        done = codex(door, f"{word} TIMES=1 SAY=spät-aber-ganz", home=home, project=project, settings=settings)
    assert done.code == 0, done.told
    assert _said(done)[-1] == "spät-aber-ganz"
    assert len(fake_provider.talks) == 2
