"""Ollama's counts. It has no cached and no reasoning tokens. Source: ollama/ollama api/types.go (2026-08)."""

from __future__ import annotations

from trunkline.model.estimate import tokens
from trunkline.model.usage import Usage


def take(prompt_eval_count: int | None, eval_count: int | None) -> Usage:
    """The usage of an answer. A count of zero is left out by Ollama, so one that is missing beside the other is zero;

    but a prompt of zero tokens is one that was cached whole, and not told.
    """
    if prompt_eval_count is None and eval_count is None:
        return Usage()
    return Usage(input=max(0, prompt_eval_count or 0) or None, output=max(0, eval_count or 0))


def counts(usage: Usage, estimate: int, said: int) -> dict[str, int]:
    """The members that close an answer. Durations are in nanoseconds, and zero: no clock was held to another's model.

    Cached tokens are part of the prompt here. `estimate` stands for a prompt that was not told, the `said` characters
    for an answer.
    """
    return {
        "total_duration": 0,
        "load_duration": 0,
        "prompt_eval_count": estimate if usage.input is None else usage.prompt,
        "prompt_eval_duration": 0,
        "eval_count": tokens(said) if usage.output is None else usage.output,
        "eval_duration": 0,
    }
