"""What the tests of the configuration share: the fixtures' folder and a way to load a text as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from trunkline.config.load import load
from trunkline.config.schema import Snapshot

FIXTURES = Path(__file__).parents[2] / "fixtures" / "config"

Loaded = Callable[..., Snapshot]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    """Loads a text as `config.yaml`: `loaded(text, ZAI_API_KEY="sk-test-1")`."""

    def with_text(text: str, ignore: frozenset[str] = frozenset(), **environ: str) -> Snapshot:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path, environ, ignore=ignore)

    return with_text


@pytest.fixture
def fixture(tmp_path: Path) -> Callable[[str, Mapping[str, str]], Snapshot]:
    """Loads one of the written fixtures."""
    return lambda name, environ: load(FIXTURES / name, environ)
