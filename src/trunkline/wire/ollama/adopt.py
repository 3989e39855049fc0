"""Takes over lines that a provider began: its name for the model. A line stands for itself: there is no more to it."""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.model.events import Event
from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering
from trunkline.wire.ids import Ids
from trunkline.wire.ollama.encode import OllamaEncoder
from trunkline.wire.sequence import Sequence


def adopt(sent: bytes, answering: Answering) -> Adopted | None:
    """Never None. Raises a `Failure` for what is no stream."""
    encoder = OllamaEncoder(answering)
    sequence = Sequence(Ids(""))
    said: list[Event] = []
    called = False
    for data in sent.split(b"\n"):
        line: Any = msgspec.json.decode(data) if data.strip() else {}
        message = line.get("message") or {"content": line.get("response"), "thinking": line.get("thinking")}
        encoder.adopt(line.get("model"))
        said += sequence.thinking(message.get("thinking") or "")
        said += sequence.text(message.get("content") or "")
        called = called or bool(message.get("tool_calls"))
    for event in said:
        encoder.take(event)
    return Adopted(encoder, said, called=called)
