"""An assistant's turn as a message: words, what was thought, calls.

Their order among each other is lost in this wire.
"""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Opaque, Part, Refusal, Text, Thinking, ToolCall, Turn
from trunkline.wire import loss
from trunkline.wire.arguments import as_text
from trunkline.wire.openai_chat.names import sent_id, sent_name
from trunkline.wire.openai_chat.notes import Notes
from trunkline.wire.openai_chat.reasoning import detail_of
from trunkline.wire.openai_chat.ways import Way

Json = dict[str, Any]


class Said:
    """Writes what the model said before."""

    def __init__(self, notes: Notes, way: Way) -> None:
        self._notes = notes
        self._way = way

    def message(self, turns: list[Turn], ids: list[str]) -> Json | None:
        """Turns that follow one another, as one message; `ids` are those of their calls, in order.

        None where nothing is said: an empty message is refused by some, and thinking alone is worth none.
        """
        parts = [part for turn in turns for part in turn.parts]
        words, refusal = self._words(parts)
        calls = [part for part in parts if isinstance(part, ToolCall)]
        if not (words or refusal or calls):
            return None
        message: Json = {"role": "assistant"}
        if words or not (calls and self._way.zai):
            message["content"] = words or None
        name = next((turn.name for turn in turns if turn.name), "")
        if name and self._way.names:
            message["name"] = name
        if refusal:
            message["refusal"] = refusal
        self._think(message, [part for part in parts if isinstance(part, Thinking)])
        if calls:
            message["tool_calls"] = [self._call(call, told) for call, told in zip(calls, ids, strict=True)]
        return message

    def _words(self, parts: list[Part]) -> tuple[str, str]:
        """(content, refusal). What stood side by side is one; what something stood between is set apart."""
        said: list[str] = []
        refusal = ""
        beside = False
        for part in parts:
            text = ""
            match part:
                case Text():
                    text = part.text
                case Refusal() if self._way.refusals:
                    refusal += part.text
                case Refusal():
                    text = part.text
                case Opaque() if part.wire != "openai_chat":
                    self._notes.name(loss.block(part.raw))
                    text = part.summary
                case ToolCall() | Thinking():
                    pass
                case _:
                    self._notes.name(loss.part(part))
            if text and beside:
                said[-1] += text
            elif text:
                said.append(text)
            beside = bool(text) and isinstance(part, Text)
        whole = "\n\n".join(said)
        return (whole if whole.strip() else ""), refusal

    def _think(self, message: Json, thoughts: list[Thinking]) -> None:
        """What was thought before, for the servers that go on from it."""
        if self._way.details:
            signed = [each for each in thoughts if each.origin == "openai_chat" and each.signature]
            if signed:
                message["reasoning_details"] = [
                    detail_of(each.text, each.signature, "openai_chat", nth) for nth, each in enumerate(signed)
                ]
        text = "\n\n".join(each.text for each in thoughts if each.text)
        if not text or not self._way.replay:
            return
        if self._way.replay != "parts":
            message[self._way.replay] = text
        elif self._notes.dialect.reasoning:
            thought = {"type": "thinking", "thinking": [{"type": "text", "text": text}], "closed": True}
            words = message["content"]
            message["content"] = [thought, {"type": "text", "text": words}] if words else [thought]

    def _call(self, call: ToolCall, told: str) -> Json:
        if call.custom and self._way.custom_tools:
            name = sent_name(call.name, call.namespace)
            return {"id": told, "type": "custom", "custom": {"name": name, "input": call.arguments}}
        arguments = as_text({"input": call.arguments}) if call.custom else call.arguments
        written: Json = {
            "id": told,
            "type": "function",
            "function": {
                "name": sent_name(call.name, call.namespace),
                "arguments": arguments if arguments.strip() else "{}",
            },
        }
        if call.signature and self._way.signs_calls:
            written["extra_content"] = {"google": {"thought_signature": call.signature}}
        return written


def sent_ids(calls: list[ToolCall], way: Way) -> list[str]:
    """The ids that the calls of one message are sent by, each its own."""
    seen: dict[str, int] = {}
    ids = []
    for call in calls:
        nth = seen.get(call.id, 0)
        seen[call.id] = nth + 1
        ids.append(sent_id(call.id, nth, nine=way.nine))
    return ids
