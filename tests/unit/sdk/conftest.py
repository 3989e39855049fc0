"""The SDK in the tests' own process: fresh settings, an environment without providers, and an empty working folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import trunkline
from tests.fake import GOOD_KEY, FakeProvider
from trunkline.sdk.settings import SETTINGS, Settings


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL")) or name.startswith(("LITELLM_", "TRUNKLINE_", "GLM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.chdir(tmp_path)
    plain = Settings()
    yield
    for each in fields(Settings):
        setattr(SETTINGS, each.name, getattr(plain, each.name))
    trunkline.turn_off_debug()


@pytest.fixture(scope="session", autouse=True)
def closed() -> Iterator[None]:
    yield
    trunkline.close()


@pytest.fixture
def zai(fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """Z.AI is the fake, and its key is in the environment."""
    monkeypatch.setenv("ZAI_API_KEY", GOOD_KEY)
    monkeypatch.setenv("ZAI_BASE_URL", fake_provider.url)
    return fake_provider


def said(text: str) -> list[dict[str, str]]:
    """One turn of a user's."""
    return [{"role": "user", "content": text}]
