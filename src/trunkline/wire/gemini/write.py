"""A conversation as a request to a Gemini provider. The model and whether it streams stand in the path, not here.

Facts: ai.google.dev/api/generate-content (2026-11).
"""

from __future__ import annotations

import json

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Text, Turn
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import absent, loss
from trunkline.wire.gemini import thinking
from trunkline.wire.gemini.names import Names
from trunkline.wire.gemini.spelling import Json
from trunkline.wire.gemini.write_tools import write_tools
from trunkline.wire.gemini.write_turns import Turns, reminder

_ATTRIBUTION = "x-anthropic-billing-header:"
"""How a line of Claude Code begins that differs from request to request."""

_MOST_STOPS = 5
FLAGS = frozenset({"array"})
"""Entries of `own` that are no members: how the answer is to be framed."""


def write(conversation: Conversation, dialect: Dialect) -> Written:
    """The request. Raises `InvalidRequest` for what cannot be said and may not be left out."""
    system, turns = _parted(conversation)
    names = Names()
    writer = Turns(conversation, dialect, names)
    contents = writer.write(turns)
    lost = loss.own(conversation, "gemini")
    tools = write_tools(conversation, dialect, names)
    config = _config(conversation, dialect, lost)
    repairs = writer.repairs
    hints = [absent.note(tools.absent), _shaped(conversation, dialect, config, bool(tools.body.get("tools")), repairs)]
    if tools.demand:
        repairs.append("tool_choice")
        if contents and contents[-1]["role"] == "user":
            # At the very end: what is sent for the next turn must begin as this does.
            contents[-1]["parts"].append({"text": reminder(tools.demand)})
        else:
            hints.append(tools.demand)
    system += [hint for hint in hints if hint]
    if not contents:
        # Some clients put all they have to say into the system's words.
        if not system:
            raise InvalidRequest("There is nothing to answer.", param="messages", remedy="Send what the user said.")
        contents, system = [{"role": "user", "parts": [{"text": "\n\n".join(system)}]}], []
        repairs.append("system_as_user")
    body: dict[str, object] = {}
    if system:
        body["systemInstruction"] = {"parts": [{"text": "\n\n".join(system)}]}
    body |= tools.body
    body["contents"] = contents
    if config:
        body["generationConfig"] = config
    if conversation.wire == "gemini":
        _own(conversation, body)
    lost += [*loss.speakers(conversation), *tools.lost, *writer.lost]
    return Written(
        body,
        list(dict.fromkeys(lost)),
        names.back,
        tools.customs,
        tools.offered,
        absent.names(tools.absent),
        list(dict.fromkeys(repairs)),
    )


def _parted(conversation: Conversation) -> tuple[list[str], list[Turn]]:
    """(the system's words before all turns, the turns)."""
    texts = [one.text for one in conversation.system]
    turns = conversation.turns
    first = 0
    while first < len(turns) and turns[first].role == "system":
        texts += [part.text for part in turns[first].parts if isinstance(part, Text)]
        first += 1
    return [text for text in texts if text and not text.startswith(_ATTRIBUTION)], turns[first:]


def _config(conversation: Conversation, dialect: Dialect, lost: list[str]) -> Json:
    """`generationConfig`, but for the form of the answer."""
    config: Json = {}
    _sample(conversation, dialect, config, lost)
    if conversation.limit is not None:
        config["maxOutputTokens"] = min(conversation.limit, dialect.max_output or conversation.limit)
    stops = [one for one in conversation.stop if one]
    if len(stops) > _MOST_STOPS:
        name = loss.called(conversation.wire, "stop")
        lost += loss.refuse_or_lose(dialect, [name], f"Gemini takes {_MOST_STOPS} of them at most.")
    if stops:
        config["stopSequences"] = stops[:_MOST_STOPS]
    if conversation.count > 1:
        name = loss.called(conversation.wire, "count")
        lost += loss.refuse_or_lose(dialect, [name], "one answer at a time can be carried from another format.")
    if conversation.logprobs is not None:
        lost.append(loss.called(conversation.wire, "logprobs"))
    if conversation.verbosity:
        lost.append(loss.called(conversation.wire, "verbosity"))
    told, unthought = thinking.write(conversation, dialect)
    if told:
        config["thinkingConfig"] = told
    if unthought:
        lost.append(loss.called(conversation.wire, "thinking"))
    return config


def _sample(conversation: Conversation, dialect: Dialect, config: Json, lost: list[str]) -> None:
    sampling = conversation.sampling
    given = {
        "temperature": ("temperature", sampling.temperature),
        "topP": ("top_p", sampling.top_p),
        "topK": ("top_k", sampling.top_k),
        "seed": ("seed", sampling.seed),
        "presencePenalty": ("presence", sampling.presence),
        "frequencyPenalty": ("frequency", sampling.frequency),
    }
    for name, (what, value) in given.items():
        if value is None:
            continue
        if dialect.sampling is False:
            lost.append(loss.called(conversation.wire, what))
        elif name == "temperature":
            config[name] = min(max(value, 0), 2)
        elif name == "seed":
            # 32 bits with a sign: a longer seed stands for the same one each time.
            config[name] = int(value) % 2**31
        else:
            config[name] = value
    nowhere = {"min_p": sampling.min_p, "repeat": sampling.repeat, "logit_bias": sampling.logit_bias}
    lost += [loss.called(conversation.wire, what) for what, value in nowhere.items() if value is not None]


def _shaped(conversation: Conversation, dialect: Dialect, config: Json, tools: bool, repairs: list[str]) -> str:
    """Asks for the form of the answer; where the model takes no schema, or none beside tools, in words."""
    shape = conversation.shape
    if shape is None:
        return ""
    # Before Gemini 3 a form of the answer and tools exclude each other.
    wordy = tools and thinking.version(dialect.model) < (3, 0)
    if not wordy:
        config["responseMimeType"] = "application/json"
    if shape.kind == "schema" and not wordy and dialect.json_schema is not False:
        config["responseJsonSchema"] = shape.schema
        return ""
    if shape.kind == "schema":
        repairs.append("schema_in_prompt")
        schema = json.dumps(shape.schema, ensure_ascii=False, separators=(",", ":"))
        return f"Answer with one JSON value that fits this schema, and nothing else: {schema}"
    return "Answer with one JSON object, and nothing else." if wordy else ""


def _own(conversation: Conversation, body: dict[str, object]) -> None:
    """What only Google knows goes back where it stood."""
    for name, value in conversation.own.items():
        outer, _, inner = name.partition(".")
        if name in FLAGS:
            continue
        if not inner:
            body[name] = value
            continue
        holder = body.setdefault(outer, {})
        if isinstance(holder, dict):
            holder[inner] = value
