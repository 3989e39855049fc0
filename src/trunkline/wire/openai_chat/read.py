"""A client's request as a conversation. Strict about what has no meaning, lenient about what is new.

Facts: `openai` SDK 3.52.0; members of compatible servers that clients send: `top_k`, `min_p`, `repetition_penalty`
(vLLM, OpenRouter), `thinking` (Z.AI, DeepSeek, Kimi), `reasoning` (OpenRouter), `user_id` (Z.AI), 2026-11.
"""

from __future__ import annotations

from typing import Any, get_args

from trunkline.model.conversation import Conversation, Effort, Sampling, Thought
from trunkline.wire.openai_chat.fields import Json, flag, items, number, record, refuse, text, whole
from trunkline.wire.openai_chat.read_messages import History
from trunkline.wire.openai_chat.read_tools import choice, shape, tools

_KNOWN = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "tools", "functions", "tool_choice", "function_call"),
        *("parallel_tool_calls", "web_search_options", "response_format", "max_tokens", "max_completion_tokens"),
        *("stop", "temperature", "top_p", "top_k", "min_p", "seed", "presence_penalty", "frequency_penalty"),
        *("repetition_penalty", "logit_bias", "n", "logprobs", "top_logprobs", "user", "safety_identifier"),
        *("user_id", "prompt_cache_key", "verbosity", "reasoning_effort", "reasoning", "thinking"),
    }
)
LEGACY = "_functions"
"""In `own`, a note of this wire to itself: the client offered `functions`, and reads a `function_call`."""
_EFFORTS = frozenset(get_args(Effort)) - {""}


def read(body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
    """A body of `/chat/completions`. Raises `InvalidRequest`, which names the member."""
    history = History()
    history.read(body.get("messages"))
    limit = body.get("max_completion_tokens")
    name = "max_tokens" if limit is None else "max_completion_tokens"
    options = record(body.get("stream_options"), "stream_options")
    own = {name: value for name, value in body.items() if name not in _KNOWN and value is not None}
    if body.get("functions") and not body.get("tools"):
        own[LEGACY] = True
    return Conversation(
        wire="openai_chat",
        model=model,
        turns=history.turns,
        system=history.system,
        tools=tools(body),
        choice=choice(body),
        thought=_thought(body),
        limit=whole(body.get(name), name, least=1),
        stop=_stop(body.get("stop")),
        sampling=_sampling(body),
        shape=shape(body),
        streamed=streamed,
        usage_asked=bool(flag(options.get("include_usage"), "stream_options.include_usage")),
        count=whole(body.get("n"), "n", least=1) or 1,
        logprobs=_logprobs(body),
        user=next(
            (each for name in ("safety_identifier", "user", "user_id") if (each := text(body.get(name), name))), ""
        ),
        session=text(body.get("prompt_cache_key"), "prompt_cache_key"),
        verbosity=text(body.get("verbosity"), "verbosity"),
        own=own,
    )


def _sampling(body: Json) -> Sampling:
    bias = body.get("logit_bias")
    return Sampling(
        temperature=number(body.get("temperature"), "temperature"),
        top_p=number(body.get("top_p"), "top_p"),
        top_k=whole(body.get("top_k"), "top_k"),
        min_p=number(body.get("min_p"), "min_p"),
        seed=whole(body.get("seed"), "seed"),
        presence=number(body.get("presence_penalty"), "presence_penalty"),
        frequency=number(body.get("frequency_penalty"), "frequency_penalty"),
        repeat=number(body.get("repetition_penalty"), "repetition_penalty"),
        logit_bias=record(bias, "logit_bias") or None,
    )


def _stop(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    found = items(value, "stop")
    if not all(isinstance(each, str) for each in found):
        refuse("stop", "must be a string or a list of strings")
    return [each for each in found if each]


def _logprobs(body: Json) -> int | None:
    asked = flag(body.get("logprobs"), "logprobs")
    alternatives = whole(body.get("top_logprobs"), "top_logprobs", least=0)
    return (alternatives or 0) if asked or alternatives else None


def _thought(body: Json) -> Thought:
    """`reasoning_effort`, or what compatible servers have instead of it."""
    reasoning = record(body.get("reasoning"), "reasoning")
    switch = record(body.get("thinking"), "thinking").get("type")
    at = "reasoning_effort" if body.get("reasoning_effort") is not None else "reasoning.effort"
    word = text(body.get("reasoning_effort") or reasoning.get("effort"), at)
    if word and word not in _EFFORTS:
        refuse(at, f"must be one of {', '.join(each for each in get_args(Effort) if each)}")
    effort: Effort = next((each for each in get_args(Effort) if each == word), "")
    thought = Thought(effort=effort, budget=whole(reasoning.get("max_tokens"), "reasoning.max_tokens", least=0))
    if effort == "none" or switch == "disabled" or reasoning.get("enabled") is False:
        thought.mode = "off"
    elif effort or thought.budget or switch == "enabled" or reasoning.get("enabled"):
        thought.mode = "on"
    if reasoning.get("exclude"):
        thought.shown = False
    return thought
