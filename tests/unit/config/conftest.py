"""What the tests of the configuration share: the fixtures' folder and a way to load a text as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from trunkline.catalog import litellm_sdk
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


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What was read of one SDK must not be known of the next."""
    cached = (litellm_sdk._titles, litellm_sdk._prices, litellm_sdk.price)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with the data files of an SDK; none of its code."""
    home = tmp_path / "litellm"
    (home / "llms" / "openai_like").mkdir(parents=True)
    listed = {"providers": {"bedrock": {"display_name": "AWS - Bedrock (`bedrock`)"}, "brand-new": {}}}
    (home / "provider_endpoints_support_backup.json").write_text(json.dumps(listed))
    (home / "llms" / "openai_like" / "providers.json").write_text(json.dumps({"veniceai": {"base_url": "https://x"}}))
    cost = {"input_cost_per_token": 2.5e-07, "output_cost_per_token": 1.25e-06}
    prices = {
        "anthropic.claude-3-haiku": {**cost, "litellm_provider": "bedrock"},
        "veniceai/llama": {**cost, "litellm_provider": "veniceai"},
        "half": {"input_cost_per_token": 1e-06, "mode": "chat", "litellm_provider": "veniceai"},
        "gpt-5": {**cost, "litellm_provider": "openai"},
    }
    (home / "model_prices_and_context_window_backup.json").write_text(json.dumps(prices))
    monkeypatch.setattr(litellm_sdk, "_home", lambda: home)
    return home
