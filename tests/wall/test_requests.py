"""What became of a request: told by any worker at once, by the command line, and only to whom it concerns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, clean_environment, provider_environment
from tests.wall.asking import Reply, ask, streaming, until
from tests.wall.scenes import KEY, config

ROWS = """
  - model_name: main
    litellm_params: {model: openai/wall-1, api_base: "@/v1", api_key: os.environ/FAKE_KEY}
  - model_name: spare
    litellm_params: {model: anthropic/claude-sonnet-5-5, api_base: "@", api_key: os.environ/FAKE_KEY}
"""
MORE = "litellm_settings: {fallbacks: [{main: [spare]}]}"
PATH = "/v1/chat/completions"


@pytest.fixture(scope="module")
def told(fake_server: FakeProvider) -> Iterator[Gateway]:
    """Two workers; `main` falls back to `spare`."""
    text = config(fake_server.url, rows=ROWS.replace("@", fake_server.url), more=MORE)
    with Gateway(text, args=["--workers", "2"], env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


def body(text: str, model: str = "main", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def story(gateway: Gateway, request: str) -> dict[str, Any]:
    reply = ask(gateway.url, f"/requests/{request}", headers=KEY)
    assert reply.status == 200, reply.body
    return dict(reply.json)


def ended(gateway: Gateway, request: str) -> dict[str, Any]:
    """The story once the last attempt is settled: the client has its answer a moment before."""
    until(lambda: story(gateway, request)["state"] == "ended")
    return story(gateway, request)


def id_of(reply: Reply) -> str:
    return reply.header("x-litellm-call-id") or ""


def fallen_back(gateway: Gateway, provider: FakeProvider, **more: Any) -> Reply:
    provider.program({"status": 503, "message": "we are full", "model": "wall-1", **more})
    reply = ask(gateway.url, PATH, body("SAY=ok OUT=5"), headers=KEY)
    assert reply.status == 200
    return reply


def explain(gateway: Gateway, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trunkline", "explain", *args],
        env=clean_environment(gateway.home),
        cwd=gateway.home,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_every_attempt_is_told_as_soon_as_the_client_has_its_answer(told: Gateway, fake_provider: FakeProvider) -> None:
    for _ in range(4):  # whichever of the workers answers
        found = ended(told, id_of(fallen_back(told, fake_provider)))
        first, second = found["attempts"]
        assert (found["asked"], found["operation"], found["state"], found["outcome"]) == ("main", "chat", "ended", "ok")
        assert (first["provider"], first["status"], first["group"]) == ("openai", 503, "main")
        assert "we are full" in first["said"]
        assert first["why"]
        assert (second["provider"], second["group"], second["outcome"]) == ("anthropic", "spare", "ok")
        assert second["why"] != first["why"]
        assert second["tokens"]["output"] == 5
        assert found["totals"]["attempts"] == 2
        assert found["route"].startswith("openai/wall-1:")
        assert "The client got the whole answer, from anthropic/claude-sonnet-5-5." in found["told"]


def test_a_request_under_way_is_shown_as_such_by_every_worker(told: Gateway, fake_provider: FakeProvider) -> None:
    with streaming(told.url, PATH, body("LONG=40 SLOW=60", stream=True), headers=KEY) as answer:
        request = answer.getheader("x-litellm-call-id") or ""
        assert answer.read1(10)
        for _ in range(4):
            found = story(told, request)
            assert (found["state"], found["outcome"]) == ("under_way", "")
            assert found["attempts"][0]["state"] == "under_way"
            assert found["told"][-1] == "The request is under way."
        answer.read()
    until(lambda: story(told, request)["state"] == "ended")


def test_neither_keys_nor_words_of_the_prompt_are_kept(told: Gateway, fake_provider: FakeProvider) -> None:
    words = "the_grandmothers_apple_pie_with_cinnamon_and_cream"
    reply = ask(told.url, PATH, body(f"ERR=400 ECHOKEY MSG={words}"), headers=KEY)
    found = json.dumps(ended(told, id_of(reply)), ensure_ascii=False)
    assert "400" in found
    for secret in (words, "apple_pie", GOOD_KEY):
        assert secret not in found
    for file in (told.home / "trunkline").glob("*"):
        if file.is_file() and not file.name.endswith("-lock"):
            assert words.encode() not in file.read_bytes(), file


def test_who_may_see_it(told: Gateway, fake_provider: FakeProvider) -> None:
    request = id_of(fallen_back(told, fake_provider))
    assert ask(told.url, f"/requests/{request}").status == 401
    assert ask(told.url, f"/v1/requests/{request}", headers=KEY).status == 200
    unknown = ask(told.url, "/requests/nobody", headers=KEY)
    assert (unknown.status, unknown.json["error"]["code"]) == (404, "request_not_found")
    assert "x-litellm-call-id" in unknown.message
    assert ask(told.url, f"/requests/{request}", {}, headers=KEY).status == 405


def test_the_command_line_tells_the_same_from_files_and_from_the_gateway(
    told: Gateway, fake_provider: FakeProvider
) -> None:
    request = id_of(fallen_back(told, fake_provider))
    lines = ended(told, request)["told"]
    read = explain(told, request)
    assert (read.returncode, read.stdout.splitlines()) == (0, lines), read.stderr
    asked = explain(told, request, "--url", told.url, "--key", told.key)
    assert (asked.returncode, asked.stdout.splitlines()) == (0, lines), asked.stderr
    assert json.loads(explain(told, request, "--json").stdout)["told"] == lines
    for args in (("nobody",), ("nobody", "--url", told.url, "--key", told.key), (request, "--url", told.url)):
        lost = explain(told, *args)
        assert lost.returncode == 1
        assert lost.stderr.startswith("trunkline: ")
        assert "Traceback" not in lost.stderr


def test_files_tell_it_when_no_gateway_runs_and_what_a_dead_one_left(fake_provider: FakeProvider) -> None:
    gateway = Gateway(config(fake_provider.url), env=provider_environment(fake_provider.url, GOOD_KEY))
    with gateway:
        whole = id_of(ask(gateway.url, PATH, body("SAY=ok", "gpt-wall"), headers=KEY))
        with streaming(gateway.url, PATH, body("LONG=90 SLOW=60", "gpt-wall", stream=True), headers=KEY) as answer:
            torn = answer.getheader("x-litellm-call-id") or ""
            answer.read1(10)
            gateway.process.send_signal(signal.SIGKILL)
            gateway.process.wait(5)
            gateway._ended = True
        assert "got the whole answer" in explain(gateway, whole).stdout
        left = explain(gateway, torn)
        assert "Its worker is dead" in left.stdout, left.stderr
        gateway.start()
        until(lambda: "worker_died" in explain(gateway, torn).stdout, within=8)


def test_a_body_is_rehearsed_without_being_sent(told: Gateway, fake_provider: FakeProvider, tmp_path: Path) -> None:
    before = len(fake_provider.requests)
    file = told.home / "body.json"
    file.write_text(json.dumps(body("hello", max_tokens=100)), encoding="utf-8")
    more = {**provider_environment(fake_provider.url, GOOD_KEY), "TRUNKLINE_HOME": str(tmp_path)}
    env = clean_environment(told.home, more)
    command = [sys.executable, "-m", "trunkline", "explain", "--body", str(file), "--config", str(told.config_path)]
    said = subprocess.run([*command, "--path", PATH], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert said.returncode == 0, said.stderr
    assert "1. openai/wall-1" in said.stdout
    assert "2. anthropic/claude-sonnet-5-5" in said.stdout
    assert "translated to Anthropic Messages: a fallback of 'main'" in said.stdout
    assert "at most 100 out: at worst $" in said.stdout
    assert len(fake_provider.requests) == before
    assert GOOD_KEY not in said.stdout


def test_many_ask_while_many_answer(told: Gateway, fake_provider: FakeProvider) -> None:
    def one() -> None:
        reply = ask(told.url, PATH, body("SAY=ok"), headers=KEY)
        seen.append(ended(told, id_of(reply))["state"])

    seen: list[str] = []
    threads = [threading.Thread(target=one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == ["ended"] * 30
    assert os.getpid() != told.pid
    assert len(psutil.Process(told.pid).children()) == 2
