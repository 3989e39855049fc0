"""What stands under `trunkline:` and says what other shapes of files have words for."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.errors import ConfigInvalid

MODELS = """\
model_list:
- {model_name: dear, litellm_params: {model: openai/gpt-4-turbo, api_key: sk-test-1}}
- {model_name: free, litellm_params: {model: ollama/mistral}}
trunkline:
"""


def test_the_cheapest_of_several_under_one_name(loaded: Loaded) -> None:
    found = loaded(MODELS + "  cheapest: {auto: [dear, free, lost]}\n  default_model: auto\n")
    assert found.cheapest == {"auto": ("dear", "free")}
    assert found.default_model == "auto"
    (warning,) = found.warnings
    assert "the model `lost` of `auto` is named, and no model has that" in str(warning)


def test_a_name_for_the_cheapest_may_be_fallen_back_to(loaded: Loaded) -> None:
    found = loaded(MODELS + "  cheapest: {auto: free}\nlitellm_settings: {fallbacks: [{dear: [auto]}]}\n")
    assert (found.fallbacks, found.warnings) == ({"dear": ("auto",)}, ())


def test_such_a_name_that_hides_a_model_is_a_warning(loaded: Loaded) -> None:
    found = loaded(MODELS + "  cheapest: {dear: [free]}\n")
    assert "hides the model of that name" in str(found.warnings[0])


def test_such_a_name_without_models_refuses(loaded: Loaded) -> None:
    with pytest.raises(ConfigInvalid, match=r"config.yaml:5: `auto` of `cheapest` names no model"):
        loaded(MODELS + "  cheapest: {auto: [lost]}\n")


def test_kinds_that_no_fallback_follows_are_in_the_houses_order_and_checked(loaded: Loaded) -> None:
    found = loaded(MODELS + "  no_fallback_on: [timeout, quotta, rate]\n")
    assert found.routing.no_fallback_on == ("rate", "timeout")
    assert "Did you mean `quota`?" in str(found.warnings[0])


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_refuses(loaded: Loaded, port: str) -> None:
    with pytest.raises(ConfigInvalid, match="`port`"):
        loaded(MODELS + f"  port: {port}\n")
    assert loaded(MODELS + "  port: 8001\n").port == 8001


def test_the_demo_may_be_left_out(loaded: Loaded) -> None:
    assert "demo/echo" in loaded(MODELS + "  demo: true\n").groups
    found = loaded(MODELS + "  demo: false\n")
    assert (list(found.groups), found.wildcards) == (["dear", "free"], ())


@pytest.mark.parametrize(("word", "level"), [("WARN", "warning"), ("critical", "error"), ("Debug", "debug")])
def test_a_level_is_written_in_any_of_its_words(loaded: Loaded, word: str, level: str) -> None:
    assert loaded(MODELS + f"  log_level: {word}\n").log_level == level


def test_two_configurations_that_differ_in_these_have_two_versions(loaded: Loaded) -> None:
    said = ("port: 1", "port: 2", "log_level: debug", "no_fallback_on: [rate]", "cheapest: {a: [free]}", "demo: false")
    versions = {loaded(MODELS + f"  {line}\n").version for line in said}
    assert len(versions) == len(said)
