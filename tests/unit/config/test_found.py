"""Configurations in the shapes that are found in public: each is read as its marks say, and written anew without a fault.

The files are in `tests/fixtures/config/found`; `marks` says how to add one.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.config.marks import Expected, configurations, expected
from trunkline.catalog import litellm_sdk
from trunkline.cli import check
from trunkline.config.check import doubts
from trunkline.config.load import load
from trunkline.config.migrate import migrate
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid

ALL = configurations()


def name(path: Path) -> str:
    return path.parent.name if path.stem == "config" else path.name


@pytest.fixture(params=ALL, ids=name)
def path(request: pytest.FixtureRequest) -> Path:
    given: Path = request.param
    return given


@pytest.fixture
def marked(path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Expected:
    """What is expected of the file, in an environment that is just so."""
    found = expected(path)
    if found.sdk:
        request.getfixturevalue("installed")
    else:
        monkeypatch.setattr(litellm_sdk, "_home", lambda: None)
    return found


def told(snapshot: Snapshot) -> Counter[tuple[str, int, str, bool]]:
    counted = doubts(snapshot)
    found: Counter[tuple[str, int, str, bool]] = Counter()
    for warning in snapshot.warnings:
        place, _, line = warning.where.rpartition(":")
        found[place.rpartition("/")[2], int(line), warning.kind, warning in counted] += 1
    return found


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 40


def test_it_is_read_as_its_marks_say(path: Path, marked: Expected) -> None:
    if marked.refused_at:
        with pytest.raises(ConfigInvalid) as refused:
            load(path, marked.environ, ignore=marked.ignore)
        assert refused.value.message.startswith(f"{marked.refused_at}:")
        assert refused.value.remedy
        return
    snapshot = load(path, marked.environ, ignore=marked.ignore)
    assert told(snapshot) == marked.warnings
    for warning in snapshot.warnings:
        assert warning.message.endswith(".")
    for warning in doubts(snapshot):
        assert warning.remedy or "--ignore" in warning.message


def test_check_ends_with_the_code_that_ci_needs(
    path: Path, marked: Expected, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "environ", marked.environ)
    code = check.report(path, ignore=marked.ignore, as_data=True)
    assert code == (1 if marked.refused_at or any(counts for *_, counts in marked.warnings) else 0)
    data = json.loads(capsys.readouterr().out)
    assert data["ok"] is (code == 0)
    if not marked.refused_at:
        assert sum(each["counts"] for each in data["warnings"]) == sum(
            times for (*_, counts), times in marked.warnings.items() if counts
        )


def test_written_anew_it_says_the_same_without_a_fault(path: Path, marked: Expected, tmp_path: Path) -> None:
    if marked.refused_at and not marked.mendable:
        with pytest.raises(ConfigInvalid):
            migrate(path, marked.environ, ignore=marked.ignore)
        return
    made = migrate(path, marked.environ, ignore=marked.ignore)
    anew = tmp_path / "config.yaml"
    anew.write_text(made.text, encoding="utf-8")
    environ = marked.environ | {key: secret.value for key, secret in made.secrets.items()}
    snapshot = load(anew, environ, ignore=marked.ignore)
    assert not [each for each in doubts(snapshot) if each.kind in ("unknown", "misplaced")], made.text
    again = migrate(anew, environ, ignore=marked.ignore)
    assert said(again.text) == said(made.text)
    assert not again.secrets
    for secret in made.secrets.values():
        assert secret.value not in made.text


def said(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
