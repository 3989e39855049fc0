"""The turns of a conversation in the order that Anthropic demands.

A user first; one message for what one side said at once; each call answered in the very next message, results before
anything else; no empty block; nothing behind a last word of the assistant's but where the model goes on from there.
What is written for a turn depends on the turns before it alone, so that prompt caches hit; only the last may differ.
"""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Conversation, Part, Text, Thinking, ToolCall, ToolResult, Turn
from trunkline.model.dialect import Dialect
from trunkline.wire.anthropic.claude import generation, is_claude, takes
from trunkline.wire.anthropic.names import Names, Ties
from trunkline.wire.anthropic.write_parts import Parts
from trunkline.wire.arguments import as_object

Json = dict[str, Any]

BEFORE = "(The conversation began before this.)"
EMPTY = "(empty message)"
INTERRUPTED = "[interrupted]"
GO_ON = "Go on exactly where your last message ends, without repeating any of it."


def reminder(text: str) -> str:
    """A system's words in the middle of a conversation, for models that know no such role there."""
    return f"<system-reminder>\n{text}\n</system-reminder>"


class Messages:
    """The messages of one request. `prefill`: the last word may be the assistant's own beginning."""

    def __init__(self, conversation: Conversation, dialect: Dialect, names: Names, *, prefill: bool) -> None:
        self._conversation = conversation
        self._dialect = dialect
        self._names = names
        self._prefill = prefill
        self._claude = is_claude(dialect)
        self._parts = Parts(dialect)
        self._ties = Ties()
        self.out: list[Json] = []
        self.repairs: list[str] = []

    @property
    def lost(self) -> list[str]:
        return self._parts.lost

    def write(self) -> list[Json]:
        """All of them. Raises `InvalidRequest` for parts that cannot be sent and may not be dropped."""
        for role, parts in self._runs():
            if role == "assistant":
                self._assistant(parts)
            elif role == "user":
                self._user(parts)
            else:
                self._system(parts)
        self._finish()
        return self.out

    def _runs(self) -> list[tuple[str, list[Part]]]:
        """What each side said at once. System turns stay where they are, but for results, which come first."""
        middle = takes(self._dialect.system_in_middle, generation(self._dialect).system_in_middle)
        runs: list[tuple[str, list[Part]]] = []
        for turn in self._conversation.turns[leading(self._conversation) :]:
            role, parts = (turn.role, turn.parts) if middle or turn.role != "system" else ("user", _reminded(turn))
            if role == "user" and _answers(parts) and len(runs) > 1 and runs[-1][0] == "system":
                if runs[-2][0] == "assistant":
                    runs.insert(-1, (role, list(parts)))
                    continue
                if runs[-2][0] == "user" and _answers(runs[-2][1]):
                    runs[-2][1].extend(parts)
                    continue
            if runs and runs[-1][0] == role:
                runs[-1][1].extend(parts)
            else:
                runs.append((role, list(parts)))
        return runs

    def _assistant(self, parts: list[Part]) -> None:
        blocks: list[Json] = []
        calls = any(isinstance(part, ToolCall) for part in parts)
        if calls:
            self._ties.begin()
        for part in parts:
            match part:
                case ToolCall():
                    blocks.append(self._call(part))
                case Thinking():
                    blocks += self._parts.thinking(part)
                case ToolResult():
                    blocks += self._parts.orphan(part)
                case _:
                    blocks += self._fit_for_assistant(self._parts.said(part))
        while self._claude and blocks and blocks[-1]["type"] in ("thinking", "redacted_thinking"):
            # The last block of an assistant's message may not be thinking.
            blocks.pop()
        if not blocks:
            return
        if not self.out:
            self.repairs.append("user_first")
            self.out.append({"role": "user", "content": self._parts.text(BEFORE)})
        self._add("assistant", blocks)

    def _fit_for_assistant(self, blocks: list[Json]) -> list[Json]:
        """An assistant's turn has no pictures or files of its own in this wire."""
        fit: list[Json] = []
        for block in blocks:
            if block["type"] in ("image", "document"):
                self._parts.lost.append(block["type"])
                block = {"type": "text", "text": f"[{block['type']}]"}
            fit.append(block)
        return fit

    def _call(self, call: ToolCall) -> Json:
        return {
            "type": "tool_use",
            "id": self._ties.call(call.id, call.name),
            "name": self._names.sent(call.name, call.namespace),
            "input": {"input": call.arguments} if call.custom else as_object(call.arguments),
        }

    def _user(self, parts: list[Part]) -> None:
        results: list[Json] = []
        rest: list[Json] = []
        for part in parts:
            match part:
                case ToolResult():
                    told = self._ties.result(part)
                    if told:
                        results.append(self._parts.result(part, told))
                    else:
                        self.repairs.append("orphan_result")
                        rest += self._parts.orphan(part)
                case ToolCall() | Thinking():
                    pass
                case _:
                    rest += self._parts.said(part)
        results += self._interrupted()
        self._add("user", results + rest or self._parts.text(EMPTY))

    def _interrupted(self) -> list[Json]:
        """Results for calls that nobody answered: a history that was cut."""
        left = self._ties.unanswered()
        self.repairs += ["interrupted_call"] * bool(left)
        return [{"type": "tool_result", "tool_use_id": one, "content": INTERRUPTED, "is_error": True} for one in left]

    def _system(self, parts: list[Part]) -> None:
        blocks = [block for part in parts for block in self._parts.said(part)]
        if left := self._interrupted():
            self._add("user", left)
        if blocks and self.out:
            self._add("system", blocks)
        elif blocks:
            text = "\n\n".join(block["text"] for block in blocks)
            self._add("user", self._parts.text(reminder(text)))

    def _add(self, role: str, blocks: list[Json]) -> None:
        if self.out and self.out[-1]["role"] == role:
            self.out[-1]["content"].extend(blocks)
        else:
            self.out.append({"role": role, "content": blocks})

    def _finish(self) -> None:
        """The last turn: calls that are still open are answered; a beginning is gone on from, or asked to be."""
        if left := self._interrupted():
            self._add("user", left)
        if not self.out or self.out[-1]["role"] != "assistant":
            return
        last = self.out[-1]["content"][-1]
        if self._prefill:
            if last["type"] == "text":
                last["text"] = last["text"].rstrip()
            return
        self.repairs.append("prefill")
        self._add("user", self._parts.text(GO_ON))


def _answers(parts: list[Part]) -> bool:
    return any(isinstance(part, ToolResult) for part in parts)


def leading(conversation: Conversation) -> int:
    """How many turns at the beginning are the system's: they belong above the conversation."""
    roles = (turn.role for turn in conversation.turns)
    return next((nth for nth, role in enumerate(roles) if role != "system"), len(conversation.turns))


def _reminded(turn: Turn) -> list[Part]:
    text = "\n\n".join(part.text for part in turn.parts if isinstance(part, Text) and part.text)
    return [Text(reminder(text))] if text else []


def is_open_loop(messages: list[Json]) -> bool:
    """Whether the last turn brings results of calls before which the model's own thinking is missing.

    With a thinking budget Claude demands it there ("Expected `thinking` or `redacted_thinking`, but found `tool_use`").
    """
    turns = [message for message in messages if message["role"] != "system"]
    if len(turns) < 2 or not any(block["type"] == "tool_result" for block in turns[-1]["content"]):
        return False
    return turns[-2]["content"][0]["type"] not in ("thinking", "redacted_thinking")
