"""What models cost, hold and can do. The prices here are typed from the vendors' pages, not from our file."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trunkline.catalog.models import Model, flagship, look_up, names, small, vendor_name
from trunkline.catalog.providers import PROVIDERS
from trunkline.model.usage import Rates, Usage


def known(provider: str, model: str) -> Model:
    found = look_up(provider, model)
    assert found is not None, f"{provider}/{model}"
    return found


def per_million(provider: str, model: str, prompt: int = 0) -> tuple[float, ...]:
    """Dollars per million: input, output, cache read, cache write, cache write 1 h."""
    price = known(provider, model).price
    assert price is not None
    rates = price.rates(prompt)
    each = (rates.input, rates.output, rates.cache_read, rates.cache_write, rates.cache_write_1h)
    return tuple(rate / 1e9 for rate in each)


@pytest.mark.parametrize(
    ("provider", "model", "prompt", "dollars"),
    [
        ("anthropic", "claude-opus-5-5", 0, (4, 20, 0.20, 5, 8)),
        ("anthropic", "claude-fable-5-2", 0, (8, 40, 0.20, 10, 16)),
        ("anthropic", "claude-sonnet-5-5", 0, (2, 10, 0.10, 2.5, 4)),
        ("anthropic", "claude-sonnet-4-6", 0, (3, 15, 0.30, 3.75, 6)),
        ("anthropic", "claude-haiku-4-5", 0, (1, 5, 0.10, 1.25, 2)),
        ("anthropic", "claude-haiku-5-5", 100_000, (0.10, 0.50, 0.01, 0.125, 0.20)),
        ("anthropic", "claude-haiku-5-5", 100_001, (0.50, 2.50, 0.05, 0.625, 1.00)),
        ("openai", "gpt-6.1-sol", 272_000, (2, 10, 0.10, 2.5, 5)),
        ("openai", "gpt-6.1-sol", 272_001, (4, 15, 0.20, 5, 10)),
        ("openai", "gpt-6-luna", 0, (0.10, 0.50, 0.01, 0.125, 0.25)),
        ("openai", "gpt-4o", 0, (2.5, 10, 1.25, 2.5, 2.5)),
        ("openai", "gpt-5-mini", 0, (0.25, 2.0, 0.025, 0.25, 0.25)),
        ("zai", "glm-5.3", 0, (1.40, 4.40, 0.26, 0, 0)),
        ("zai", "glm-5.3-flash", 0, (0.15, 0.50, 0.03, 0, 0)),
        ("zai", "glm-5.3-flashx", 0, (0.37, 1.25, 0.075, 0, 0)),
        ("zai", "glm-5-turbo", 0, (1.20, 4.00, 0.24, 0, 0)),
        ("zai", "glm-4.6", 0, (0.60, 2.20, 0.11, 0, 0)),
        ("zai", "glm-4.5-air", 0, (0.20, 1.10, 0.03, 0, 0)),
        ("zai", "glm-4-plus", 0, (0.70, 0.70, 0.70, 0, 0)),
        ("zai", "glm-4-flash", 0, (0, 0, 0, 0, 0)),
        ("zai", "glm-4.7-flash", 0, (0, 0, 0, 0, 0)),
        ("zai", "glm-4.5-flash", 0, (0, 0, 0, 0, 0)),
        ("gemini", "gemini-2.5-pro", 200_000, (1.25, 10, 0.125, 1.25, 1.25)),
        ("gemini", "gemini-2.5-pro", 200_001, (2.5, 15, 0.25, 2.5, 2.5)),
        ("gemini", "gemini-4-argon", 0, (2, 10, 0.10, 2, 2)),
    ],
)
def test_a_model_costs_what_its_vendor_says(provider: str, model: str, prompt: int, dollars: tuple[float, ...]) -> None:
    assert per_million(provider, model, prompt) == dollars


@pytest.mark.parametrize(
    ("provider", "asked", "found"),
    [
        ("anthropic", "claude-opus-4.5", "claude-opus-4-5"),
        ("anthropic", "claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("anthropic", "claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("anthropic", "claude-opus-5-5[1m]", "claude-opus-5-5"),
        ("zai", "GLM-5.3", "glm-5.3"),
        ("z-ai", "glm-5.3[1m]", "glm-5.3"),
        ("zai", "glm-4-flash-250414", "glm-4-flash"),
        ("zai", "claude-3-5-sonnet", "glm-5.3"),
        ("zai", "claude-haiku-4-5-20251001", "glm-5.3"),
        ("deepseek", "claude-opus-5-5", "deepseek-v4-pro"),
        ("deepseek", "claude-sonnet-5-5", "deepseek-flash"),
        ("gemini", "models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("openai", "gpt-5-2025-08-07", "gpt-5"),
        ("openrouter", "z-ai/glm-5.3:nitro", "z-ai/glm-5.3"),
        ("bigmodel", "glm-4-plus", "glm-4-plus"),
    ],
)
def test_a_model_is_found_by_the_names_people_use(provider: str, asked: str, found: str) -> None:
    assert known(provider, asked).name == found


@pytest.mark.parametrize("provider", ["anthropic", "openai", "zai", "hosted_vllm", "openai_like", "openrouter"])
def test_an_unknown_model_has_no_price_rather_than_a_free_one(provider: str) -> None:
    assert look_up(provider, "no-such-model") is None


def test_an_unknown_provider_has_no_models() -> None:
    assert look_up("nobody", "glm-5.3") is None
    assert names("nobody") == ()
    assert flagship("nobody") == ""


@pytest.mark.parametrize(("provider", "model"), [("ollama", "neural-chat:latest"), ("ollama", "x"), ("demo", "echo")])
def test_what_runs_at_home_is_free(provider: str, model: str) -> None:
    price = known(provider, model).price
    assert price is not None
    assert price.tiers == (Rates(0, 0, 0, 0, 0),)


def test_openrouter_knows_what_the_vendors_model_can_do() -> None:
    model = known("openrouter", "anthropic/claude-opus-5.5")
    assert model.abilities.sampling is False
    assert model.max_output == 128_000
    assert per_million("openrouter", "anthropic/claude-opus-5.5") == (4, 20, 0.20, 5, 8)


def test_the_newest_claude_refuses_what_the_catalog_says_it_refuses() -> None:
    abilities = known("anthropic", "claude-opus-5-5").abilities
    assert (abilities.sampling, abilities.forced_tool, abilities.prefill) == (False, False, False)
    assert (abilities.always_thinks, abilities.system_in_middle, abilities.vision) == (True, True, True)


def test_glm_sees_pictures_only_where_its_vendor_says_so() -> None:
    assert known("zai", "glm-5.3").abilities.vision is False
    assert known("zai", "glm-5.3-flash").abilities.vision is True
    assert known("zai", "glm-5.3").abilities.always_thinks is True


def test_windows_are_those_of_the_vendor() -> None:
    assert (known("zai", "glm-5.3").max_input, known("zai", "glm-5.3").max_output) == (1_000_000, 131_072)
    assert (known("anthropic", "claude-opus-5-5").max_input, known("openai", "gpt-4o").max_output) == (
        1_000_000,
        16_384,
    )


def test_openais_reasoning_models_have_another_name_for_the_output_limit() -> None:
    assert known("openai", "gpt-6.1-sol").output_limit == "max_completion_tokens"
    assert known("openai", "gpt-4o").output_limit == "max_tokens"
    assert known("zai", "glm-5.3").output_limit == "max_tokens"


def test_an_embedding_model_says_that_it_is_one() -> None:
    assert known("openai", "text-embedding-3-small").mode == "embedding"


@pytest.mark.parametrize(
    ("provider", "written", "told"),
    [
        ("anthropic", "claude-opus-4.5", "claude-opus-4-5"),
        ("anthropic", "claude-opus-9.1", "claude-opus-9-1"),
        ("anthropic", "claude-opus-5-5[1m]", "claude-opus-5-5"),
        ("anthropic", "glm-4.6", "glm-4.6"),
        ("zai", "GLM-5.3[1m]", "glm-5.3"),
        ("zai", "claude-3.5-sonnet", "claude-3-5-sonnet"),
        ("openrouter", "anthropic/claude-opus-5.5", "anthropic/claude-opus-5.5"),
        ("openai", "gpt-6.1-sol", "gpt-6.1-sol"),
        ("gemini", "models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("ollama", "Qwen3:8b", "Qwen3:8b"),
        ("nobody", " x ", "x"),
    ],
)
def test_the_vendor_is_told_its_own_name(provider: str, written: str, told: str) -> None:
    assert vendor_name(provider, written) == told


def test_the_newest_models_are_offered_first_and_the_retired_not_at_all() -> None:
    offered = names("zai")
    assert offered[:2] == ("glm-5.3", "glm-5.3-flash")
    assert offered.index("glm-5.2") < offered.index("glm-4.6")
    claude = names("anthropic")
    assert "claude-opus-5-5" in claude[:3]
    assert "claude-fable-5-2" in claude
    assert not [name for name in claude if name.startswith("claude-3") or name.endswith("20251001")]
    assert "text-embedding-3-small" not in names("openai")


@pytest.mark.parametrize("row", [row for row in PROVIDERS if flagship(row.name)], ids=lambda row: row.name)
def test_a_named_flagship_and_its_small_sister_are_catalogued_with_a_price(row) -> None:  # type: ignore[no-untyped-def]
    for model in (flagship(row.name), small(row.name)):
        assert known(row.name, model).price is not None


def test_zais_roles_are_the_ones_claude_code_is_mapped_to() -> None:
    assert (flagship("zai"), small("zai")) == ("glm-5.3", "glm-5.3-flash")


def test_every_row_of_the_file_is_sound() -> None:
    from trunkline.catalog import table

    for provider in table.file().models:
        for name, row in table.rows(provider).by_name.values():
            model = known(provider, name) if provider != "openrouter" else None
            price = table.price_of(row)
            assert model is None or model.max_input >= 0
            if price is None:
                continue
            assert price.tiers[0].above == 0
            assert [tier.above for tier in price.tiers] == sorted({tier.above for tier in price.tiers})
            for tier in price.tiers:
                assert min(tier.input, tier.output, tier.cache_read, tier.cache_write, tier.cache_write_1h) >= 0
            assert "2026" in price.source


def test_a_claude_code_turn_costs_what_the_formula_says() -> None:
    price = known("anthropic", "claude-opus-5-5").price
    assert price is not None
    usage = Usage(input=1_000, cache_read=40_000, cache_write=2_000, cache_write_1h=500, output=700)
    assert price.cost(usage) == 4_000_000 + 8_000_000 + 10_000_000 + 4_000_000 + 14_000_000


def test_nothing_is_read_before_the_first_question_and_that_is_answered_at_once() -> None:
    program = (
        "import time, trunkline.catalog.models as m, trunkline.catalog.table as t\n"
        "assert t.file.cache_info().currsize == 0\n"
        "at = time.process_time(); assert m.look_up('zai', 'glm-5.3'); took = time.process_time() - at\n"
        "print(took)"
    )
    took = float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)
    assert took < 0.03
