"""Where Ollama is, and how its models get there."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Gateway, clean_environment
from tests.wall.system_b.service import EXAMPLE, FILE, Providers, said, service, talk


def test_ollamas_address_may_be_given_in_its_own_variable(fakes: Providers) -> None:
    with service(fakes, {}, env={"OLLAMA_HOST": "", "OLLAMA_API_BASE": fakes.ollama.url}) as gateway:
        assert said(talk(gateway, "SAY=there")) == "there"


def test_nobody_is_asked_at_the_start(fakes: Providers) -> None:
    with service(fakes):
        assert [one.requests for one in (fakes.claude, fakes.gpt, fakes.ollama)] == [[], [], []]


def test_where_ollama_is_not_the_answer_says_so(fakes: Providers) -> None:
    with service(fakes, {}, env={"OLLAMA_HOST": "127.0.0.1:9"}) as gateway:
        reply = talk(gateway, "SAY=x")
        assert reply.status == 502
        assert "127.0.0.1:9 refused the connection" in reply.message


def test_a_model_that_is_not_pulled_is_named_with_the_command_that_pulls_it(fakes: Providers) -> None:
    with service(fakes, {}, litellm={"fallback_strategy": ["ollama/phi4"], "allowed_models": []}) as gateway:
        reply = talk(gateway, "SAY=x", "ollama/phi4")
        assert reply.status == 404
        assert "trunkline pull phi4" in f"{reply.message} {reply.header('x-trunkline-hint')}"
        done = _pulled(gateway.home, fakes, "phi4")
        assert done.returncode == 0, done.stderr
        assert said(talk(gateway, "SAY=now", "ollama/phi4")) == "now"


def _pulled(home: Path, fakes: Providers, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trunkline", "pull", *args]
    env = clean_environment(home, {**fakes.environment, **variables})
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=60)


def test_what_the_configuration_names_is_pulled_with_its_progress_in_the_log(fakes: Providers, tmp_path: Path) -> None:
    done = _pulled(tmp_path, fakes, CONFIG_FILE_PATH=str(EXAMPLE / FILE))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "neural-chat: pulling manifest"
    assert "neural-chat: ab12ab12ab12 50 % of 5.2 GB" in lines
    assert lines[-1] == "neural-chat is there."


def test_a_pull_that_breaks_off_goes_on(fakes: Providers, tmp_path: Path) -> None:
    fakes.ollama.program({"path": "/api/pull", "cut_after": 3})
    done = _pulled(tmp_path, fakes, "ollama/mistral")
    assert done.returncode == 0, done.stderr
    assert "going on in 1 s" in done.stdout
    assert [seen.path for seen in fakes.ollama.requests].count("/api/pull") == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["missing-model"], "There is no such model: look for its name at"),
        (["mistral", "--api-base", "http://127.0.0.1:9"], "No Ollama was found. http://127.0.0.1:9:"),
        ([], "Which model?"),
    ],
)
def test_a_pull_that_cannot_be_says_why(fakes: Providers, tmp_path: Path, args: list[str], words: str) -> None:
    done = _pulled(tmp_path, fakes, *args)
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_ollama_is_told_so(fakes: Providers, whole: Gateway, tmp_path: Path) -> None:
    done = _pulled(tmp_path, fakes, "mistral", "--api-base", f"{fakes.gpt.url}/nowhere")
    assert done.returncode == 1
    assert "no Ollama" in done.stderr


def test_on_a_terminal_a_bar_shows_how_far_it_is(fakes: Providers, tmp_path: Path) -> None:
    parent, child = pty.openpty()
    env = {**clean_environment(tmp_path, fakes.environment), "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "trunkline", "pull", "mistral"]
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stdin=child, stdout=child, stderr=child)
    os.close(child)
    shown = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(parent)
    assert process.wait(60) == 0
    text = shown.decode()
    assert "━" in text
    assert "5.2/5.2 GB" in text
    assert "mistral is there." in text
