"""How the catalog's data file is made out of its sources."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from tools.build_catalog import CORRECTIONS, TARGET
from tools.catalog_merge import correct, dump, merge, thin
from tools.catalog_sources import Entry, Writes, from_litellm, litellm_rows

from trunkline.model.usage import Rates

WRITES: Writes = {"anthropic": (Decimal("1.25"), Decimal(2)), "zai": (Decimal(0), Decimal(0))}


def rows(tmp_path: Path, text: str) -> dict[str, Entry]:
    source = tmp_path / "prices.json"
    source.write_text(text)
    return {f"{provider}/{entry.id}": entry for provider, entry in from_litellm(litellm_rows(source), WRITES)}


def entry(*tiers: Rates, said: str = "", **more: str) -> Entry:
    return Entry("m", tiers, said=frozenset(said.split()), **more)  # type: ignore[arg-type]


def test_only_our_providers_and_modes_are_kept(tmp_path: Path) -> None:
    found = rows(
        tmp_path,
        """{"zai/glm-9": {"litellm_provider": "zai", "mode": "chat", "input_cost_per_token": 1e-06},
            "elsewhere/x": {"litellm_provider": "elsewhere", "mode": "chat", "input_cost_per_token": 1e-06},
            "dall-e-3": {"litellm_provider": "openai", "mode": "image_generation"}}""",
    )
    assert list(found) == ["zai/glm-9"]


def test_a_missing_cache_write_is_filled_by_the_vendors_rule(tmp_path: Path) -> None:
    costs = '"mode": "chat", "input_cost_per_token": 4e-06, "output_cost_per_token": 2e-05'
    found = rows(
        tmp_path,
        f"""{{"claude-9": {{"litellm_provider": "anthropic", {costs}}},
              "gpt-9": {{"litellm_provider": "openai", {costs}}},
              "zai/glm-9": {{"litellm_provider": "zai", {costs}, "cache_creation_input_token_cost": 1e-06}}}}""",
    )
    writes = {name: (row.tiers[0].cache_write, row.tiers[0].cache_write_1h) for name, row in found.items()}
    assert writes == {
        "anthropic/claude-9": (5_000_000_000, 8_000_000_000),
        "openai/gpt-9": (4_000_000_000, 4_000_000_000),
        "zai/glm-9": (0, 0),
    }


def test_sources_that_agree_complete_each_other() -> None:
    first = entry(Rates(10, 20, 10, 12, 16), said="cache_write", origin="l")
    second = entry(Rates(10, 20, 1, 10, 10), said="cache_read", origin="g")
    table, said = merge([("p", first)], [("p", second)])
    assert said == []
    assert table["p"]["m"].tiers == (Rates(10, 20, 1, 12, 16),)


def test_where_the_sources_disagree_the_dearer_one_wins_and_it_is_said() -> None:
    first, second = entry(Rates(10, 20, 1, 10, 10), origin="l"), entry(Rates(11, 22, 1, 10, 10), origin="g")
    table, said = merge([("p", first)], [("p", second)])
    assert table["p"]["m"].tiers == (Rates(11, 22, 1, 10, 10),)
    assert len(said) == 1
    assert said[0].startswith("p/m: litellm")


def test_a_correction_beats_both_and_changes_only_what_it_names() -> None:
    table = {"zai": {"m": entry(Rates(1, 2, 1, 0, 0), flags="Vtr")}}
    fix = {"models": {"zai": {"m": {"flags": "v", "max_output_tokens": 7, "source": "page"}}}}
    correct(table, fix, WRITES)
    fixed = table["zai"]["m"]
    assert (fixed.tiers[0].input, fixed.max_output, fixed.flags) == (1, 7, "trv")


def test_a_dated_copy_that_says_nothing_new_is_left_out() -> None:
    table = {
        name: Entry(name, (Rates(price, 1, 1, 1, 1),))
        for name, price in [("m-5", 1), ("m-5-20251001", 1), ("m-5-2025-01-01", 9), ("n-20251001", 1)]
    }
    thin(table)
    assert list(table) == ["m-5", "m-5-2025-01-01", "n-20251001"]


def test_the_same_rows_give_the_same_bytes_in_any_order() -> None:
    one, other = entry(Rates(1, 2, 1, 0, 0)), Entry("n", (Rates(1, 2, 1, 0, 0),))
    rest: dict[str, dict[str, str]] = {"roles": {}, "claude_as": {}, "aliases": {}, "efforts": {}}
    assert dump({"p": {"m": one, "n": other}}, {}, rest) == dump({"p": {"n": other, "m": one}}, {}, rest)


def test_the_shipped_file_names_its_sources_and_stays_small() -> None:
    text = TARGET.read_text(encoding="utf-8")
    data = json.loads(text)
    assert len(text.encode()) < 400_000
    assert [source["name"] for source in data["sources"]] == ["litellm", "genai-prices", "corrections.json"]
    assert all(source["licence"] for source in data["sources"])
    assert data["date"] >= "2026-11-20"


def test_every_correction_has_a_source_and_a_date_and_is_in_the_file() -> None:
    corrections = json.loads(CORRECTIONS.read_text(encoding="utf-8"))
    shipped = json.loads(TARGET.read_text(encoding="utf-8"))
    for provider, models in corrections["models"].items():
        for name, row in models.items():
            assert row["source"].startswith("https://")
            assert row["date"] >= "2026"
            assert "c" in shipped["models"][provider][name][5]
    for provider, rows in corrections["efforts"].items():
        assert all(row["source"].startswith("https://") and row["date"] >= "2026" and row["why"] for row in rows)
        assert shipped["efforts"][provider] == [[row["models"], row["efforts"]] for row in rows]
    assert shipped["aliases"] == corrections["aliases"]
    assert corrections["aliases"]["anthropic"]["claude-opus-4.5"] == "claude-opus-4-5"
