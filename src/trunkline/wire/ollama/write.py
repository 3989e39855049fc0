"""A conversation as a request of `/api/chat`. Source: ollama/ollama api/types.go, server/routes.go (2026-08)."""

from __future__ import annotations

import json
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Text
from trunkline.model.dialect import Dialect, Written
from trunkline.model.estimate import tokens
from trunkline.wire import absent, loss
from trunkline.wire.ollama import options, thought
from trunkline.wire.ollama.offered import offered
from trunkline.wire.ollama.turns import Message, Messages

_ATTRIBUTION = "x-anthropic-billing-header:"
"""How the first system block of Claude Code may begin: it changes with each request and ruins a prompt cache."""

_IMAGE_TOKENS = 1024
"""What a picture is counted as; Ollama itself reckons with 768 (server/prompt.go, 2026-08)."""


def write(conversation: Conversation, dialect: Dialect) -> Written:
    """The request. Members that change from turn to turn stand last, behind the messages."""
    tools = offered(conversation, dialect)
    turns = Messages(dialect, tools)
    format_, hint = _format(conversation, dialect)
    # Nothing may stand behind what is to be gone on with; else what is for this turn alone stands last, so that the
    # next request begins as this does.
    last = bool(conversation.turns) and conversation.turns[-1].role != "assistant"
    system = _system(conversation.system, absent.note(tools.absent), "" if last else tools.hint, hint)
    messages: list[Message] = [{"role": "system", "content": system}] if system else []
    messages += turns.write(conversation.turns)
    if tools.hint and last:
        _demand(f"<system-reminder>\n{tools.hint}\n</system-reminder>", messages)
    if not any(message["role"] != "system" for message in messages) and not system:
        raise InvalidRequest("No message says anything.", param="messages", remedy="Send a message.")
    lost = [*tools.lost, *turns.parts.lost, *loss.speakers(conversation), *loss.own(conversation, "ollama")]
    if conversation.count > 1:
        lost += loss.refuse_or_lose(dialect, [loss.called(conversation.wire, "count")], "Ollama gives one answer.")
    if conversation.logprobs is not None:
        lost.append(loss.called(conversation.wire, "logprobs"))
    if conversation.verbosity:
        lost.append(loss.called(conversation.wire, "verbosity"))
    think, unthought = thought.write(conversation, dialect)
    chosen, unchosen = options.write(conversation, dialect, _size(messages, tools.tools))
    body: dict[str, Any] = {"model": dialect.model, "stream": conversation.streamed}
    if think is not None:
        body["think"] = think
    if format_ is not None:
        body["format"] = format_
    if conversation.wire == "ollama":
        body |= {name: value for name, value in conversation.own.items() if not name.startswith("_")}
        body.pop("options", None)
    if tools.tools:
        body["tools"] = tools.tools
    body["messages"] = messages
    body["options"] = chosen
    return Written(
        body,
        lost=list(dict.fromkeys([*lost, *unthought, *unchosen])),
        names=tools.changed,
        customs=frozenset(tools.customs),
        offered=frozenset(tool["function"]["name"] for tool in tools.tools),
        absent=absent.names(tools.absent),
        repairs=turns.repairs + ["schema_in_prompt"] * bool(hint),
    )


def _demand(words: str, messages: list[Message]) -> None:
    """The user's last words."""
    if messages and messages[-1]["role"] == "user":
        said = messages[-1]["content"]
        messages[-1]["content"] = f"{said}\n\n{words}" if said else words
    else:
        messages.append({"role": "user", "content": words})


def _system(blocks: list[Text], *hints: str) -> str:
    texts = [block.text for block in blocks if block.text]
    if texts and texts[0].startswith(_ATTRIBUTION):
        texts = texts[1:]
    return "\n\n".join([*texts, *(hint for hint in hints if hint)])


def _format(conversation: Conversation, dialect: Dialect) -> tuple[str | dict[str, Any] | None, str]:
    """(`format`, words for the system text where the model cannot be held to a schema)."""
    shape = conversation.shape
    if shape is None:
        return None, ""
    if shape.kind == "json" or not shape.schema:
        return "json", ""
    if dialect.json_schema is False:
        schema = json.dumps(shape.schema, ensure_ascii=False)
        return "json", f"Answer with one JSON object that fits this JSON schema:\n{schema}"
    return shape.schema, ""


def _size(messages: list[Message], tools: list[dict[str, Any]]) -> int:
    """Tokens of all input, guessed: words by their bytes, pictures by their number."""
    said = [{name: value for name, value in message.items() if name != "images"} for message in messages]
    text = json.dumps([said, tools], ensure_ascii=False, separators=(",", ":"))
    pictures = sum(len(message.get("images", ())) for message in messages)
    return tokens(len(text.encode(errors="surrogatepass"))) + pictures * _IMAGE_TOKENS
