"""A client's request in OpenAI's Responses format, as a conversation.

Source: `openai.types.responses.ResponseCreateParams`, SDK 3.52.0; what Codex 0.169 sends (2026-11).
"""

from __future__ import annotations

from typing import Any, get_args

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Effort, Sampling, Shape, Text, Thought
from trunkline.wire.openai_responses.fields import Json, inner, need, pick, text, wrong
from trunkline.wire.openai_responses.offered import Offered, choice
from trunkline.wire.openai_responses.turns import Turns

_TAKEN = frozenset(
    {
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "prompt_cache_key",
        "reasoning",
        "safety_identifier",
        "stream",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
    }
)
_STORED = ("previous_response_id", "conversation", "prompt")
"""Members that stand for an input which the vendor keeps."""

_EFFORTS = frozenset(get_args(Effort)) - {""}


def read(body: Json, *, model: str, streamed: bool) -> Conversation:
    """The conversation. Raises `InvalidRequest` that names the member. What only this wire understands is in `own`.

    Members of `reasoning` and `text` without a meaning elsewhere stand there as `reasoning.context` and the like.
    """
    offered = Offered()
    offered.add(body, "")
    own: Json = {name: value for name, value in body.items() if name not in _TAKEN and value is not None}
    turns = Turns(offered)
    turns.system = [Text(said)] if (said := text(body, "instructions")) else []
    turns.read(_items(body, offered))
    chosen, odd = choice(body, offered)
    if odd is not None:
        own["tool_choice"] = odd
    limit = pick(body, "max_output_tokens", int)
    if limit is not None and limit < 1:
        raise wrong("max_output_tokens", "at least 1")
    shape, verbosity = _text(inner(body, "text"), own)
    return Conversation(
        "openai_responses",
        model,
        turns.turns,
        system=turns.system,
        tools=offered.tools,
        choice=chosen,
        thought=_thought(inner(body, "reasoning"), own),
        limit=limit,
        sampling=Sampling(pick(body, "temperature", float), pick(body, "top_p", float)),
        shape=shape,
        streamed=streamed,
        logprobs=_logprobs(body),
        user=text(body, "safety_identifier") or text(body, "user"),
        session=text(body, "prompt_cache_key"),
        verbosity=verbosity,
        own=own,
    )


def _items(body: Json, offered: Offered) -> list[Any]:
    """The input as items. Tools that stand among them are offered from the beginning."""
    given = body.get("input")
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if given is None:
        if any(body.get(name) is not None for name in _STORED):
            return []
        raise InvalidRequest("`input` is missing.", param="input")
    if not isinstance(given, list):
        raise wrong("input", "a string or a list of items")
    for nth, item in enumerate(given):
        if isinstance(item, dict) and item.get("type") == "additional_tools":
            offered.add(item, f"input[{nth}].")
    return given


def _thought(raw: Json, own: Json) -> Thought:
    effort = text(raw, "effort", "reasoning.")
    if effort and effort not in _EFFORTS:
        raise wrong("reasoning.effort", "one of " + ", ".join(each for each in get_args(Effort) if each))
    summary = text(raw, "summary", "reasoning.") or text(raw, "generate_summary", "reasoning.")
    for name, value in raw.items():
        if name not in ("effort", "summary", "generate_summary") and value is not None:
            own[f"reasoning.{name}"] = value
    shown = bool(summary) or None
    if not effort:
        return Thought(shown=shown, summary=summary)
    return Thought("off" if effort == "none" else "on", None, effort, shown, summary)  # type: ignore[arg-type]


def _text(raw: Json, own: Json) -> tuple[Shape | None, str]:
    for name, value in raw.items():
        if name not in ("format", "verbosity") and value is not None:
            own[f"text.{name}"] = value
    verbosity = text(raw, "verbosity", "text.")
    form = inner(raw, "format", "text.")
    if not form:
        return None, verbosity
    kind, at = need(form, "type", "text.format."), "text.format."
    if kind == "text":
        return None, verbosity
    if kind == "json_object":
        return Shape("json"), verbosity
    if kind != "json_schema":
        raise wrong("text.format.type", "`text`, `json_object` or `json_schema`")
    schema = pick(form, "schema", dict, at)
    if schema is None:
        raise InvalidRequest("`text.format.schema` is missing.", param="text.format.schema")
    strict = pick(form, "strict", bool, at)
    return Shape("schema", need(form, "name", at), schema, strict, text(form, "description", at)), verbosity


def _logprobs(body: Json) -> int | None:
    told: int | None = pick(body, "top_logprobs", int)
    if told is not None:
        return told
    return 0 if "message.output_text.logprobs" in (pick(body, "include", list) or []) else None
