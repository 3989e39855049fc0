"""Where a provider's wires are spoken, with and without a base of the operator's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.catalog.place import place
from trunkline.catalog.providers import PROVIDERS, find
from trunkline.errors import ConfigInvalid


def bases(name: str, api_base: str = "", **told: Any) -> dict[str, str]:
    row = find(name)
    assert row is not None
    return {wire: end.base for wire, end in place(row, api_base=api_base, **told).items()}


def test_zai_without_a_plan_starts_each_client_where_its_format_lives() -> None:
    assert bases("zai") == {
        "openai_chat": "https://api.z.ai/api/paas/v4",
        "anthropic": "https://api.z.ai/api/anthropic",
    }


def test_the_coding_plan_has_its_own_doors() -> None:
    assert bases("zai", plan="coding") == {
        "openai_chat": "https://api.z.ai/api/coding/paas/v4",
        "anthropic": "https://api.z.ai/api/anthropic",
        "openai_responses": "https://api.z.ai/api/v1",
    }


def test_pay_as_you_go_has_no_anthropic_door() -> None:
    assert bases("zai", plan="payg") == {"openai_chat": "https://api.z.ai/api/paas/v4"}


def test_the_mainland_has_the_same_doors_on_its_own_host() -> None:
    assert bases("zai", region="cn") == {
        "openai_chat": "https://open.bigmodel.cn/api/paas/v4",
        "anthropic": "https://open.bigmodel.cn/api/anthropic",
    }
    assert bases("zai", region="cn", plan="coding")["openai_chat"] == "https://open.bigmodel.cn/api/coding/paas/v4"
    assert bases("bigmodel") == bases("zai", region="cn")


def test_a_mainland_base_stays_on_the_mainland() -> None:
    assert bases("z-ai", "https://open.bigmodel.cn/api/paas/v4/") == bases("zai", region="cn")


def test_an_anthropic_base_at_zai_keeps_chat_in_the_plans_pot() -> None:
    assert bases("zai", "https://api.z.ai/api/anthropic") == bases("zai", plan="coding")
    assert bases("zai", "https://api.z.ai/api/anthropic/v1/messages") == bases("zai", plan="coding")


def test_a_coding_base_at_zai_means_the_coding_plan() -> None:
    assert bases("zai", "https://api.z.ai/api/coding/paas/v4/chat/completions") == bases("zai", plan="coding")


def test_a_pay_as_you_go_base_is_joined_by_its_sister_unless_the_plan_forbids_it() -> None:
    assert bases("zai", "https://api.z.ai/api/paas/v4") == bases("zai")
    assert bases("zai", "https://api.z.ai/api/paas/v4", plan="payg") == bases("zai", plan="payg")


def test_a_written_base_beats_the_plan_for_its_own_wire() -> None:
    assert bases("zai", "https://api.z.ai/api/anthropic", plan="payg") == bases("zai")
    assert bases("zai", "https://api.z.ai/api/paas/v4", plan="coding") == {
        "openai_chat": "https://api.z.ai/api/paas/v4",
        "anthropic": "https://api.z.ai/api/anthropic",
        "openai_responses": "https://api.z.ai/api/v1",
    }


def test_nothing_is_guessed_beside_a_path_that_is_not_zais() -> None:
    assert bases("zai", "https://proxy.example/glm") == {"openai_chat": "https://proxy.example/glm"}
    assert bases("zai", "https://proxy.example/anthropic/glm") == {"anthropic": "https://proxy.example/anthropic/glm"}


@pytest.mark.parametrize("name", ["zai", "deepseek", "moonshot", "openrouter", "gemini", "groq", "xai", "mistral"])
def test_a_bare_origin_gets_the_providers_own_paths(name: str) -> None:
    row = find(name)
    assert row is not None
    placed = bases(name, "http://127.0.0.1:9000/", from_environment=True)
    assert placed == {wire: "http://127.0.0.1:9000" + urlsplit(end.base).path for wire, end in row.endpoints.items()}


def test_an_openai_base_in_a_file_is_the_base_itself() -> None:
    at_root = {"openai_chat": "http://box:8000", "openai_responses": "http://box:8000"}
    below = {"openai_chat": "http://box:8000/v1", "openai_responses": "http://box:8000/v1"}
    assert bases("openai", "http://box:8000") == at_root
    assert bases("openai", "http://box:8000", from_environment=True) == below
    assert bases("openai", "http://box:8000/v1/") == below
    assert bases("openai", "http://box:8000/v1/chat/completions") == below
    assert bases("openai", "http://box:8000/v1/chat/completions", from_environment=True) == below


def test_a_server_that_speaks_chat_only_is_not_asked_for_responses() -> None:
    assert bases("custom_openai", "http://box:8000/v1") == {"openai_chat": "http://box:8000/v1"}


@pytest.mark.parametrize(
    "written", ["https://a.example", "https://a.example/", "https://a.example/v1", "https://a.example/v1/messages"]
)
def test_an_anthropic_base_is_read_with_or_without_its_path(written: str) -> None:
    assert bases("anthropic", written) == {"anthropic": "https://a.example"}


def test_the_anthropic_prefix_reaches_zai_by_its_base() -> None:
    assert bases("anthropic", "https://api.z.ai/api/anthropic") == {"anthropic": "https://api.z.ai/api/anthropic"}


@pytest.mark.parametrize(
    ("written", "root"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":11500", "http://127.0.0.1:11500"),
        ("[::]:11434", "http://127.0.0.1:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("box", "http://box:11434"),
        ("'box:11434'", "http://box:11434"),
        ("http://ollama:11434/", "http://ollama:11434"),
        ("http://ollama:11434/v1", "http://ollama:11434"),
        ("http://ollama:11434/v1/chat/completions", "http://ollama:11434"),
        ("http://ollama:11434/api/chat", "http://ollama:11434"),
        ("https://ollama.com/api", "https://ollama.com"),
        ("https://box.example/ollama", "https://box.example/ollama"),
    ],
)
def test_ollama_is_found_however_its_address_is_written(written: str, root: str) -> None:
    assert bases("ollama", written) == {
        "ollama": root,
        "openai_chat": f"{root}/v1",
        "anthropic": root,
        "openai_responses": f"{root}/v1",
    }


@pytest.mark.parametrize("written", ["http://gpu:8000", "http://gpu:8000/v1", "http://gpu:8000/v1/chat/completions"])
def test_vllm_speaks_three_formats_at_one_address(written: str) -> None:
    assert bases("hosted_vllm", written) == {
        "openai_chat": "http://gpu:8000/v1",
        "anthropic": "http://gpu:8000",
        "openai_responses": "http://gpu:8000/v1",
    }


def test_a_server_without_an_address_says_how_to_give_one() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        bases("hosted_vllm")
    assert "HOSTED_VLLM_API_BASE" in refused.value.remedy
    assert "api_base" in refused.value.remedy


def test_deepseek_is_reached_by_any_of_its_bases() -> None:
    beside = "https://api.deepseek.com/anthropic"
    for base in ("https://api.deepseek.com", "https://api.deepseek.com/v1", "https://api.deepseek.com/beta"):
        assert bases("deepseek", base) == {"openai_chat": base, "anthropic": beside}
    assert bases("deepseek", beside) == bases("deepseek")


def test_openrouters_european_host_keeps_all_its_formats() -> None:
    assert bases("openrouter", "https://eu.openrouter.ai/api/v1") == {
        "openai_chat": "https://eu.openrouter.ai/api/v1",
        "anthropic": "https://eu.openrouter.ai/api",
        "openai_responses": "https://eu.openrouter.ai/api/v1",
    }


def test_azure_keeps_the_resource_and_drops_the_query() -> None:
    whole = "https://me.openai.azure.com/openai/deployments/four/chat/completions?api-version=2024-10-21"
    assert bases("azure", whole)["openai_chat"] == "https://me.openai.azure.com/openai/deployments/four"
    assert bases("azure", "https://me.openai.azure.com/")["openai_chat"] == "https://me.openai.azure.com"


@pytest.mark.parametrize("written", ["localhost:8000/v1", "ftp://box/v1", "http://", "http://box:port/v1", "nonsense"])
def test_what_is_no_url_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        bases("openai", written)
    assert "http" in refused.value.remedy


def test_a_query_in_a_base_is_refused_and_not_lost() -> None:
    with pytest.raises(ConfigInvalid, match="query"):
        bases("openai", "https://box.example/v1?key=1")


def test_a_password_in_a_refused_base_is_not_repeated() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        bases("openai", "ftp://me:sk-test-1@box/v1")
    assert "sk-test-1" not in refused.value.sentence


def test_the_demo_provider_is_where_it_is() -> None:
    assert set(bases("demo", "http://elsewhere")) == {"anthropic", "openai_chat", "openai_responses", "ollama"}


@given(
    row=st.sampled_from(PROVIDERS),
    path=st.sampled_from(["", "/", "/v1", "/v1/", "/api", "/x/y", "/api/paas/v4", "/v1/messages", "/v1/responses"]),
    told=st.booleans(),
)
def test_a_place_is_always_one_of_the_rows_wires_at_a_clean_base(row: Any, path: str, told: bool) -> None:
    placed = place(row, api_base=f"http://127.0.0.1:8123{path}", from_environment=told)
    known = {wire for table in (row.endpoints, *row.variants.values()) for wire in table}
    assert placed
    assert set(placed) <= known
    for wire, end in placed.items():
        assert not end.base.endswith("/")
        assert row.embedded or end.base.startswith("http://127.0.0.1:8123")
        assert wire != "anthropic" or not end.base.endswith("/v1")
