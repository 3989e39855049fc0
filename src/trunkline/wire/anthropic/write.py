"""Writes a conversation as a request to a provider of the Messages API: Claude itself, or one of its clones.

Source: platform.claude.com/docs/en/api/messages (2026-11-20). The header `anthropic-version: 2023-06-01` belongs to it:
the later version takes no sampling parameters at all.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Sampling, Text
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import absent, loss
from trunkline.wire.anthropic import cache_marks
from trunkline.wire.anthropic.claude import generation, is_claude, takes
from trunkline.wire.anthropic.names import Names
from trunkline.wire.anthropic.schema import closed, is_closed
from trunkline.wire.anthropic.write_messages import Messages, is_open_loop, leading, reminder
from trunkline.wire.anthropic.write_parts import Parts
from trunkline.wire.anthropic.write_thinking import Thinking, think
from trunkline.wire.anthropic.write_tools import Offered, from_history, offer

Json = dict[str, Any]

ATTRIBUTION = "x-anthropic-billing-header:"
"""How Claude Code's first system block begins: it changes with each request, and only Anthropic takes it out again."""

_LONGEST_NAME = 128
_LONGEST_AT_A_CLONE = 64


def write(conversation: Conversation, dialect: Dialect) -> Written:
    """The request. Raises `InvalidRequest` for what cannot be said and may not be left out."""
    claude, row = is_claude(dialect), generation(dialect)
    names = Names(conversation, _LONGEST_NAME if claude else _LONGEST_AT_A_CLONE)
    lost = loss.own(conversation, "anthropic")
    if conversation.count > 1:
        lost += loss.refuse_or_lose(dialect, [loss.called(conversation.wire, "count")], "this model gives one answer")
    offered = offer(conversation, dialect, names)
    thinking = think(conversation, dialect, forced=offered.forced)
    prefill = takes(dialect.prefill, row.prefill) and not (claude and thinking.on)
    turns = Messages(conversation, dialect, names, prefill=prefill)
    messages = turns.write()
    shape, hints = _shape(conversation, dialect)
    system = _system(conversation, dialect, [*offered.hints, *hints])
    if not messages:
        system, messages = _without_turns(system)
        turns.repairs.append("system_as_user")
    if claude and not offered.tools:
        offered.tools = from_history(messages)
        if offered.tools:
            offered.choice = {"type": "none"}
            turns.repairs.append("tools_of_history")
    if claude and thinking.by_budget and is_open_loop(messages):
        thinking.config = None
        turns.repairs.append("thinking_paused")
    if claude and conversation.wire != "anthropic":
        cache_marks.place(offered.tools, system, messages)
    cache_marks.trim(offered.tools, system, messages)
    if offered.demand:
        turns.repairs.append("tool_choice")
        _demand(offered.demand, system, messages)
    body = _body(conversation, dialect, offered, thinking, system, messages, shape)
    lost += [
        *loss.speakers(conversation),
        *offered.lost,
        *thinking.lost,
        *turns.lost,
        *_sample(body, conversation, dialect, thinking),
    ]
    lost += _stop(body, conversation)
    _finish(body, conversation, dialect)
    repairs = [*thinking.repairs, *turns.repairs]
    if conversation.shape is not None and conversation.shape.kind == "schema" and shape is None:
        repairs.append("schema_in_prompt")
    return Written(
        body,
        list(dict.fromkeys(lost)),
        names.changed,
        frozenset(offered.customs),
        frozenset(str(tool["name"]) for tool in offered.tools if "input_schema" in tool),
        absent.names(offered.absent),
        list(dict.fromkeys(repairs)),
    )


def _body(
    conversation: Conversation,
    dialect: Dialect,
    offered: Offered,
    thinking: Thinking,
    system: list[Json],
    messages: list[Json],
    shape: Json | None,
) -> Json:
    config: Json = {}
    if thinking.effort:
        config["effort"] = thinking.effort
    if shape is not None:
        config["format"] = shape
    members: Json = {
        "model": dialect.model,
        "max_tokens": thinking.limit,
        "stream": conversation.streamed,
        "tools": offered.tools or None,
        "tool_choice": offered.choice,
        "thinking": thinking.config,
        "output_config": config or None,
        "system": system or None,
        "messages": messages,
    }
    return {name: value for name, value in members.items() if value is not None}


