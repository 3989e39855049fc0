"""`trunkline costs`."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import click
import pytest

from tests.unit.ledger.making import at, ledger
from trunkline.catalog.plans import PLANS
from trunkline.cli import costs
from trunkline.model.usage import dollars

Said = pytest.CaptureFixture[str]
EVER = ("--from", "2026-11-01")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_HOME", str(tmp_path))


def run(*args: str) -> int:
    code = costs.verb.main(list(args), standalone_mode=False)
    assert isinstance(code, int)
    return code


def test_nothing_to_compare(capsys: Said) -> None:
    assert run() == 0
    assert "nothing to compare" in capsys.readouterr().out


def test_the_same_tokens_at_another_price_cached_ones_at_theirs(tmp_path: Path, capsys: Said) -> None:
    used = {"input": 100_000, "cache_read": 40_000, "cache_write": 10_000, "output": 20_000, "reasoning": 0}
    ledger(tmp_path, [at(1, "a-0", billed=3, value=9, **used), at(2, "e-0", operation="embeddings", **used)])
    assert run(*EVER, "--model", "anthropic/claude-sonnet-4-6", "--model", "zai/glm-5.3", "--json") == 0
    told = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert {row["model"]: row["cost"] for row in told["models"]} == {
        "anthropic/claude-sonnet-4-6": Decimal("0.3") + Decimal("0.012") + Decimal("0.0375") + Decimal("0.3"),
        "zai/glm-5.3": Decimal("0.14") + Decimal("0.0104") + Decimal("0.088"),
    }
    assert (told["here"]["calls"], told["here"]["billed"], told["here"]["value"]) == (
        1,
        Decimal("3E-9"),
        Decimal("9E-9"),
    )
    assert all(row["source"] for row in told["models"])


def test_each_prompt_has_the_price_of_its_size(tmp_path: Path, capsys: Said) -> None:
    plain = {"cache_read": 0, "cache_write": 0, "output": 0, "reasoning": 0}
    ledger(tmp_path, [at(1, "a-0", input=100_000, **plain), at(2, "b-0", input=200_000, **plain)])
    assert run(*EVER, "--model", "anthropic/claude-haiku-5-5", "--json") == 0
    [row] = json.loads(capsys.readouterr().out, parse_float=Decimal)["models"]
    assert row["cost"] == Decimal("0.01") + Decimal("0.1")


def test_a_plan_says_whether_it_would_have_been_enough(tmp_path: Path, capsys: Said) -> None:
    # Wednesday, 15:00 in China: whole credits. 6.9 credits for ten thousand tokens.
    big = {"input": 4_000_000, "cache_read": 0, "cache_write": 0, "output": 0, "reasoning": 0}
    ledger(tmp_path, [at(7, "a-0", **big), at(20, "b-0", **big)])
    assert run(*EVER, "--json") == 0
    plans = {plan["plan"]: plan for plan in json.loads(capsys.readouterr().out)["plans"]}
    assert plans["GLM Coding Plan Lite"]["fits"][0] == {
        "model": "glm-5.3", "five_hours": 2760, "five_hours_limit": 2000, "week": 4140, "week_limit": 10_000, "fits": False,
    }  # fmt: skip
    assert plans["GLM Coding Plan Pro"]["fits"][0]["fits"] is True
    assert "fits" not in plans["Claude Pro"]
    assert "no number of tokens" in plans["Claude Pro"]["note"]


def test_the_table_is_honest(tmp_path: Path, capsys: Said) -> None:
    ledger(tmp_path, [at(1, "a-0", estimated=True)])
    assert run(*EVER) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for part in (
        "zai/glm-5.3",
        "Claude Pro",
        "were estimated upward",
        "Tokenizers differ",
        "credits of 2,000 in five hours",
    ):
        assert part in shown


def test_every_plan_has_its_source_and_date() -> None:
    assert all(plan.source and plan.date >= "2026" and plan.month > 0 for plan in PLANS)
    page = (Path(__file__).parents[3] / "docs" / "spend.md").read_text(encoding="utf-8")
    for plan in PLANS:
        how = "reported" if plan.reported else "read"
        assert f"| {plan.name} | {dollars(plan.month)} | {how} {plan.date} | {plan.source} |" in page


def test_an_unknown_model_is_no_comparison() -> None:
    with pytest.raises(click.UsageError, match="not in the catalog"):
        run("--model", "zai/nothing-9")
