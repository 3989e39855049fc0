"""A conversation as a request to a provider of this wire, in that provider's dialect (`ways`).

Members stand in one order, the model and the messages first. Sources (2026-11-20):
developers.openai.com/api/reference/resources/chat and docs.z.ai/api-reference/llm/chat-completion.
"""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.absent import names
from trunkline.wire.loss import own
from trunkline.wire.openai_chat.efforts import glm
from trunkline.wire.openai_chat.names import hashed, key
from trunkline.wire.openai_chat.notes import Notes
from trunkline.wire.openai_chat.ways import Way, way
from trunkline.wire.openai_chat.write_messages import Messages
from trunkline.wire.openai_chat.write_thinking import think
from trunkline.wire.openai_chat.write_tools import Tools

Json = dict[str, Any]

STOPS = 4
"""Stop sequences at most."""

_ZAI_OWN = frozenset({"request_id", "do_sample", "tool_stream", "sensitive_word_check", "meta", "watermark_enabled"})
"""Members that Z.AI has beyond what a conversation knows; what else OpenAI's clients send it does not know."""


def write(conversation: Conversation, dialect: Dialect) -> Written:
    """The request. Raises `InvalidRequest` for what cannot be said there and would change the answer if left out."""
    row = way(dialect)
    notes = Notes(conversation.wire, dialect)
    tools = Tools(conversation, notes, row)
    rest: Json = {}
    tools.write(rest)
    tools.shape(rest)
    think(conversation, notes, row, rest)
    _sample(conversation, notes, row, rest)
    _bound(conversation, notes, row, rest)
    _tell(conversation, notes, row, rest)
    body: Json = {
        "model": dialect.model,
        "messages": Messages(conversation, notes, row).write(tools.hints, tools.demand),
        **rest,
    }
    if conversation.streamed:
        _stream(dialect, row, body)
    # A name that begins with an underscore is a wire's note to itself.
    unknown = [name for name in own(conversation, "openai_chat") if not name.startswith("_")]
    return Written(
        body=body,
        lost=notes.lost + [name for name in unknown if name not in notes.lost],
        names=tools.names,
        customs=frozenset(tools.customs),
        offered=tools.offered,
        absent=names(tools.absent),
        repairs=notes.repairs,
    )


def _sample(conversation: Conversation, notes: Notes, row: Way, body: Json) -> None:
    sampling = conversation.sampling
    for name in ("temperature", "top_p"):
        value = getattr(sampling, name)
        if value is None:
            continue
        if notes.dialect.sampling is False:
            notes.lose(name)
        elif not row.zai:
            body[name] = value
        else:
            # Z.AI takes neither 0 nor more than 1; 0 is meant as the likeliest word each time.
            if name == "temperature" and value <= 0:
                body["do_sample"] = False
            body[name] = min(max(value, 0.01), 1)
    for name in ("top_k", "min_p", "seed", "presence", "frequency", "repeat", "logit_bias"):
        value = getattr(sampling, name)
        if value is None:
            continue
        if row.samplers.get(name):
            body[row.samplers[name]] = value
        else:
            notes.lose(name)


def _bound(conversation: Conversation, notes: Notes, row: Way, body: Json) -> None:
    """The output limit and stop sequences, and how many answers."""
    limit, most = conversation.limit, notes.dialect.max_output
    if limit is not None:
        body["max_tokens" if row.zai else notes.dialect.limit_name] = min(limit, most) if most else limit
    stops = [each for each in conversation.stop if each]
    if len(stops) > STOPS:
        notes.lose_or_refuse("stop", f"at most {STOPS} stop sequences are taken here.")
    if stops:
        body["stop"] = stops[:STOPS]
    if conversation.count > 1:
        notes.lose_or_refuse("count", "one answer can be carried from another format, not several.")
    if conversation.logprobs is not None:
        notes.lose("logprobs")


def _tell(conversation: Conversation, notes: Notes, row: Way, body: Json) -> None:
    """Who asks, in which session, how wordy; and what only this wire has."""
    if conversation.user and row.user:
        # Another vendor's idea of the person is not for this one to know.
        told = key(conversation.user) if conversation.wire == "openai_chat" else hashed(conversation.user)
        body[row.user] = told if len(told) >= 6 else hashed(told)
    if conversation.session and row.session:
        body[row.session] = key(conversation.session)
    if conversation.verbosity:
        if row.verbosity:
            body["verbosity"] = conversation.verbosity
        else:
            notes.lose("verbosity")
    if conversation.wire == "openai_chat":
        for name, value in conversation.own.items():
            if not name.startswith("_") and (not row.zai or name in _ZAI_OWN):
                body.setdefault(name, value)


def _stream(dialect: Dialect, row: Way, body: Json) -> None:
    body["stream"] = True
    if dialect.asks_usage:
        body["stream_options"] = {"include_usage": True}
    if row.zai and "tools" in body and (glm(dialect.model) or (0, 0)) >= (4, 6):
        # Without it the arguments of a call come all at once, after a long silence.
        body["tool_stream"] = True