def _system(conversation: Conversation, dialect: Dialect, hints: list[str]) -> list[Json]:
    """The system prompt, block by block, with what the wire itself cannot say behind it."""
    parts = Parts(dialect)
    texts = list(conversation.system)
    for turn in conversation.turns[: leading(conversation)]:
        texts += [part for part in turn.parts if isinstance(part, Text)]
    if not is_claude(dialect) and texts and texts[0].text.startswith(ATTRIBUTION):
        texts = texts[1:]
    texts += [Text(hint) for hint in hints]
    return [block for one in texts for block in parts.text(one.text, one.cached)]


def _demand(words: str, system: list[Json], messages: list[Json]) -> None:
    """Asks for a call, at the very end: what is sent for the next turn must begin as this does."""
    last = messages[-1]
    if last["role"] == "assistant":
        system.append({"type": "text", "text": words})
    else:
        last["content"].append({"type": "text", "text": words if last["role"] == "system" else reminder(words)})


def _without_turns(system: list[Json]) -> tuple[list[Json], list[Json]]:
    """A prompt that is nothing but a system's: said by the user, since a conversation needs one."""
    if not system:
        raise InvalidRequest(
            "The conversation is empty: there is no message with any content.",
            param="messages",
            remedy="Send at least one user message.",
        )
    return [], [{"role": "user", "content": system}]


def _shape(conversation: Conversation, dialect: Dialect) -> tuple[Json | None, list[str]]:
    """(`output_config.format`, hints for the system prompt): the latter where the model cannot be bound to it."""
    shape = conversation.shape
    if shape is None:
        return None, []
    if shape.kind == "json":
        return None, [_ONE_OBJECT]
    able = takes(dialect.json_schema, generation(dialect).json_schema)
    if able and is_claude(dialect) and is_closed(tight := closed(shape.schema)):
        return {"type": "json_schema", "schema": tight}, []
    schema = json.dumps(shape.schema, ensure_ascii=False, separators=(",", ":"))
    about = f" {shape.description}" if shape.description else ""
    return None, [f"{_ONE_OBJECT}{about} It must be valid by this JSON Schema:\n{schema}"]


_ONE_OBJECT = "Answer with one JSON object and nothing else: no words around it, no code fence."


def _sample(body: Json, conversation: Conversation, dialect: Dialect, thinking: Thinking) -> list[str]:
    """Adds what this model takes of the sampling parameters; gives the names of what it does not."""
    asked: Sampling = conversation.sampling
    claude = is_claude(dialect)
    wishes: Json = {"temperature": asked.temperature, "top_p": asked.top_p, "top_k": asked.top_k}
    lost: list[str] = []
    for name, value in wishes.items():
        if value is None:
            continue
        fits = takes(dialect.sampling, generation(dialect).sampling)
        if claude and thinking.on:
            fits = fits and (value == 1 if name == "temperature" else name == "top_p" and 0.95 <= value <= 1)
        if claude and name == "top_p" and "temperature" in body:
            # The 4.5 family refuses both at once.
            fits = False
        if fits:
            body[name] = min(value, 1) if name == "temperature" else value
        else:
            lost.append(loss.called(conversation.wire, name))
    rest = ("min_p", "seed", "presence", "frequency", "repeat", "logit_bias")
    lost += [loss.called(conversation.wire, name) for name in rest if getattr(asked, name) is not None]
    lost += [loss.called(conversation.wire, "logprobs")] * (conversation.logprobs is not None)
    return lost + [loss.called(conversation.wire, "verbosity")] * bool(conversation.verbosity)


def _stop(body: Json, conversation: Conversation) -> list[str]:
    """Stop sequences; those of blanks only are refused by Anthropic."""
    kept = [one for one in conversation.stop if one.strip()]
    if kept:
        body["stop_sequences"] = kept
    return [loss.called(conversation.wire, "stop")] if len(kept) < len(conversation.stop) else []


def _finish(body: Json, conversation: Conversation, dialect: Dialect) -> None:
    """The user's name, hashed where it is told to anybody but whom it was meant for; and what this wire alone knows."""
    own_wire = conversation.wire == "anthropic"
    user = conversation.user
    if user and not (own_wire and is_claude(dialect)):
        user = hashlib.sha256(user.encode(errors="surrogatepass")).hexdigest()[:32]
    if user:
        body["metadata"] = {"user_id": user}
    if not own_wire:
        return
    for name, value in conversation.own.items():
        known = body.get(name)
        if name in ("output_config", "metadata") and isinstance(known, dict):
            body[name] = {**value, **known}
        else:
            body.setdefault(name, value)
