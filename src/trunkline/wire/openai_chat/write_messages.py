"""The turns of a conversation as messages, in the order that this wire's providers insist on.

What is written of a turn depends on the turns before it and on the results of its own calls, never on what is said
later: so a request begins with the bytes of the one before, and the provider's prompt cache holds.
"""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Conversation, Image, Part, Text, ToolCall, ToolResult, Turn
from trunkline.wire.openai_chat.notes import Notes
from trunkline.wire.openai_chat.ways import Way
from trunkline.wire.openai_chat.write_parts import Parts
from trunkline.wire.openai_chat.write_said import Said, sent_ids

Json = dict[str, Any]

ATTRIBUTION = "x-anthropic-billing-header:"
"""How Claude Code's own first block begins: it changes with each request, and would ruin every prompt cache."""


class Messages:
    """Writes the messages of one request."""

    def __init__(self, conversation: Conversation, notes: Notes, way: Way) -> None:
        self._conversation = conversation
        self._notes = notes
        self._way = way
        self._parts = Parts(notes, way)
        self._said = Said(notes, way)
        self._out: list[Json] = []
        self._done: set[int] = set()
        """Results that stand behind their calls already."""

    def write(self, hints: list[str], demand: str = "") -> list[Json]:
        """All of them. `hints` are added to the system's words; `demand`, which is for this turn alone, stands last."""
        words = [part.text for part in self._conversation.system if not part.text.startswith(ATTRIBUTION)]
        turns = self._conversation.turns
        if turns and turns[-1].role == "assistant":
            # Nothing may stand behind what is to be gone on with.
            hints, demand = [*hints, demand], ""
        self._system([*words, *hints])
        at = 0
        while at < len(turns):
            turn = turns[at]
            if turn.role != "assistant":
                self._other(turn)
                at += 1
                continue
            end = at
            while end < len(turns) and turns[end].role == "assistant":
                end += 1
            self._assistant(turns[at:end], _results(turns, end))
            at = end
        if demand:
            self._other(Turn("system", [Text(demand)]))
        self._mend_the_end()
        return self._out

    def _system(self, words: list[str]) -> None:
        text = "\n\n".join(each for each in words if each.strip())
        if text:
            role = "developer" if self._notes.dialect.developer else "system"
            self._out.append({"role": role, "content": text})

    def _other(self, turn: Turn) -> None:
        if turn.role == "user":
            self._user(turn)
            return
        words = [part.text for part in turn.parts if isinstance(part, Text)]
        able = self._notes.dialect.system_in_middle
        if self._way.middle if able is None else able:
            self._system(words)
            return
        text = "\n\n".join(each for each in words if each.strip())
        if text:
            self._add_user(f"<system-reminder>\n{text}\n</system-reminder>")

    def _user(self, turn: Turn) -> None:
        parts: list[Part] = []
        for part in turn.parts:
            if not isinstance(part, ToolResult):
                parts.append(part)
            elif id(part) not in self._done:
                self._notes.mend("orphan_result")
                parts.append(Text(f"[The result of an earlier tool call {part.id}]"))
                parts += part.content
        content = self._parts.content(parts)
        if content is not None:
            self._add_user(content, turn.name)

    def _add_user(self, content: str | list[Json], name: str = "") -> None:
        if self._way.bridge and self._out and self._out[-1]["role"] == "tool":
            self._notes.mend("bridged_order")
            self._out.append({"role": "assistant", "content": "I have read the result."})
        message: Json = {"role": "user", "content": content}
        if name and self._way.names:
            message["name"] = name
        self._out.append(message)

    def _assistant(self, turns: list[Turn], results: list[ToolResult]) -> None:
        calls = [part for turn in turns for part in turn.parts if isinstance(part, ToolCall)]
        ids = sent_ids(calls, self._way)
        message = self._said.message(turns, ids)
        if message is None:
            return
        self._out.append(message)
        pictures: list[tuple[str, list[Part]]] = []
        for call, told in zip(calls, ids, strict=True):
            result = _take(results, call)
            if result is None:
                self._notes.mend("interrupted_call")
                self._out.append({"role": "tool", "tool_call_id": told, "content": "[interrupted]"})
                continue
            self._done.add(id(result))
            self._out.append({"role": "tool", "tool_call_id": told, "content": self._result(result)})
            seen: list[Part] = [part for part in result.content if not isinstance(part, Text)]
            if seen:
                pictures.append((told, seen))
        for told, seen in pictures:
            what = "image(s)" if all(isinstance(part, Image) for part in seen) else "file(s)"
            content = self._parts.content([Text(f"[{what} returned by tool call {told}]"), *seen])
            self._add_user(content or "")

    def _result(self, result: ToolResult) -> str:
        text = "\n".join(part.text for part in result.content if isinstance(part, Text))
        if result.failed and not text.startswith("Error"):
            text = f"Error: {text}" if text else "Error"
        if text.strip():
            return text
        return "(see the next message)" if result.content and not text else "(no output)"

    def _mend_the_end(self) -> None:
        """What only the last position may need, and what a conversation without a user lacks."""
        if self._way.zai and not any(each["role"] == "user" for each in self._out):
            self._notes.mend("no_user")
            self._out.append({"role": "user", "content": "Go on."})
        last = self._out[-1] if self._out else {}
        if last.get("role") != "assistant":
            return
        if self._way.prefill:
            last[self._way.prefill] = True
        elif self._notes.dialect.prefill is False:
            self._notes.mend("prefill")
            self._out.append({"role": "user", "content": "Go on exactly where your last message ends."})


def _results(turns: list[Turn], at: int) -> list[ToolResult]:
    """The results between here and the next assistant turn."""
    found: list[ToolResult] = []
    while at < len(turns) and turns[at].role != "assistant":
        found += [part for part in turns[at].parts if isinstance(part, ToolResult)]
        at += 1
    return found


def _take(results: list[ToolResult], call: ToolCall) -> ToolResult | None:
    """The result of a call, taken out: by its id; of results without an id, by the tool's name, else the next."""
    named = [nth for nth, each in enumerate(results) if each.id == call.id and each.id]
    nameless = [nth for nth, each in enumerate(results) if not each.id and each.name in ("", call.name)]
    found = next(iter(named or nameless), None)
    return None if found is None else results.pop(found)
