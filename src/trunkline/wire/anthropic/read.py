"""Reads a client's request to the Messages API as a conversation.

Strict about what has no meaning, lenient about what is new: unknown members go into `own`, unknown blocks stay opaque.
Source: platform.claude.com/docs/en/api/messages (2026-11-20), and what Claude Code 1.0 to 2.1 sends.
"""

from __future__ import annotations

import json
import re
from typing import Any, get_args

from trunkline.model.conversation import Conversation, Effort, Sampling, Shape, Thought, Turn
from trunkline.wire.anthropic.read_blocks import blocks, texts
from trunkline.wire.anthropic.read_tools import choice, tools
from trunkline.wire.anthropic.shapes import a_number, a_string, an_integer, an_object, invalid

Json = dict[str, Any]

_SIZE = re.compile(r"\[\d+m\]\Z")
"""Claude Code's mark for a larger window: not a part of any model's name."""
_SESSION = re.compile(r"_session_([0-9a-fA-F-]{8,})\Z")
_KNOWN = frozenset(
    [
        *("model", "messages", "max_tokens", "system", "tools", "tool_choice", "thinking", "output_config"),
        *("output_format", "stop_sequences", "temperature", "top_p", "top_k", "metadata", "stream"),
    ]
)
_EFFORTS = frozenset(get_args(Effort)) - {""}


def read(body: Json, *, model: str, streamed: bool) -> Conversation:
    """The conversation. Raises `InvalidRequest` that names the member."""
    thought, shape, rest = _thought(body)
    own = {name: value for name, value in body.items() if name not in _KNOWN}
    if rest:
        own["output_config"] = rest
    user, session, more = _metadata(body.get("metadata"))
    if more:
        own["metadata"] = more
    return Conversation(
        "anthropic",
        _SIZE.sub("", model),
        _turns(body.get("messages")),
        system=texts(body.get("system"), "system"),
        tools=tools(body.get("tools")),
        choice=choice(body.get("tool_choice")),
        thought=thought,
        limit=an_integer(body.get("max_tokens"), "max_tokens"),
        stop=_stop(body.get("stop_sequences")),
        sampling=Sampling(
            temperature=a_number(body.get("temperature"), "temperature"),
            top_p=a_number(body.get("top_p"), "top_p"),
            top_k=an_integer(body.get("top_k"), "top_k"),
        ),
        shape=shape,
        streamed=streamed,
        user=user,
        session=session,
        own=own,
    )


def _turns(messages: Any) -> list[Turn]:
    if not isinstance(messages, list) or not messages:
        raise invalid("messages", "must be a list of at least one message")
    out: list[Turn] = []
    for nth, message in enumerate(messages):
        where = f"messages.{nth}"
        one = an_object(message, where)
        role = one.get("role")
        if role == "system":
            parts: list[Any] = list(texts(one.get("content"), f"{where}.content"))
        elif role in ("user", "assistant"):
            parts = blocks(one.get("content"), f"{where}.content")
        else:
            raise invalid(f"{where}.role", "must be `user`, `assistant` or `system`")
        out.append(Turn(role, parts))
    return out


def _stop(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid("stop_sequences", "must be a list of strings")
    return [a_string(one, f"stop_sequences.{nth}") for nth, one in enumerate(value)]


def _thought(body: Json) -> tuple[Thought, Shape | None, Json]:
    """How much thinking, which form, and what else `output_config` says."""
    config = dict(an_object(body.get("output_config") or {}, "output_config"))
    thought = Thought()
    if (asked := body.get("thinking")) is not None:
        thought = _thinking(an_object(asked, "thinking"))
    effort = config.get("effort")
    if isinstance(effort, str) and effort in _EFFORTS:
        thought.effort = effort  # type: ignore[assignment]
        del config["effort"]
    elif effort is None:
        config.pop("effort", None)
    shaped = config.pop("format", None) or body.get("output_format")
    return thought, None if shaped is None else _shape(an_object(shaped, "output_config.format")), config


def _thinking(asked: Json) -> Thought:
    kind = asked.get("type")
    display = asked.get("display")
    shown = None if display is None else display != "omitted"
    match kind:
        case "enabled":
            return Thought("on", an_integer(asked.get("budget_tokens"), "thinking.budget_tokens"), shown=shown)
        case "adaptive":
            return Thought("adaptive", shown=shown)
        case "disabled":
            return Thought("off")
        case "between_tools":
            return Thought("between_tools", shown=shown)
    raise invalid("thinking.type", "must be `enabled`, `adaptive`, `disabled` or `between_tools`")


def _shape(asked: Json) -> Shape:
    if asked.get("type") != "json_schema":
        raise invalid("output_config.format.type", "must be `json_schema`")
    return Shape("schema", schema=an_object(asked.get("schema"), "output_config.format.schema"))


def _metadata(value: Any) -> tuple[str, str, Json]:
    """(user, session, what else is there). Claude Code packs its session into `user_id`: as JSON, once as a suffix."""
    if value is None:
        return "", "", {}
    more = dict(an_object(value, "metadata"))
    user = more.pop("user_id", None)
    if user is None:
        return "", "", more
    text = a_string(user, "metadata.user_id")
    found = _SESSION.search(text)
    if found:
        return text, found[1], more
    try:
        packed = json.loads(text) if text.startswith("{") else {}
    except (ValueError, RecursionError):
        packed = {}
    session = packed.get("session_id") if isinstance(packed, dict) else None
    return text, session if isinstance(session, str) else "", more
