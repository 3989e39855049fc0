"""Short ways to make what the tests of this wire are about: requests, chunks, conversations."""

from __future__ import annotations

import json
from typing import Any

from tests.fake.gemini_rules import camel, check
from trunkline.model.conversation import Conversation, Part, Text, Tool, Turn
from trunkline.model.dialect import Dialect, Written
from trunkline.model.wires import Wire
from trunkline.wire.gemini.codec import CODEC

FLASH = Dialect("gemini", "gemini-3.8-flash")
OLD = Dialect("gemini", "gemini-2.5-flash")
PIXEL = "iVBORw0KGgo="
WEATHER = Tool("get_weather", "w", {"type": "object", "properties": {"city": {"type": "string"}}})


def user(*parts: Part | str) -> Turn:
    return Turn("user", [Text(part) if isinstance(part, str) else part for part in parts])


def model(*parts: Part | str) -> Turn:
    return Turn("assistant", [Text(part) if isinstance(part, str) else part for part in parts])


def talk(*turns: Turn, wire: Wire = "anthropic", **more: Any) -> Conversation:
    return Conversation(wire, "alias", list(turns), **more)


def written(asked: Conversation, dialect: Dialect = FLASH) -> Written:
    """What is sent, which the fake must not refuse."""
    made = CODEC.write(asked, dialect)
    check(camel(json.loads(json.dumps(made.body))), dialect.model)
    return made


def contents(asked: Conversation, dialect: Dialect = FLASH) -> list[Any]:
    made: Any = written(asked, dialect).body["contents"]
    return list(made)


def read(*said: Any, **more: Any) -> Conversation:
    """A request of a client; each of `said` is a content, or what the user says."""
    told = [one if isinstance(one, dict) else {"role": "user", "parts": [{"text": one}]} for one in said]
    return CODEC.read({"contents": told, **more}, model="alias", streamed=False)


def chunk(*parts: dict[str, Any], finish: str = "", **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
        more.setdefault("usageMetadata", {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15})
    return {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r1", **more}


def sse(*chunks: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(one, ensure_ascii=False).encode() + b"\r\n\r\n" for one in chunks)
