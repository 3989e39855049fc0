"""What was mended is counted by name, provider and model, and the count stays small."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from trunkline.observe import counts
from trunkline.observe.counts import Counts


def record(*repairs: str, model: str = "glm-4.6") -> Any:
    deployment = SimpleNamespace(provider=SimpleNamespace(name="zai"))
    return SimpleNamespace(repairs=list(repairs), candidate=SimpleNamespace(deployment=deployment, model=model))


def test_each_repair_counts() -> None:
    made = Counts()
    made.attempt(record())
    made.attempt(record("leaked_tool_call", "leaked_tool_call"))
    made.attempt(record("leaked_tool_call", "prefill"))
    assert made.repairs == {("leaked_tool_call", "zai", "glm-4.6"): 3, ("prefill", "zai", "glm-4.6"): 1}


def test_invented_models_are_counted_together(monkeypatch: Any) -> None:
    monkeypatch.setattr(counts, "MOST", 2)
    made = Counts()
    for model in ("a", "b", "c", "d", "a"):
        made.attempt(record("prefill", model=model))
    assert made.repairs == {
        ("prefill", "zai", "a"): 2,
        ("prefill", "zai", "b"): 1,
        ("prefill", "zai", counts.OTHERS): 2,
    }
