"""`trunkline claude` and `trunkline codex` as processes, with a program on PATH that says what it was given.

The real clients through a real gateway are in the files beside this one; here is what stands around them.
"""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.unit.cli.fake_gateway import FakeGateway
from trunkline.cli.locks import is_held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="exec and terminals are POSIX's")

PROGRAM = """
import json, os, sys, time
told = {{"argv": sys.argv[1:], "env": dict(os.environ), "pid": os.getpid()}}
if "--settings" in sys.argv:
    given = sys.argv[sys.argv.index("--settings") + 1]
    told["settings_inline"] = given.startswith("{{")
    told["settings"] = json.loads(given if given.startswith("{{") else open(given).read())
    told["settings_mode"] = None if given.startswith("{{") else os.stat(given).st_mode & 0o777
with open({out!r} + ".new", "w") as file:
    json.dump(told, file)
os.rename({out!r} + ".new", {out!r})
if os.environ.get("STAY"):
    time.sleep(60)
sys.exit(7)
"""
"""Writes down what it was given, then ends with 7, or stays if it was asked to."""
ZAI_KEY = "0123456789abcdef0123456789abcdef.AbCdEfGhIjKlMnOp"


class Desk:
    """A person's machine: a home, a working folder, and `claude` and `codex` on the path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home, self.work, self.bin = root / "person", root / "some project", root / "bin"
        for folder in (self.home, self.work, self.bin):
            folder.mkdir()
        self.out = root / "told.json"
        for name in ("claude", "codex"):
            program, script = self.bin / name, self.bin / f"{name}.py"
            script.write_text(PROGRAM.format(out=str(self.out)))
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(script))} "$@"\n')
            program.chmod(0o755)

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HOME": str(self.home),
            "TRUNKLINE_HOME": str(self.root / "data"),
            "TRUNKLINE_CONFIG_HOME": str(self.root / "settings"),
            "TERM": "xterm",
            **more,
        }

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-P", "-m", "trunkline", *args]

    def run(self, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*args),
            env=self.environ(**more),
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
        )

    @property
    def told(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.out.read_text())
        return read

    def gateways(self) -> list[psutil.Process]:
        """The gateways that launchers of this desk started and that still run."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = process.info["cmdline"] or []
            if "keep" in line and any(str(self.root) in part for part in line):
                found.append(process)
        return found


