"""Runs `trunkline doctor` as a person does, in a folder of its own, and reads what it found."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests.harness import clean_environment


@dataclass(frozen=True)
class Found:
    """`code`: the exit code; `rows`: the findings; `said`: what it said beside them."""

    code: int
    rows: list[dict[str, Any]]
    said: str

    def one(self, check: str, word: str = "") -> dict[str, Any]:
        """The only finding of that check that has the word in it."""
        rows = [row for row in self.rows if row["check"] == check and word in row["seen"]]
        assert len(rows) == 1, (check, word, self.rows)
        return rows[0]

    def all(self, check: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["check"] == check]


def doctor(
    home: Path, config: str | None, *args: str, env: Mapping[str, str] | None = None, dotenv: str | None = None
) -> Found:
    """What it finds with that configuration (None: the environment alone) and that `.env`. No gateway runs."""
    chosen: list[str] = []
    if config is not None:
        (home / "config.yaml").write_text(config, encoding="utf-8")
        chosen = ["--config", "config.yaml"]
    if dotenv is not None:
        (home / ".env").write_text(dotenv, encoding="utf-8")
        (home / ".env").chmod(0o600)
    done = subprocess.run(
        [sys.executable, "-m", "trunkline", "doctor", "--json", *chosen, *args],
        cwd=home,
        env=clean_environment(home, env),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] == (done.returncode == 0)
    assert told["ok"] == all(row["state"] != "fail" for row in told["checks"])
    return Found(done.returncode, told["checks"], done.stderr)


def models(*rows: tuple[str, str]) -> str:
    """A configuration of (name, what stands under `litellm_params` as a flow mapping's inside)."""
    lines = ["model_list:"]
    for name, params in rows:
        lines += [f'  - model_name: "{name}"', f"    litellm_params: {{{params}}}"]
    return "\n".join(lines) + "\n"


def server_tls(authority: trustme.CA, name: str, **more: Any) -> ssl.SSLContext:
    """The context of a server that is called so."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, **more).configure_cert(context)
    return context
