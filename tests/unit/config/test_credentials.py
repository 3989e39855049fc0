"""Credentials that several models share."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.errors import ConfigInvalid

LIST = """credential_list:
  - credential_name: mine
    credential_values:
      api_key: os.environ/SHARED
      api_base: https://eu.openai.azure.com
      api_version: "2024-10-21"
"""


def model(params: str) -> str:
    return f"model_list:\n  - {{model_name: m, litellm_params: {{{params}}}}}\n"


def test_a_model_has_what_its_credential_says(loaded: Loaded) -> None:
    text = LIST + model("model: azure/gpt-4o, litellm_credential_name: mine")
    [deployment] = loaded(text, SHARED="sk-test-1").groups["m"]
    assert deployment.key and (deployment.key.value, deployment.key.source) == ("sk-test-1", "SHARED")
    assert deployment.doors["openai_chat"].base.startswith("https://eu.openai.azure.com")
    assert deployment.api_version == "2024-10-21"
    assert "litellm_credential_name" not in deployment.params


def test_what_a_model_says_itself_wins(loaded: Loaded) -> None:
    text = LIST + model("model: azure/gpt-4o, api_version: 2025-01-01, litellm_credential_name: mine")
    [deployment] = loaded(text, SHARED="sk-test-1").groups["m"]
    assert deployment.api_version == "2025-01-01"


def test_a_key_that_is_missing_is_told_at_the_line_of_the_credential(loaded: Loaded) -> None:
    snapshot = loaded(LIST + model("model: azure/gpt-4o, litellm_credential_name: mine"))
    [warning] = [each for each in snapshot.warnings if each.kind == "key"]
    assert warning.where == "config.yaml:4"


def test_a_credential_that_is_not_there_is_told_with_the_nearest(loaded: Loaded) -> None:
    snapshot = loaded(LIST + model("model: zai/glm-4.6, api_key: sk-test-1, litellm_credential_name: minee"))
    told = {each.kind: each for each in snapshot.warnings}
    assert "Did you mean `mine`?" in told["value"].remedy
    assert told["note"].message == "the credential `mine` is used by no model."


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("credential_list: {a: b}\n", 1, "must be a list"),
        ("credential_list: [a]\n", 1, "must be a mapping"),
        ("credential_list:\n  - credential_values: {api_key: a}\n", 2, "no `credential_name`"),
        ("credential_list:\n  - credential_name: a\n", 2, "no `credential_values`"),
    ],
)
def test_one_that_says_nothing_refuses(loaded: Loaded, text: str, line: int, says: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        loaded(text + model("model: zai/glm-4.6"))
    assert refused.value.message.startswith(f"config.yaml:{line}:")
    assert says in refused.value.message
    assert "credential_values" in refused.value.remedy
