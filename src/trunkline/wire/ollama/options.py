"""`options`: the output limit, sampling and the size of the context, both ways.

Names: ollama/ollama api/types.go (2026-08). What is not a model's but a runner's (`num_gpu`, `num_keep`, …) is kept for
Ollama and means nothing elsewhere.
"""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Sampling
from trunkline.model.dialect import Dialect
from trunkline.wire import loss

_FLOATS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "min_p": "min_p",
    "repeat_penalty": "repeat",
    "presence_penalty": "presence",
    "frequency_penalty": "frequency",
}
_INTS = {"top_k": "top_k", "seed": "seed"}
_CHOSEN = ("temperature", "top_p", "top_k", "min_p")
"""What a model that allows no sampling refuses."""

_LEAST = 8192
_MARGIN = 4
"""The guess of the prompt's size may be a quarter too low."""
_ROOM = 4096
_MOST_ROOM = 32_768
"""Tokens kept free for the answer: when no limit is given, and at most. Agents send limits of 128000 that no local
model reaches; their share of the context would be taken from the model's memory."""


def read(value: Any) -> tuple[int | None, list[str], Sampling, dict[str, Any]]:
    """(limit, stop, sampling, the runner's own). Raises `InvalidRequest` for values of another kind."""
    if value is None:
        return None, [], Sampling(), {}
    if not isinstance(value, dict):
        raise InvalidRequest("options is not an object.", param="options")
    rest = {name: found for name, found in value.items() if found is not None}
    sampling = Sampling()
    for name, attribute in _FLOATS.items():
        if name in rest:
            setattr(sampling, attribute, _number(name, rest.pop(name)))
    for name, attribute in _INTS.items():
        if name in rest:
            setattr(sampling, attribute, _whole(name, rest.pop(name)))
    limit = _whole("num_predict", rest.pop("num_predict", -1))
    stop = rest.pop("stop", [])
    stop = [stop] if isinstance(stop, str) else stop
    if not isinstance(stop, list) or not all(isinstance(one, str) for one in stop):
        raise InvalidRequest("options.stop is not a list of strings.", param="options.stop")
    # Zero and below mean no limit (-1) or the rest of the context (-2).
    return (limit if limit > 0 else None), [one for one in stop if one], sampling, rest


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(f"options.{name} is not a number.", param=f"options.{name}")
    return value


def _whole(name: str, value: Any) -> int:
    number = _number(name, value)
    if number != number or number in (float("inf"), float("-inf")):
        raise InvalidRequest(f"options.{name} is not a whole number.", param=f"options.{name}")
    return int(number)


def write(conversation: Conversation, dialect: Dialect, prompt: int) -> tuple[dict[str, Any], list[str]]:
    """(`options`, what is lost). `prompt` is the estimate of all input, in tokens."""
    own = conversation.own.get("options") if conversation.wire == "ollama" else None
    options: dict[str, Any] = {"num_ctx": 0, **(own if isinstance(own, dict) else {})}
    lost: list[str] = []
    limit = conversation.limit
    if limit is not None and dialect.max_output:
        limit = min(limit, dialect.max_output)
    options["num_ctx"] = options["num_ctx"] or context(prompt, limit)
    if limit is not None:
        options["num_predict"] = limit
    for name, attribute in (_FLOATS | _INTS).items():
        found = getattr(conversation.sampling, attribute)
        if found is None:
            continue
        if name in _CHOSEN and dialect.sampling is False:
            lost.append(loss.called(conversation.wire, name))
        else:
            options[name] = found
    if conversation.stop:
        options["stop"] = list(conversation.stop)
    if conversation.sampling.logit_bias:
        lost.append(loss.called(conversation.wire, "logit_bias"))
    return options, lost


def context(prompt: int, limit: int | None) -> int:
    """`num_ctx` in tokens: what is read and said, rounded up to a power of two.

    It must be told, since Ollama's default (4096 on small machines) silently cuts the oldest messages off. Another
    value makes Ollama load the model anew and forget what it had cached; in powers of two that happens a few times in
    a long conversation, not each turn. A value above what the model was trained for is lowered by Ollama itself.
    """
    need = prompt + prompt // _MARGIN + min(_ROOM if limit is None else limit, _MOST_ROOM)
    return max(_LEAST, 1 << (need - 1).bit_length())
