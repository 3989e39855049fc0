"""Runs coding agents without a screen: Claude Code and Codex, each with a home and a project of its own.

Nothing of the person who runs the tests is read or written; every run has a time limit, after which it is ended with
all that it started.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.conftest import Door
from tests.harness import clean_environment, npm_client


@dataclass(frozen=True, slots=True)
class Run:
    """What a run left: its exit code, its output, and how long it took in seconds. `code` is None when time was up."""

    code: int | None
    stdout: str
    stderr: str
    took: float

    @property
    def told(self) -> str:
        return f"exit {self.code} after {self.took:.1f} s\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"

    @property
    def result(self) -> dict[str, Any]:
        """Claude Code's final JSON record."""
        found = [line for line in self.stdout.splitlines() if line.startswith("{")]
        assert found, f"the agent printed no JSON\n{self.told}"
        made: dict[str, Any] = json.loads(found[-1])
        return made


@contextmanager
def workplace() -> Iterator[tuple[Path, Path]]:
    """A fresh home and a fresh project folder, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="trunkline-agent-", ignore_cleanup_errors=True) as top:
        home, project = Path(top) / "home", Path(top) / "project"
        home.mkdir()
        project.mkdir()
        yield home, project


def run(command: Sequence[str], *, home: Path, project: Path, env: Mapping[str, str], within: float) -> Run:
    """Run a command in its own process group; when time is up the whole group is ended and the code is None."""
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=project,
        env=clean_environment(home, env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    late = False
    try:
        stdout, stderr = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        late = True
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=10)
    return Run(None if late else process.returncode, stdout, stderr, time.monotonic() - begun)


def claude(
    door: Door,
    prompt: str,
    *,
    home: Path,
    project: Path,
    model: str = "claude-sonnet-5-5",
    key: str | None = None,
    base: str | None = None,
    env: Mapping[str, str] | None = None,
    args: Sequence[str] = (),
    within: float = 60,
) -> Run:
    """`claude -p`, pointed at the door by the variables that its vendor documents for gateways."""
    variables = {
        "ANTHROPIC_BASE_URL": base or door.url,
        "ANTHROPIC_AUTH_TOKEN": key or door.key,
        "ANTHROPIC_MODEL": model,
        "ANTHROPIC_DEFAULT_OPUS_MODEL": model,
        "ANTHROPIC_DEFAULT_SONNET_MODEL": model,
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-haiku-4-5",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "IS_SANDBOX": "1",
        **(env or {}),
    }
    command = [
        str(npm_client("claude")),
        "-p",
        prompt,
        "--output-format",
        "json",
        "--dangerously-skip-permissions",
        *args,
    ]
    return run(command, home=home, project=project, env=variables, within=within)


def codex(
    door: Door,
    prompt: str,
    *,
    home: Path,
    project: Path,
    model: str = "gpt-5.6-sol",
    key: str | None = None,
    settings: Mapping[str, str] | None = None,
    within: float = 60,
) -> Run:
    """`codex exec` with a provider given on its command line; no file of its configuration is written."""
    chosen = {
        "model_provider": '"door"',
        "model_providers.door.name": '"door"',
        "model_providers.door.base_url": json.dumps(door.v1),
        "model_providers.door.wire_api": '"responses"',
        "model_providers.door.env_key": '"DOOR_KEY"',
        "model_providers.door.request_max_retries": "0",
        "model_providers.door.stream_max_retries": "0",
        **(settings or {}),
    }
    command = [str(npm_client("codex")), "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
    command += ["--json", "-m", model]
    for name, value in chosen.items():
        command += ["-c", f"{name}={value}"]
    env = {"DOOR_KEY": key or door.key, "CODEX_HOME": str(home / "codex")}
    (home / "codex").mkdir(exist_ok=True)
    return run([*command, prompt], home=home, project=project, env=env, within=within)
