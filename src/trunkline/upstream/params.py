"""A deployment's own parameters, put into a conversation that leaves them open. Pure: nothing given is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trunkline.model.conversation import Conversation

_SAMPLING = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "seed": "seed",
    "presence_penalty": "presence",
    "frequency_penalty": "frequency",
    "repeat_penalty": "repeat",
}
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict")


def with_params(asked: Conversation, params: Mapping[str, Any]) -> tuple[Conversation, dict[str, Any]]:
    """The conversation with what every wire has a word for, and the rest, which goes into the body as it is."""
    if not params:
        return asked, {}
    rest = dict(params)
    sampling = {
        field: value
        for name, field in _SAMPLING.items()
        if (value := rest.pop(name, None)) is not None and getattr(asked.sampling, field) is None
    }
    limits = [value for name in _LIMITS if (value := rest.pop(name, None)) is not None]
    stop = rest.pop("stop", None)
    changed: dict[str, Any] = {}
    if sampling:
        changed["sampling"] = replace(asked.sampling, **sampling)
    if limits and asked.limit is None:
        changed["limit"] = int(limits[0])
    if stop and not asked.stop:
        changed["stop"] = [stop] if isinstance(stop, str) else list(stop)
    effort = rest.pop("reasoning_effort", None)
    if effort and not (asked.thought.mode or asked.thought.effort):
        changed["thought"] = replace(asked.thought, mode="off" if effort == "none" else "on", effort=effort)
    return (replace(asked, **changed) if changed else asked), rest
