"""A conversation as a request to a provider that speaks OpenAI's Responses format.

Source: `openai.types.responses.ResponseCreateParams`, SDK 3.52.0, and developers.openai.com (2026-11).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import Any

from trunkline.model.conversation import Conversation, Sampling, Shape, Text
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import absent, loss
from trunkline.wire.openai_responses.effort import asked, reasoning
from trunkline.wire.openai_responses.items import Items
from trunkline.wire.openai_responses.offer import Offer, fit
from trunkline.wire.openai_responses.proof import WIRE
from trunkline.wire.openai_responses.say import is_attribution
from trunkline.wire.openai_responses.schemas import is_strict

Json = dict[str, Any]

LEAST_LIMIT = 16
"""Output tokens that the vendor demands at least to be allowed."""

_LONGEST = 64
"""Characters of a cache key or of an end user's name."""


def write(conversation: Conversation, dialect: Dialect) -> Written:
    """The request. Raises `InvalidRequest` for what cannot be said here and may not be left out."""
    written = Written({})
    _refused(conversation, dialect, written)
    offer = Offer(conversation, dialect, written)
    items = Items(conversation, dialect, written).items
    system = "\n\n".join(
        part.text
        for part in conversation.system
        if part.text and (conversation.wire == WIRE or not is_attribution(part.text))
    )
    shape, hint = _shape(conversation, dialect, written, system)
    system = "\n\n".join(words for words in (system, absent.note(offer.absent), hint) if words)
    role = "developer" if dialect.developer else "system"
    if system and not items:
        items, system = [_words(role, system)], ""
    # Only at the very end: what is sent for the next turn must begin as this does.
    items += [_words(role, last) for last in (offer.hint, _prefill(conversation, dialect, written)) if last]
    body: Json = {"model": dialect.model}
    if system:
        body["instructions"] = system
    body["input"] = items
    body |= offer.members
    body |= _numbers(conversation, dialect, written)
    if thought := _reasoning(conversation, dialect, written):
        body["reasoning"] = thought
    if shape or conversation.verbosity:
        body["text"] = {**shape, **({"verbosity": conversation.verbosity} if conversation.verbosity else {})}
    body |= _about(conversation, dialect)
    body["stream"] = conversation.streamed
    _own(conversation, body)
    written.body = body
    written.lost = list(dict.fromkeys(written.lost))
    return written


def _words(role: str, text: str) -> Json:
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


def _refused(conversation: Conversation, dialect: Dialect, written: Written) -> None:
    """Names what this wire has no member for; refuses what would make another answer of it."""
    wire = conversation.wire
    if conversation.count > 1:
        written.lost += loss.refuse_or_lose(
            dialect, [loss.called(wire, "count")], "this model gives one answer at a time."
        )
    if conversation.stop:
        written.lost.append(loss.called(wire, "stop"))
    if conversation.logprobs is not None:
        written.lost.append(loss.called(wire, "logprobs"))
    written.lost += loss.speakers(conversation)
    written.lost += loss.own(conversation, WIRE)


def _numbers(conversation: Conversation, dialect: Dialect, written: Written) -> Json:
    """The output limit and how words are chosen."""
    made: Json = {}
    limit = conversation.limit
    if limit is not None and conversation.wire != WIRE:
        if dialect.max_output:
            limit = min(limit, dialect.max_output)
        if limit < LEAST_LIMIT:
            limit = LEAST_LIMIT
            written.repairs.append("least_limit")
    if limit is not None:
        made["max_output_tokens"] = limit
    sampling = conversation.sampling
    for each in fields(Sampling):
        value = getattr(sampling, each.name)
        if value is None:
            continue
        if each.name in ("temperature", "top_p") and dialect.sampling is not False:
            made[each.name] = min(value, 2) if each.name == "temperature" else value
        else:
            written.lost.append(loss.called(conversation.wire, each.name))
    return made


def _reasoning(conversation: Conversation, dialect: Dialect, written: Written) -> Json:
    if dialect.reasoning is not False:
        return reasoning(conversation, dialect)
    thought = conversation.thought
    if (thought.mode or thought.effort) and asked(thought) != "none":
        written.lost.append(loss.called(conversation.wire, "thinking"))
    return {}


def _shape(conversation: Conversation, dialect: Dialect, written: Written, system: str) -> tuple[Json, str]:
    """(the members of `text` for the answer's form, what has to be said in words)."""
    shape = conversation.shape
    if shape is None:
        return {}, ""
    if shape.kind == "schema" and dialect.json_schema is not False:
        made = _schema(shape, own=conversation.wire == WIRE)
        if shape.strict and not made["strict"]:
            written.lost.append(loss.called(conversation.wire, "strict"))
        return {"format": made}, ""
    form = {"format": {"type": "json_object"}}
    if shape.kind == "schema":
        written.lost.append(loss.called(conversation.wire, "shape"))
        written.repairs.append("schema_in_prompt")
        schema = json.dumps(shape.schema, ensure_ascii=False, separators=(",", ":"))
        return form, f"Answer with one JSON object that fits this schema: {schema}"
    # The vendor refuses the form `json_object` unless the word stands somewhere: its own clients know that.
    told = conversation.wire == WIRE or "json" in system.lower()
    return form, "" if told else "Answer with one JSON object and nothing else."


def _schema(shape: Shape, *, own: bool) -> Json:
    made: Json = {"type": "json_schema", "name": fit(shape.name or "answer"), "schema": shape.schema}
    if shape.description:
        made["description"] = shape.description
    if own:
        return made if shape.strict is None else {**made, "strict": shape.strict}
    return {**made, "strict": shape.strict is not False and is_strict(shape.schema)}


def _prefill(conversation: Conversation, dialect: Dialect, written: Written) -> str:
    """Words that make a model go on where its last message stops, since here it would begin a new one."""
    last = conversation.turns[-1] if conversation.turns else None
    if conversation.wire == WIRE or dialect.prefill or last is None or last.role != "assistant":
        return ""
    if not last.parts or not isinstance(last.parts[-1], Text) or not last.parts[-1].text.strip():
        return ""
    written.repairs.append("prefill")
    return "Go on exactly where your last message stops. Do not repeat any of it."


def _about(conversation: Conversation, dialect: Dialect) -> Json:
    """What is kept, what comes back with the answer, and whose it is."""
    made: Json = {}
    if conversation.wire != WIRE:
        if dialect.reasoning is not False:
            made["include"] = ["reasoning.encrypted_content"]
        made["store"] = False
    if conversation.session:
        made["prompt_cache_key"] = _short(conversation.session)
    if conversation.user:
        openai = conversation.wire in (WIRE, "openai_chat")
        made["safety_identifier"] = _short(conversation.user) if openai else _hashed(conversation.user)
    return made


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else _hashed(text)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _own(conversation: Conversation, body: Json) -> None:
    """Gives back what only this wire understands."""
    if conversation.wire != WIRE:
        return
    for name, value in conversation.own.items():
        outer, _, inside = name.partition(".")
        if inside and outer in ("reasoning", "text"):
            body[outer] = {**body.get(outer, {}), inside: value}
        else:
            body[name] = value
