"""Which provider a name means, and what every row must have."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from trunkline.catalog.providers import PROVIDERS, at_host, find, nearest, split


@pytest.mark.parametrize(
    ("written", "provider"),
    [
        ("zai", "zai"),
        ("z-ai", "zai"),
        ("ZAI", "zai"),
        ("bigmodel", "bigmodel"),
        ("ollama_chat", "ollama"),
        ("vllm", "hosted_vllm"),
        ("together", "together_ai"),
        ("custom_openai", "openai_like"),
        ("x-ai", "xai"),
        (" Anthropic ", "anthropic"),
    ],
)
def test_a_provider_is_found_by_any_of_its_names(written: str, provider: str) -> None:
    found = find(written)
    assert found is not None
    assert found.name == provider


def test_the_prefix_is_taken_off_and_the_rest_is_kept_whole() -> None:
    zai, model = split("zai/glm-5.3") or (None, "")
    assert zai is find("zai")
    assert model == "glm-5.3"
    openrouter, nested = split("openrouter/anthropic/claude-opus-5.5") or (None, "")
    assert openrouter is find("openrouter")
    assert nested == "anthropic/claude-opus-5.5"


@pytest.mark.parametrize("model", ["glm-5.3", "", "zai/", "/glm", "nobody/knows", "meta-llama/Llama-3.3"])
def test_a_name_without_a_known_prefix_has_no_provider(model: str) -> None:
    assert split(model) is None


@pytest.mark.parametrize(
    ("typo", "meant"), [("antropic", "anthropic"), ("zia", "zai"), ("opnai", "openai"), ("olama", "ollama")]
)
def test_a_mistyped_prefix_is_recognised(typo: str, meant: str) -> None:
    assert nearest(typo) == meant


def test_nothing_is_suggested_for_a_prefix_like_no_other() -> None:
    assert nearest("qqqqqqqq") == ""


def test_the_host_says_who_is_paid_whatever_the_prefix_was() -> None:
    zai, bigmodel = at_host("https://api.z.ai/api/anthropic"), at_host("https://open.bigmodel.cn/api/paas/v4")
    assert zai is find("zai")
    assert bigmodel is find("bigmodel")
    assert at_host("http://127.0.0.1:11434") is None
    assert at_host("https://gateway.example.com/v1") is None


def test_every_name_belongs_to_one_provider_only() -> None:
    names = [name for row in PROVIDERS for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)


@pytest.mark.parametrize("row", PROVIDERS, ids=lambda row: row.name)
def test_a_row_says_where_it_was_read_and_holds_sound_addresses(row) -> None:  # type: ignore[no-untyped-def]
    assert row.embedded or re.search(r"\d{4}-\d{2}-\d{2}", row.source)
    assert not row.needs_key or row.key_names
    for table in (row.endpoints, *row.variants.values()):
        assert table
        for end in table.values():
            assert not end.base.endswith("/")
            assert row.embedded or not end.base or urlsplit(end.base).scheme in {"http", "https"}
        assert "anthropic" not in table or not table["anthropic"].base.endswith("/v1")


def test_a_clients_own_variables_are_never_read_as_an_upstream() -> None:
    read = {name for row in PROVIDERS for name in (*row.base_names, *row.key_names)}
    assert not read & {"ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "ANTHROPIC_AUTH_TOKEN"}


def test_a_variable_is_read_for_one_provider_only() -> None:
    names = [name for row in PROVIDERS for name in (*row.base_names, *row.key_names)]
    assert len(names) == len(set(names))
