"""Turns as messages of `/api/chat`: a string each, pictures beside it, results right behind the call they belong to.

Nothing here depends on what comes later in the conversation, but for a call whose result is missing: a history that
grows keeps the bytes it had, so that Ollama's prompt cache holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trunkline.model.conversation import Part, Role, Text, Thinking, ToolCall, ToolResult, Turn
from trunkline.model.dialect import Dialect
from trunkline.wire.arguments import as_object
from trunkline.wire.ollama.offered import Offered
from trunkline.wire.ollama.parts import Parts

Message = dict[str, Any]


@dataclass(slots=True)
class _Group:
    """What one side said at once, be it in several turns."""

    role: Role
    turns: list[list[Part]] = field(default_factory=list)

    @property
    def parts(self) -> list[Part]:
        return [part for turn in self.turns for part in turn]


class Messages:
    """Writes the messages of one conversation. `parts` keeps what was lost, `repairs` what was mended."""

    def __init__(self, dialect: Dialect, tools: Offered) -> None:
        self._dialect = dialect
        self._tools = tools
        self.parts = Parts(dialect)
        self.repairs: list[str] = []
        self.written: list[Message] = []

    def write(self, turns: list[Turn]) -> list[Message]:
        """Raises `InvalidRequest` for what Ollama cannot be told and may not be dropped."""
        groups = self._groups(turns)
        taken: set[int] = set()
        for at, group in enumerate(groups):
            if group.role == "assistant":
                self._assistant(group, _results_behind(groups, at), taken)
            elif group.role == "system":
                self.written.append({"role": "system", "content": _joined(self.parts.said(group.parts)[0])})
            else:
                self._user([part for part in group.parts if id(part) not in taken])
        if self._dialect.prefill is False and self.written and self.written[-1]["role"] == "assistant":
            self._repair("prefill")
            self.written.append({"role": "user", "content": "Continue from exactly where your answer stops."})
        return self.written

    def _groups(self, turns: list[Turn]) -> list[_Group]:
        """Neighbours of one role together, and no turn that says nothing.

        A system turn in the middle is what the user is told meanwhile, unless the model is known to take it: Ollama
        joins all system messages and puts them to the top (ollama/ollama template/template.go, 2026-08).
        """
        groups: list[_Group] = []
        for turn in turns:
            role, parts = turn.role, turn.parts
            if role == "system" and not self._dialect.system_in_middle:
                said = _joined(self.parts.said(parts)[0])
                role = "user"
                parts = [Text(f"<system-reminder>\n{said}\n</system-reminder>")] if said else []
            if all(isinstance(part, Thinking) or (isinstance(part, Text) and not part.text) for part in parts):
                continue
            if not groups or groups[-1].role != role or role == "system":
                groups.append(_Group(role))
            groups[-1].turns.append(parts)
        return groups

    def _assistant(self, group: _Group, results: list[ToolResult], taken: set[int]) -> None:
        parts = group.parts
        calls = [part for part in parts if isinstance(part, ToolCall)]
        content: list[str] = []
        media: list[str] = []
        for turn in group.turns:
            texts, shown = self.parts.said(turn, apart="")
            content += texts
            media += shown
        thinking = _joined([p.text for p in parts if isinstance(p, Thinking) and p.text and not p.redacted])
        message: Message = {"role": "assistant", "content": _joined(content)}
        if thinking and self._dialect.reasoning is not False:
            message["thinking"] = thinking
        if media:
            message["images"] = media
        if calls:
            message["tool_calls"] = [self._call(nth, call) for nth, call in enumerate(calls)]
        if calls or media or message["content"]:
            self.written.append(message)
        for call in calls:
            result = next((one for one in results if one.id == call.id and id(one) not in taken), None)
            if result is None:
                self._repair("interrupted_call")
                result = ToolResult(call.id, [Text("[interrupted]")])
            taken.add(id(result))
            self.written.append(self._result(result, call))

    def _call(self, nth: int, call: ToolCall) -> Message:
        arguments = {"input": call.arguments} if call.custom else as_object(call.arguments)
        if not call.custom and "_raw" in arguments and arguments["_raw"] == call.arguments:
            self._repair("broken_arguments")
        name = self._tools.name(call.namespace, call.name)
        return {"id": call.id, "function": {"index": nth, "name": name, "arguments": arguments}}

    def _result(self, result: ToolResult, call: ToolCall) -> Message:
        name = self._tools.name(call.namespace, call.name)
        message: Message = {"role": "tool", "tool_name": name, "tool_call_id": call.id}
        content, media = self._outcome(result)
        message["content"] = content or "(no output)"
        if media:
            message["images"] = media
        return message

    def _outcome(self, result: ToolResult) -> tuple[str, list[str]]:
        texts, media = self.parts.said(list(result.content))
        content = _joined(texts)
        if result.failed and not content.startswith("Error:"):
            content = f"Error: {content}".rstrip()
        return content, media

    def _user(self, parts: list[Part]) -> None:
        told: list[Part] = []
        media: list[str] = []
        for part in parts:
            if isinstance(part, ToolResult):
                self._repair("orphan_result")
                content, shown = self._outcome(part)
                told.append(Text(f"[result of an earlier call of {part.name or 'a tool'}]\n{content}"))
                media += shown
            else:
                told.append(part)
        texts, pictures = self.parts.said(told)
        media += pictures
        if texts or media:
            self.written.append({"role": "user", "content": _joined(texts), **({"images": media} if media else {})})

    def _repair(self, name: str) -> None:
        if name not in self.repairs:
            self.repairs.append(name)


def _results_behind(groups: list[_Group], at: int) -> list[ToolResult]:
    """The results given before the assistant speaks again."""
    found: list[ToolResult] = []
    for group in groups[at + 1 :]:
        if group.role == "assistant":
            break
        found += [part for part in group.parts if isinstance(part, ToolResult)]
    return found


def _joined(texts: list[str]) -> str:
    return "\n\n".join(texts)
