"""Where a price comes from, and what is said of a model that has none."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.config.check import doubts, price_of
from trunkline.config.schema import Snapshot

MODEL = "model_list:\n  - model_name: m\n    litellm_params: {{model: {model}, api_key: sk-test-1{more}}}\n{rest}"


def of(loaded: Loaded, model: str, more: str = "", rest: str = "") -> Snapshot:
    return loaded(MODEL.format(model=model, more=f", {more}" if more else "", rest=rest))


def rates(snapshot: Snapshot) -> tuple[int, int] | None:
    """Nano-dollars per million tokens, in and out."""
    ((deployment,),) = snapshot.groups.values() if len(snapshot.groups) == 1 else [snapshot.groups["m"]]
    price = price_of(snapshot, deployment)
    return (price.tiers[0].input, price.tiers[0].output) if price is not None else None


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("zai/glm-4.6", ""),
        ("anthropic/glm-4.6", "api_base: https://api.z.ai/api/anthropic"),
        ("openai/glm-4.6", "api_base: https://api.z.ai/api/paas/v4"),
    ],
)
def test_glm_has_zais_price_under_any_prefix(loaded: Loaded, model: str, more: str) -> None:
    snapshot = of(loaded, model, more)
    assert rates(snapshot) == (600_000_000, 2_200_000_000)
    assert not snapshot.warnings


def test_the_files_price_wins_in_either_place(loaded: Loaded) -> None:
    cost = "input_cost_per_token: 1e-6, output_cost_per_token: '0.000002'"
    assert rates(of(loaded, "zai/glm-4.6", cost)) == (1_000_000_000, 2_000_000_000)
    assert rates(of(loaded, "zai/glm-4.6", rest=f"    model_info: {{{cost}}}\n")) == (1_000_000_000, 2_000_000_000)
    both = of(loaded, "zai/glm-4.6", "input_cost_per_token: 3e-6", rest=f"    model_info: {{{cost}}}\n")
    assert rates(both) == (3_000_000_000, 2_000_000_000)


def test_an_unknown_price_is_said_once(loaded: Loaded) -> None:
    snapshot = of(loaded, "openai/nobodys-1", "api_base: 'http://127.0.0.1:9/v1'")
    assert rates(snapshot) is None
    (warning,) = snapshot.warnings
    assert warning.where == "config.yaml:2"
    assert "no price of `openai/nobodys-1` is known" in warning.message
    assert warning.kind == "note"
    assert not doubts(snapshot)


def test_under_a_budget_it_counts_since_it_is_refused(loaded: Loaded) -> None:
    budget = "litellm_settings: {max_budget: 5}\n"
    snapshot = of(loaded, "openai/nobodys-1", "api_base: 'http://127.0.0.1:9/v1'", budget)
    (warning,) = doubts(snapshot)
    assert "budgets refuse it" in warning.message
    allowed = of(
        loaded, "openai/nobodys-1", "api_base: 'http://127.0.0.1:9/v1'", f"{budget}trunkline: {{unpriced: allow}}\n"
    )
    assert not doubts(allowed)
