"""The Dockerfile and the compose files, as they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.image.rehearsal import ROOT

EXAMPLES = ROOT / "examples"


def test_the_linter_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run([str(hadolint), str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stdout


def test_nothing_but_the_package_is_given_to_the_engine() -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    assert {rule for rule in rules if rule.startswith("!")} == {
        *("!src", "!requirements.lock", "!requirements-build.lock", "!pyproject.toml", "!README.md", "!LICENSE"),
    }


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/docker-compose.y*ml")), ids=lambda path: path.parent.name)
def test_a_compose_file_publishes_to_this_machine_and_keeps_the_home(path: Path) -> None:
    compose: dict[str, Any] = yaml.safe_load(path.read_text())
    gateway = next(each for each in compose["services"].values() if each.get("image") == "trunkline")
    assert gateway["restart"] == "unless-stopped"
    assert all(str(port).startswith("127.0.0.1:") for port in gateway["ports"])
    named = [volume.split(":") for volume in gateway["volumes"] if not volume.startswith(".")]
    assert named == [["trunkline", "/var/lib/trunkline"]]
    mounted = [volume.split(":") for volume in gateway["volumes"] if volume.startswith(".")]
    assert mounted and all((path.parent / source).exists() for source, *_ in mounted)
    assert "trunkline" in compose["volumes"]
    assert (path.parent / ".env.example").exists()
