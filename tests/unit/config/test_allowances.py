"""Budgets as configurations write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.config.load import load
from trunkline.config.schema import Allowance, Snapshot
from trunkline.errors import ConfigInvalid

MODEL = "{model: zai/glm-4.6, api_key: sk-1234567890abcdef, max_budget: 5, budget_duration: 24h}"


def read(tmp_path: Path, text: str, model: str = MODEL) -> Snapshot:
    path = tmp_path / "config.yaml"
    path.write_text(f"model_list:\n  - model_name: glm\n    litellm_params: {model}\n{text}\n")
    return load(path, {}, cwd=tmp_path)


def test_every_budget_is_read_to_the_nano_dollar(tmp_path: Path) -> None:
    shot = read(
        tmp_path,
        "litellm_settings: {max_budget: 0.1, budget_duration: 1mo, max_end_user_budget: '2'}\n"
        "router_settings:\n"
        "  model_group_alias: {my-glm: glm}\n"
        "  provider_budget_config: {z-ai: {budget_limit: 20, time_period: 1d}, openai: {max_budget: 1}}\n"
        "trunkline: {max_session_budget: 3, model_group_budgets: {my-glm: {budget_limit: 1e-9, time_period: 7d}}}",
    )
    set_ = shot.allowances
    assert set_.gateway == Allowance(100_000_000, "1mo")
    assert set_.end_user == Allowance(2_000_000_000)
    assert set_.session == Allowance(3_000_000_000)
    assert set_.providers == {"zai": Allowance(20_000_000_000, "1d"), "openai": Allowance(1_000_000_000)}
    assert set_.groups == {"glm": Allowance(1, "7d")}
    assert shot.groups["glm"][0].allowance == Allowance(5_000_000_000, "24h")
    assert "max_budget" not in shot.groups["glm"][0].params
    assert not shot.warnings


def test_budgets_begin_at_the_midnights_of_a_zone(tmp_path: Path) -> None:
    shot = read(tmp_path, "litellm_settings: {max_budget: 1, budget_duration: 1d, timezone: US/Eastern}")
    assert shot.allowances.zone == "US/Eastern"
    assert not shot.warnings
    assert read(tmp_path, "litellm_settings: {timezone: UTC}").allowances.zone == ""
    for wrong in ("Europe/Brelin", "../../etc/passwd", "'5'"):
        with pytest.raises(ConfigInvalid, match=r"config.yaml:4.*timezone"):
            read(tmp_path, f"litellm_settings: {{timezone: {wrong}}}")


def test_a_share_of_a_budget_may_send_calls_to_the_fallback(tmp_path: Path) -> None:
    shot = read(
        tmp_path,
        "litellm_settings: {fallbacks: [{glm: [other]}]}\n"
        "router_settings: {provider_budget_config: {zai: {budget_limit: 1, fallback_at: 50}}}\n"
        "trunkline: {model_group_budgets: {glm: {max_budget: 10, budget_duration: 1mo, fallback_at: '80'}}}",
        MODEL + "\n  - model_name: other\n    litellm_params: {model: ollama_chat/qwen3}",
    )
    assert shot.allowances.groups == {"glm": Allowance(10_000_000_000, "1mo", 80)}
    assert shot.allowances.providers == {"zai": Allowance(1_000_000_000, "", 50)}
    assert not shot.warnings


def test_a_share_without_a_fallback_is_a_warning(tmp_path: Path) -> None:
    shot = read(tmp_path, "trunkline: {model_group_budgets: {glm: {max_budget: 10, fallback_at: 80}}}")
    assert any("no fallback of it is configured" in str(each) for each in shot.warnings)


def test_without_budgets_there_are_none(tmp_path: Path) -> None:
    assert not read(tmp_path, "", "{model: zai/glm-4.6, api_key: sk-1234567890abcdef}").allowances


def test_general_settings_may_name_the_gateways_budget(tmp_path: Path) -> None:
    assert read(tmp_path, "general_settings: {max_budget: 7}").allowances.gateway == Allowance(7_000_000_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("litellm_settings: {max_budget: -1}", "max_budget"),
        ("litellm_settings: {max_budget: lots}", "max_budget"),
        ("litellm_settings: {max_budget: 1, budget_duration: monthly}", "no period"),
        ("router_settings: {provider_budget_config: {opnai: {budget_limit: 1}}}", "no provider"),
        ("router_settings: {provider_budget_config: {openai: {time_period: 1d}}}", "no amount"),
        ("trunkline: {model_group_budgets: {glmm: {budget_limit: 1}}}", "glmm"),
        ("trunkline: {max_budget: 1}", "belongs under"),
        ("trunkline: {model_group_budgets: {glm: {max_budget: 1, fallback_at: 0}}}", "fallback_at"),
        ("trunkline: {model_group_budgets: {glm: {max_budget: 1, fallback_at: 101}}}", "from 1 to 100"),
        ("max_budget: 1", "belongs under"),
        ("litellm_settings: {max_session_budget: 1}", "belongs under"),
    ],
)
def test_a_budget_that_would_guard_nothing_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigInvalid, match=said):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("litellm_settings: {budget_duration: 1d}", "does nothing without `max_budget`"),
        ("litellm_settings: {max_budget: 0}", "nothing that costs money"),
    ],
)
def test_a_doubtful_budget_is_a_warning(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in str(each) for each in read(tmp_path, text).warnings)
