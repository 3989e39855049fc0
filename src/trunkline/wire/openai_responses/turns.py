"""Reads the items of a request as turns: what the model said in a row is one turn, as are the results that follow.

Source: `openai.types.responses.ResponseInputItem`, SDK 3.52.0, and what Codex 0.169 and LangChain send (2026-11).
"""

from __future__ import annotations

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Opaque, Part, Role, Text, Thinking, ToolCall, ToolResult, Turn
from trunkline.wire.arguments import as_text
from trunkline.wire.openai_responses import opaque, proof
from trunkline.wire.openai_responses.fields import Json, need, objects, text, wrong
from trunkline.wire.openai_responses.offered import Offered
from trunkline.wire.openai_responses.parts import content, output

_RESULTS = {"function_call_output": False, "custom_tool_call_output": True}
_CALLS = {"function_call": ("arguments", False), "custom_tool_call": ("input", True)}


class Turns:
    """The turns of one request, and the system's words before them."""

    def __init__(self, offered: Offered) -> None:
        self._offered = offered
        self.system: list[Text] = []
        self.turns: list[Turn] = []

    def read(self, items: list[object]) -> None:
        """The member `input`, as a list."""
        for nth, raw in enumerate(items):
            if not isinstance(raw, dict):
                raise wrong(f"input[{nth}]", "an object")
            self._item(raw, f"input[{nth}].")

    def _item(self, raw: Json, at: str) -> None:
        kind = text(raw, "type", at) or ("message" if "role" in raw else "item_reference" if "id" in raw else "")
        if kind == "message":
            self._message(raw, at)
        elif kind == "reasoning":
            self._say("assistant", _thinking(raw, at))
        elif kind in _CALLS:
            self._say("assistant", self._call(raw, kind, at))
        elif kind in _RESULTS:
            self._say("user", self._result(raw, kind, at))
        elif kind == "additional_tools":
            return
        elif kind:
            self._say(opaque.role(raw), opaque.item(raw))
        else:
            raise InvalidRequest(f"`{at}type` is missing.", param=f"{at}type")

    def _message(self, raw: Json, at: str) -> None:
        role = need(raw, "role", at)
        if role not in ("user", "assistant", "system", "developer"):
            raise wrong(f"{at}role", "`user`, `assistant`, `system` or `developer`")
        spoken: Role = "system" if role == "developer" else role  # type: ignore[assignment]
        parts = content(raw.get("content"), spoken, f"{at}content")
        if spoken == "assistant":
            for part in parts:
                self._say("assistant", part)
        elif spoken == "system" and not self.turns and all(isinstance(part, Text) for part in parts):
            self.system += [part for part in parts if isinstance(part, Text)]
        elif parts:
            self.turns.append(Turn(spoken, parts, developer=role == "developer"))

    def _say(self, role: Role, part: Part) -> None:
        """Adds to the last turn: always to the model's own, to the client's only results to results."""
        last = self.turns[-1] if self.turns else None
        if last is not None and last.role == role and (role == "assistant" or _answers(last)):
            last.parts.append(part)
        else:
            self.turns.append(Turn(role, [part]))

    def _call(self, raw: Json, kind: str, at: str) -> ToolCall:
        member, custom = _CALLS[kind]
        space = text(raw, "namespace", at)
        item = text(raw, "id", at)
        said = as_text(raw.get(member))
        name = self._offered.name(space, need(raw, "name", at))
        told = text(raw, "call_id", at) or item or need(raw, "call_id", at)
        return ToolCall(told, name, said, custom, space, item=item)

    def _result(self, raw: Json, kind: str, at: str) -> ToolResult:
        name = text(raw, "name", at)
        name = self._offered.name(text(raw, "namespace", at), name) if name else ""
        found = output(raw.get("output"), f"{at}output")
        return ToolResult(need(raw, "call_id", at), found, name=name, custom=_RESULTS[kind])


def _answers(turn: Turn) -> bool:
    """Whether a turn holds results of tools and nothing that a person said."""
    return all(
        isinstance(part, ToolResult) or (isinstance(part, Opaque) and part.raw.get("type") != "message")
        for part in turn.parts
    )


def _thinking(raw: Json, at: str) -> Thinking:
    """A reasoning item. The model's own words come before the vendor's summary of them."""
    item = text(raw, "id", at)
    words = [text(part, "text", at) for part in objects(raw, "content", at)]
    words = words or [text(part, "text", at) for part in objects(raw, "summary", at)]
    signature, origin, redacted = proof.told(item, text(raw, "encrypted_content", at))
    said = "\n\n".join(word for word in words if word)
    if origin == proof.WIRE and not said:
        redacted = True
    return Thinking(said, signature, origin or "", redacted, item)
