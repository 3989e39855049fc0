"""The command itself: which verb is meant, and what comes out when something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from trunkline import __version__
from trunkline.cli import serve
from trunkline.cli.main import main, with_verb
from trunkline.errors import ConfigInvalid


@pytest.mark.parametrize(
    ("args", "program", "expected"),
    [
        ([], "trunkline", ["--help"]),
        ([], "litellm", ["serve"]),
        (["--config", "f.yaml", "--port", "4000"], "trunkline", ["serve", "--config", "f.yaml", "--port", "4000"]),
        (["-c", "f.yaml"], "litellm", ["serve", "-c", "f.yaml"]),
        (["--help"], "trunkline", ["--help"]),
        (["--version"], "trunkline", ["--version"]),
        (["doctor", "--json"], "trunkline", ["doctor", "--json"]),
    ],
)
def test_flags_without_a_verb_mean_serve(args: list[str], program: str, expected: list[str]) -> None:
    assert with_verb(args, program) == expected


def run(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environ.setdefault("TRUNKLINE_HOME", str(Path(tempfile.gettempdir()) / "trunkline-test-home"))
    bare = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "SYSTEMROOT")}
    command = [sys.executable, "-P", "-m", "trunkline", *args]
    return subprocess.run(command, env=bare | environ, capture_output=True, text=True, timeout=60)


def test_the_version_is_told_quickly() -> None:
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        done = run("--version")
        took.append(time.perf_counter() - begun)
        assert done.stdout == f"trunkline {__version__}\n"
    assert min(took) < 0.5  # 0.04 s on an idle machine


def test_the_bare_command_shows_every_verb() -> None:
    done = run()
    assert done.returncode == 0
    for verb in ("serve", "claude", "codex", "doctor", "check", "models", "spend"):
        assert verb in done.stdout
    assert "keep" not in done.stdout


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["serve", "--port", "70000"], "70000"),
        (["--port", "http"], "http"),
        (["serve", "--ssl_keyfile_path", "k.pem"], "--ssl_certfile_path"),
        (["servee"], "trunkline serve"),
        (["serve", "--no-such-flag"], "no_such_flag"),
        (["serve", "--setup"], "trunkline claude"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(args: list[str], says: str) -> None:
    done = run(*args)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.startswith("trunkline: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_port_from_the_environment_is_checked_too() -> None:
    done = run("serve", PORT="99999")
    assert done.returncode == 2
    assert "99999" in done.stderr


def fail_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> int:
    def raising(*_: object) -> object:
        raise error

    monkeypatch.setattr(serve, "take_parsed", raising)
    with pytest.raises(SystemExit) as ended:
        main(["serve"])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_failure_is_its_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code = fail_with(ConfigInvalid("config.yaml:3: `model` is missing.", remedy="Add it."), monkeypatch)
    assert code == 1
    assert capsys.readouterr().err == "trunkline: config.yaml:3: `model` is missing. Add it.\n"


def test_a_defect_is_called_one_and_its_report_is_private(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TRUNKLINE_HOME", str(tmp_path))
    assert fail_with(RuntimeError("boom"), monkeypatch) == 70
    said = capsys.readouterr().err
    assert "defect of Trunkline" in said
    assert "Traceback" not in said
    (report,) = (tmp_path / "logs").iterdir()
    assert str(report) in said
    assert "RuntimeError: boom" in report.read_text()
    if os.name == "posix":
        assert report.stat().st_mode & 0o077 == 0
