"""Keys: whose they are, whether they work, where they are kept."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.unit.cli.fake_gateway import FakeGateway
from trunkline.cli import places, provider_keys, providers
from trunkline.errors import ConfigInvalid

ZAI_KEY = "0123456789abcdef0123456789abcdef.AbCdEfGhIjKlMnOp"


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"TRUNKLINE_HOME": str(tmp_path / "home"), "TRUNKLINE_CONFIG_HOME": str(tmp_path / "config"), **more}


def test_a_kept_key_is_read_back_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    here = environ(tmp_path)
    assert provider_keys.kept(here) == {}
    provider_keys.keep(here, "ZAI_API_KEY", "one=1")
    provider_keys.keep(here, "OPENAI_API_KEY", "two")
    provider_keys.keep(here, "ZAI_API_KEY", "three")
    assert provider_keys.kept(here) == {"ZAI_API_KEY": "three", "OPENAI_API_KEY": "two"}
    assert places.keys_file(here).stat().st_mode & 0o077 == 0
    assert places.keys_file(here).parent.stat().st_mode & 0o077 == 0


def test_a_key_that_cannot_be_kept_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where a folder should be")
    with pytest.raises(ConfigInvalid, match="cannot be"):
        provider_keys.keep(environ(tmp_path), "ZAI_API_KEY", "x")


def test_without_a_terminal_and_without_a_key_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError) as told:
        provider_keys.ensure(environ(tmp_path), demo=False)
    for part in ("ZAI_API_KEY", "https://z.ai/", "--demo", "--url"):
        assert part in told.value.message


@pytest.mark.parametrize("found", [{"ZAI_API_KEY": ZAI_KEY}, {"OLLAMA_HOST": "127.0.0.1:11434"}])
def test_nothing_is_asked_when_something_can_be_reached(tmp_path: Path, found: dict[str, str]) -> None:
    assert provider_keys.ensure(environ(tmp_path, **found), demo=False) == {}


def test_a_placeholder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError):
        provider_keys.ensure(environ(tmp_path, ZAI_API_KEY="<your-token>"), demo=False)
    assert provider_keys.ensure(environ(tmp_path, ZAI_API_KEY="<your-token>"), demo=True) == {}


@pytest.mark.parametrize(
    ("key", "whose"),
    [
        (ZAI_KEY, "zai"),
        ("sk-ant-api03-" + "a" * 40, "anthropic"),
        ("sk-proj-" + "a" * 40, "openai"),
        ("sk-or-v1-" + "a" * 40, "openrouter"),
        ("sk-" + "a" * 40, None),
    ],
)
def test_whose_a_key_is(key: str, whose: str | None) -> None:
    row = providers.recognise(key)
    assert (row.name if row else None) == whose


@pytest.mark.parametrize(
    ("name", "variable"), [("zai", "ZAI_API_BASE"), ("anthropic", "ANTHROPIC_API_BASE"), ("openai", "OPENAI_API_BASE")]
)
def test_a_key_is_tried_by_a_free_call(name: str, variable: str) -> None:
    row = providers.known(name)
    with FakeGateway(key="sk-test-1") as fake:
        if name != "anthropic":
            assert providers.verify(row, "sk-test-1", {variable: fake.url})[0] == "good"
            assert providers.verify(row, "sk-test-2", {variable: fake.url})[0] == "wrong"
        else:
            providers.verify(row, "sk-test-1", {variable: fake.url})
            assert fake.asked[0][2]["x-api-key"] == "sk-test-1"
            assert "authorization" not in fake.asked[0][2]
        assert {method for method, _, _ in fake.asked} == {"GET"}
        assert all(path.endswith("/models") for _, path, _ in fake.asked)


def test_a_provider_that_cannot_be_reached_says_nothing_of_the_key() -> None:
    verdict, why = providers.verify(providers.known("zai"), "k", {"ZAI_API_BASE": "http://127.0.0.1:9"})
    assert verdict == "unknown"
    assert "could not be asked" in why
