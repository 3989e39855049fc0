"""How an Azure URL is put together."""

from __future__ import annotations

import pytest

from trunkline.catalog.azure import azure_url, azure_version

CHAT = "/chat/completions"
RESOURCE = "https://me.openai.azure.com"


@pytest.mark.parametrize("base", [RESOURCE, f"{RESOURCE}/", f"{RESOURCE}/openai"])
def test_the_deployment_stands_in_the_path_and_the_version_in_the_query(base: str) -> None:
    url = azure_url(base, "my four", CHAT, "2024-06-01")
    assert url == f"{RESOURCE}/openai/deployments/my%20four/chat/completions?api-version=2024-06-01"


def test_a_base_that_names_a_deployment_keeps_it() -> None:
    url = azure_url(f"{RESOURCE}/openai/deployments/four", "gpt-4o", CHAT, "2024-06-01")
    assert url == f"{RESOURCE}/openai/deployments/four/chat/completions?api-version=2024-06-01"


def test_without_a_version_the_last_released_one_is_asked_for() -> None:
    assert azure_url(RESOURCE, "four", "/embeddings").endswith("/deployments/four/embeddings?api-version=2024-10-21")


@pytest.mark.parametrize(("base", "version"), [(f"{RESOURCE}/openai/v1", "2024-06-01"), (RESOURCE, "preview")])
def test_the_newer_scheme_is_plain_openai(base: str, version: str) -> None:
    assert azure_url(base, "four", CHAT, version) == f"{RESOURCE}/openai/v1/chat/completions"


def test_responses_exist_at_the_newer_scheme_only() -> None:
    assert azure_url(RESOURCE, "four", "/responses", "2024-06-01") == f"{RESOURCE}/openai/v1/responses"
    assert azure_url(RESOURCE, "four", "/responses/resp_1") == f"{RESOURCE}/openai/v1/responses/resp_1"


def test_the_version_of_a_copied_url_is_found() -> None:
    assert azure_version(f"{RESOURCE}/openai/deployments/x{CHAT}?api-version=2024-06-01") == "2024-06-01"
    assert azure_version(RESOURCE) == ""
