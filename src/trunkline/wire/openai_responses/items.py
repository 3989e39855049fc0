"""Writes the turns of a conversation as input items.

Order: what the model said stays in its order, one item each; a client's results come first in its turn, then its words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import loss
from trunkline.wire.openai_responses import proof
from trunkline.wire.openai_responses.offer import fit
from trunkline.wire.openai_responses.pairs import Pairs
from trunkline.wire.openai_responses.say import Say

Json = dict[str, Any]


class Items:
    """The member `input`, but for what stands at its very end."""

    def __init__(self, conversation: Conversation, dialect: Dialect, written: Written) -> None:
        self._own = conversation.wire == proof.WIRE
        self._written = written
        self._dialect = dialect
        self._say = Say(dialect, written, keep_marks=self._own)
        self._names = {tool.name: str(tool.raw["name"]) for tool in conversation.tools if "name" in tool.raw}
        self._kept = self._own and any(name in conversation.own for name in ("previous_response_id", "conversation"))
        self._pairs = Pairs(conversation.turns)
        self._waiting: list[ToolCall] = []
        self.items: list[Json] = []
        for nth, turn in enumerate(conversation.turns):
            if turn.role == "assistant":
                following = conversation.turns[nth + 1] if nth + 1 < len(conversation.turns) else None
                self._assistant(turn, ends=following is None or following.role != "assistant")
            else:
                self._interrupted()
                self._client(turn)
        self._interrupted()

    def _repair(self, name: str) -> None:
        if name not in self._written.repairs:
            self._written.repairs.append(name)

    def _assistant(self, turn: Turn, *, ends: bool) -> None:
        """The model's turn. Thinking that nothing follows is left out: the vendor refuses it."""
        parts = [part for part in turn.parts if not (isinstance(part, Text) and not part.text)]
        while ends and not self._own and parts and isinstance(parts[-1], Thinking):
            parts.pop()
        words: list[Json] = []
        for part in parts:
            spoken = self._spoken(part)
            if spoken is not None:
                words.append(spoken)
                continue
            self._message("assistant", words)
            words = []
            self._act(part)
        self._message("assistant", words)

    def _spoken(self, part: Part) -> Json | None:
        """A part of the model's message, or None for what is an item of its own."""
        match part:
            case Text(text=text):
                return {"type": "output_text", "text": text, "annotations": []}
            case Refusal(text=text):
                return {"type": "refusal", "refusal": text}
            case Opaque(wire=wire, raw=raw, summary=summary) if wire != proof.WIRE and summary:
                self._say.lose(loss.block(raw))
                return {"type": "output_text", "text": summary, "annotations": []}
            case Document(text=text) if text:
                return {"type": "output_text", "text": text, "annotations": []}
            case Image() | Document() | Audio():
                # A model's own pictures, files and sounds have no place in what it said before.
                name = loss.part(part)
                self._say.lose(name)
                return {"type": "output_text", "text": f"[{name}]", "annotations": []}
        return None

    def _act(self, part: Part) -> None:
        match part:
            case Thinking():
                self._thinking(part)
            case ToolCall():
                self._call(part)
            case Opaque(wire=wire, raw=raw):
                if wire == proof.WIRE:
                    self.items.append(raw)
                else:
                    self._say.lose(loss.block(raw))

    def _thinking(self, part: Thinking) -> None:
        """A reasoning item that the vendor made itself: no other may be shown to it."""
        if part.origin != proof.WIRE or not part.signature:
            return
        summary = [{"type": "summary_text", "text": part.text}] if part.text else []
        made: Json = {"type": "reasoning", "id": proof.item_id(part.signature, part.id), "summary": summary}
        self.items.append({**made, "encrypted_content": proof.split(part.signature)[1]})

    def _call(self, call: ToolCall) -> None:
        sent = self._pairs.ids[id(call)]
        made: Json = {"type": "custom_tool_call" if call.custom else "function_call"}
        if self._own and call.item:
            made["id"] = call.item
        made |= {"call_id": sent, "name": fit(self._names.get(call.name, call.name))}
        if call.namespace:
            made["namespace"] = call.namespace
        text = call.arguments if call.custom or self._own else call.arguments.strip() or "{}"
        made["input" if call.custom else "arguments"] = text
        self.items.append(made)
        if id(call) not in self._pairs.answered:
            self._waiting.append(call)

    def _interrupted(self) -> None:
        """Calls that no result came for: the vendor demands one."""
        for call in self._waiting:
            self._repair("interrupted_call")
            kind = "custom_tool_call_output" if call.custom else "function_call_output"
            self.items.append({"type": kind, "call_id": self._pairs.ids[id(call)], "output": "[interrupted]"})
        self._waiting = []

    def _client(self, turn: Turn) -> None:
        if turn.role == "system":
            self._system(turn)
            return
        words: list[Json] = []
        for part in turn.parts:
            if isinstance(part, ToolResult):
                words += self._result(part)
        for part in turn.parts:
            if isinstance(part, Opaque) and part.wire == proof.WIRE:
                self._message("user", words)
                words = []
                self.items.append(part.raw)
            elif not isinstance(part, ToolResult):
                words += self._say.part(part)
        self._message("user", words)

    def _result(self, result: ToolResult) -> list[Json]:
        """Puts a result where it belongs; one whose call is gone comes back as words."""
        sent = self._pairs.ids.get(id(result))
        if sent is None and self._kept:
            # Its call may stand in what the vendor keeps.
            sent = result.id
        if sent is not None:
            kind = "custom_tool_call_output" if result.custom else "function_call_output"
            self.items.append({"type": kind, "call_id": sent, "output": self._say.output(result)})
            return []
        self._repair("orphan_result")
        said = self._say.output(result)
        head: Json = {"type": "input_text", "text": f"[result of an earlier tool call {result.id}]".replace(" ]", "]")}
        return [head, {"type": "input_text", "text": said}] if isinstance(said, str) else [head, *said]

    def _system(self, turn: Turn) -> None:
        words = [made for part in turn.parts for made in self._say.part(part)]
        if self._dialect.system_in_middle is False:
            for word in words:
                if "text" in word:
                    word["text"] = f"<system-reminder>\n{word['text']}\n</system-reminder>"
            self._message("user", words)
        else:
            self._message("developer" if self._dialect.developer or (self._own and turn.developer) else "system", words)

    def _message(self, role: str, words: Iterable[Json]) -> None:
        if content := list(words):
            self.items.append({"type": "message", "role": role, "content": content})