def until(holds: Callable[[], object], seconds: float = 15.0) -> None:
    """Waits until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    for process in made.gateways():
        process.terminate()
        process.wait(15)


def test_the_client_is_given_a_named_gateway_and_its_exit_code_is_ours(desk: Desk) -> None:
    with FakeGateway(key="sk-test-1") as fake:
        done = desk.run("claude", "--url", fake.url, "--key", "sk-test-1", "--", "-p", "hi there")
        assert done.returncode == 7, done.stderr
        env = desk.told["env"]
        assert env["ANTHROPIC_BASE_URL"] == fake.url
        assert env["ANTHROPIC_AUTH_TOKEN"] == "sk-test-1"
        assert env["ANTHROPIC_API_KEY"] == ""
        assert env["ANTHROPIC_MODEL"] == "claude-opus-5-5"
        assert desk.told["argv"][2:] == ["-p", "hi there"]
        assert desk.gateways() == []


def test_a_key_is_never_on_a_command_line(desk: Desk) -> None:
    with FakeGateway(key="sk-test-1") as fake:
        desk.run("claude", "--url", fake.url, TRUNKLINE_API_KEY="sk-test-1")
        told = desk.told
        assert "sk-test-1" not in " ".join(told["argv"])
        assert told["settings"]["env"]["ANTHROPIC_AUTH_TOKEN"] == "sk-test-1"
        assert told["settings_mode"] == 0o600
        desk.run("codex", "--url", fake.url, TRUNKLINE_API_KEY="sk-test-1")
        assert "sk-test-1" not in " ".join(desk.told["argv"])
        assert desk.told["env"]["TRUNKLINE_API_KEY"] == "sk-test-1"


def test_settings_of_a_cloned_project_cannot_redirect_a_key(desk: Desk) -> None:
    (desk.work / ".env").write_text(
        "ANTHROPIC_BASE_URL=http://evil\nTRUNKLINE_URL=http://evil\nZAI_API_BASE=http://evil\n"
    )
    (desk.work / "config.yaml").write_text("model_list: [{model_name: x, litellm_params: {model: openai/x}}]\n")
    done = desk.run("claude", "--demo")
    assert done.returncode == 7, done.stderr
    assert desk.told["env"]["ANTHROPIC_BASE_URL"].startswith("http://127.0.0.1:")
    assert "evil" not in json.dumps(desk.told)


def test_the_person_s_settings_are_kept_beside_ours(desk: Desk) -> None:
    with FakeGateway() as fake:
        desk.run("claude", "--url", fake.url, "--", "--settings", '{"env": {"FOO": "1"}, "model": "x"}')
        settings = desk.told["settings"]
        assert settings["model"] == "x"
        assert settings["env"]["FOO"] == "1"
        assert settings["env"]["ANTHROPIC_BASE_URL"] == fake.url
        assert desk.told["argv"].count("--settings") == 1


def test_models_can_be_chosen(desk: Desk) -> None:
    with FakeGateway() as fake:
        desk.run("claude", "--url", fake.url, "--model", "glm-5.3", "--haiku", "glm-5.3-flash")
        env = desk.told["env"]
        assert env["ANTHROPIC_MODEL"] == env["ANTHROPIC_DEFAULT_SONNET_MODEL"] == "glm-5.3"
        assert env["ANTHROPIC_SMALL_FAST_MODEL"] == "glm-5.3-flash"


def test_without_a_key_and_a_terminal_there_is_an_instruction(desk: Desk) -> None:
    done = desk.run("claude")
    assert done.returncode == 2
    assert "ZAI_API_KEY" in done.stderr
    assert "--demo" in done.stderr
    assert not desk.out.exists()


def test_a_client_that_is_not_installed_is_named_with_the_line_that_installs_it(desk: Desk) -> None:
    (desk.bin / "claude").unlink()
    done = desk.run("claude", "--demo")
    assert done.returncode == 127
    assert "npm install -g @anthropic-ai/claude-code" in done.stderr
    assert desk.gateways() == []


def test_the_environment_can_be_printed_without_secrets(desk: Desk) -> None:
    with FakeGateway(key="sk-test-1") as fake:
        shown = desk.run("claude", "--url", fake.url, "--key", "sk-test-1", "--print-env")
        assert shown.returncode == 0
        assert f"export ANTHROPIC_BASE_URL={fake.url}\n" in shown.stdout
        assert "sk-test-1" not in shown.stdout
        shown = desk.run("codex", "--url", fake.url, "--key", "sk-test-1", "--print-env", "--show-secrets")
        assert "export TRUNKLINE_API_KEY=sk-test-1\n" in shown.stdout
        assert not desk.out.exists()


def test_nobody_s_files_are_touched_without_a_screen(desk: Desk) -> None:
    with FakeGateway() as fake:
        desk.run("claude", "--url", fake.url, "--", "-p", "hi")
        desk.run("codex", "--url", fake.url)
    assert list(desk.home.iterdir()) == []
    assert list(desk.work.iterdir()) == []


def test_a_started_gateway_is_shared_and_ends_with_its_last_client(desk: Desk) -> None:
    clients = []
    for _ in range(2):
        desk.out.unlink(missing_ok=True)
        clients.append(subprocess.Popen(desk.command("claude", "--demo"), env=desk.environ(STAY="1"), cwd=desk.work))
        until(desk.out.exists, 30)
    (gateway,) = desk.gateways()
    urls = {desk.told["env"]["ANTHROPIC_BASE_URL"]}
    assert len(urls) == 1
    assert desk.told["pid"] == clients[1].pid  # the launcher became the client: signals and exit code are its own
    clients[0].kill()
    assert clients[0].wait(10) == -signal.SIGKILL
    time.sleep(3)
    assert gateway.is_running()
    clients[1].terminate()
    assert clients[1].wait(10) == -signal.SIGTERM
    until(lambda: not gateway.is_running())
    launch = desk.root / "data" / "launch"
    assert list(launch.rglob("gateway.json")) == []
    assert list(launch.rglob("settings-*.json")) == []
    assert not any(is_held(path) for path in launch.rglob("clients/*"))


def test_a_key_that_is_pasted_is_tried_kept_and_used(desk: Desk) -> None:
    with FakeGateway(key=ZAI_KEY) as provider:
        environ = desk.environ(ZAI_API_BASE=provider.url)
        wrong = ZAI_KEY.replace("0", "9")
        shown, code = at_terminal(desk, environ, ["claude"], {"Paste a key": wrong, "does not accept": ZAI_KEY})
    assert code == 7, shown
    assert ZAI_KEY not in shown
    assert "Kept as ZAI_API_KEY" in shown
    kept = desk.root / "settings" / "keys.env"
    assert f"ZAI_API_KEY={ZAI_KEY}" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert ZAI_KEY not in json.dumps(desk.told)
    assert json.loads((desk.home / ".claude.json").read_text()) == {"hasCompletedOnboarding": True}


def test_enter_alone_tries_the_demo(desk: Desk) -> None:
    shown, code = at_terminal(desk, desk.environ(), ["claude"], {"Paste a key": ""})
    assert code == 7, shown
    assert not (desk.root / "settings" / "keys.env").exists()


def at_terminal(desk: Desk, environ: dict[str, str], args: list[str], answers: dict[str, str]) -> tuple[str, int]:
    """Runs a command in a terminal of its own, typing each answer when its question is seen."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(desk.work)
        command = desk.command(*args)
        os.execve(command[0], command, environ)
    shown, left, end = b"", dict(answers), time.monotonic() + 60
    try:
        while time.monotonic() < end:
            if not select.select([master], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other side is closed: that is how Linux says so
                break
            if not piece:
                break
            shown += piece
            for question in [question for question in left if question.encode() in shown]:
                time.sleep(0.3)
                os.write(master, left.pop(question).encode() + b"\n")
    finally:
        os.close(master)
    _, status = os.waitpid(pid, 0)
    return shown.decode("utf-8", "replace"), os.waitstatus_to_exitcode(status)
