"""A whole completion out of the deltas of a stream, and its usage in this wire's arithmetic."""

from __future__ import annotations

from typing import Any

from trunkline.model.estimate import tokens
from trunkline.model.usage import Usage

Json = dict[str, Any]


def counted(usage: Usage, estimate: int, said: int) -> Json:
    """What is cached is part of the prompt here.

    What was not told is estimated: the prompt as `estimate` tokens, the answer by the `said` characters.
    """
    prompt = usage.prompt if usage.input is not None else estimate
    completion = usage.output if usage.output is not None else tokens(said)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write + usage.cache_write_1h,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def add(message: Json, delta: Json) -> None:
    """Adds a delta to a message, as clients do."""
    for name, value in delta.items():
        if name == "role":
            continue
        if name == "tool_calls":
            _add_call(message.setdefault("tool_calls", []), value[0])
        elif name == "function_call":
            told = message.setdefault(name, {"name": "", "arguments": ""})
            for part, text in value.items():
                told[part] += text
        elif isinstance(value, str):
            message[name] = (message.get(name) or "") + value
        elif isinstance(value, list):
            message.setdefault(name, []).extend(value)
        else:
            message[name] = value


def _add_call(calls: list[Json], fragment: Json) -> None:
    if "id" in fragment:
        calls.append({name: value for name, value in fragment.items() if name != "index"})
        return
    for kind, text in (("function", "arguments"), ("custom", "input")):
        if kind in fragment:
            calls[-1][kind][text] += fragment[kind][text]
