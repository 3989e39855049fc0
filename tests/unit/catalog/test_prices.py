"""Prices that people write themselves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.catalog.models import look_up
from trunkline.catalog.prices import load_prices, price_from_params
from trunkline.errors import ConfigInvalid
from trunkline.model.usage import Rates, Usage


@pytest.mark.parametrize("cost", [1.4e-06, "0.0000014", "1.4e-06", Decimal("0.0000014")])
def test_a_cost_is_exact_however_it_is_written(cost: Any) -> None:
    price = price_from_params({"input_cost_per_token": cost, "output_cost_per_token": 4.4e-06})
    assert price is not None
    assert price.tiers == (Rates(1_400_000_000, 4_400_000_000, 1_400_000_000, 1_400_000_000, 1_400_000_000),)


def test_every_kind_of_token_and_every_tier_is_read() -> None:
    price = price_from_params(
        {
            "input_cost_per_token": 3e-06,
            "output_cost_per_token": 15e-06,
            "cache_read_input_token_cost": 3e-07,
            "cache_creation_input_token_cost": 3.75e-06,
            "cache_creation_input_token_cost_above_1hr": 6e-06,
            "input_cost_per_token_above_200k_tokens": 6e-06,
            "output_cost_per_token_above_200k_tokens": 22.5e-06,
            "model": "anything",
        }
    )
    assert price is not None
    assert price.tiers == (
        Rates(3_000_000_000, 15_000_000_000, 300_000_000, 3_750_000_000, 6_000_000_000),
        Rates(6_000_000_000, 22_500_000_000, 300_000_000, 3_750_000_000, 6_000_000_000, 200_000),
    )
    assert price.rates(200_000) is price.tiers[0]
    assert price.rates(200_001) is price.tiers[1]


def test_sound_is_read_beside_the_words_or_beside_the_catalogs() -> None:
    words: dict[str, Any] = {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}
    price = price_from_params({**words, "input_cost_per_audio_token": 3.2e-05})
    assert price is not None
    assert price.sound == (32_000_000_000, 10_000_000_000)
    alone = {"output_cost_per_audio_token": "0.00008"}
    assert price_from_params(alone) is None
    told = price_from_params(alone, listed=price)
    assert told is not None
    assert (told.tiers, told.sound) == (price.tiers, (2_500_000_000, 80_000_000_000))
    with pytest.raises(ConfigInvalid, match="input_cost_per_audio_token"):
        price_from_params({**words, "input_cost_per_audio_token": "dear"})


def test_a_model_without_prices_has_none() -> None:
    assert price_from_params({"model": "x", "rpm": 3}) is None
    assert price_from_params({"input_cost_per_token": None}) is None


def test_a_model_that_is_paid_by_the_image_has_no_price_by_tokens() -> None:
    assert price_from_params({"output_cost_per_token": 1e-06, "input_cost_per_image": 0.01}) is None
    assert price_from_params({"input_cost_per_token": 1e-06, "mode": "image_generation"}) is None


def test_an_embedding_needs_no_output_cost() -> None:
    price = price_from_params({"input_cost_per_token": 2e-08, "mode": "embedding"})
    assert price is not None
    assert price.tiers[0].output == 0


def test_free_is_a_price() -> None:
    price = price_from_params({"input_cost_per_token": 0, "output_cost_per_token": 0})
    assert price is not None
    assert price.cost(Usage(input=1_000_000, output=1_000_000)) == 0


def test_half_a_price_is_refused_and_names_the_missing_half() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        price_from_params({"input_cost_per_token": 1e-06}, where="config.yaml:12")
    assert "config.yaml:12" in refused.value.message
    assert "output_cost_per_token" in refused.value.remedy


def test_half_a_price_is_completed_by_the_catalogs() -> None:
    listed = look_up("zai", "glm-5.3")
    assert listed is not None
    price = price_from_params({"input_cost_per_token": 1e-06}, listed=listed.price)
    assert price is not None
    assert price.tiers == (Rates(1_000_000_000, 4_400_000_000, 260_000_000, 0, 0),)


@pytest.mark.parametrize("wrong", ["free", -1e-06, True, float("nan"), "1.40 $", 1.4e3, [1]])
def test_what_is_no_cost_is_refused_by_name(wrong: Any) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        price_from_params({"input_cost_per_token": wrong, "output_cost_per_token": 0}, where="config.yaml:3")
    assert "config.yaml:3" in refused.value.message
    assert "`input_cost_per_token`" in refused.value.message


@given(st.decimals(min_value=0, max_value=1, allow_nan=False, places=15))
def test_a_cost_is_never_rounded_down(cost: Decimal) -> None:
    price = price_from_params({"input_cost_per_token": str(cost), "output_cost_per_token": 0})
    assert price is not None
    assert price.tiers[0].input == cost * 10**15


def test_a_price_file_is_read_as_yaml_and_as_json(tmp_path: Path) -> None:
    as_yaml, as_json = tmp_path / "prices.yaml", tmp_path / "prices.json"
    as_yaml.write_text("my-glm:\n  input_cost_per_token: 1.4e-06\n  output_cost_per_token: 4.4e-6\n")
    as_json.write_text(
        '{"sample_spec": {"input_cost_per_token": 0.1},\n\t"picture": {"output_cost_per_image": 0.04},\n'
        '\t"my-glm": {"input_cost_per_token": 1.4e-06, "output_cost_per_token": 4.4e-06}}'
    )
    one, other = load_prices(as_yaml), load_prices(as_json)
    assert list(one) == list(other) == ["my-glm"]
    assert one["my-glm"].tiers == other["my-glm"].tiers
    assert one["my-glm"].source == "prices.yaml"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.yaml", "glm:\n\tx: 1\n", "p.yaml:2"),
        ("p.json", '{"a": 1,\n}', "p.json:2"),
        ("p.yaml", "- a\n- b\n", "mapping"),
        ("p.yaml", "glm: 3\n", "p.yaml, glm"),
        ("p.yaml", "glm:\n  input_cost_per_token: cheap\n  output_cost_per_token: 0\n", "p.yaml, glm: `input_cost"),
        ("p.yaml", "glm:\n  output_cost_per_token: 0\n", "input_cost_per_token"),
    ],
)
def test_a_broken_price_file_says_where(tmp_path: Path, name: str, text: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ConfigInvalid) as refused:
        load_prices(file)
    assert said in refused.value.message
    assert refused.value.remedy


def test_a_missing_price_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"prices\.yaml cannot be read: No such file"):
        load_prices(tmp_path / "prices.yaml")
