"""The contents of a Gemini client's request, as turns. Calls without an id get one, the same in every later request."""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Part, Role, Text, Thinking, ToolCall, ToolResult, Turn
from trunkline.wire.arguments import as_text
from trunkline.wire.gemini.hidden import opened
from trunkline.wire.gemini.read_parts import read_data, read_other, read_response, read_words
from trunkline.wire.gemini.spelling import Json, a_text, an_object, objects
from trunkline.wire.ids import Ids

_ROLES: dict[str, Role] = {"user": "user", "function": "user", "tool": "user", "model": "assistant"}


def read_turns(value: Any) -> list[Turn]:
    """`contents`. What a model said in several contents on end is one turn: SDKs replay a stream chunk by chunk."""
    reader = _Reader()
    turns: list[Turn] = []
    for at, content in enumerate(objects(value, "contents")):
        told = content.get("role") or "user"
        role = _ROLES.get(told) if isinstance(told, str) else None
        if role is None:
            raise InvalidRequest(
                f"contents[{at}].role is {str(told)[:40]!r}.", param="contents", remedy="Use `user` or `model`."
            )
        parts = [
            one
            for nth, part in enumerate(objects(content.get("parts", []), f"contents[{at}].parts"))
            for one in reader.part(part, f"contents[{at}].parts[{nth}]")
        ]
        if not parts:
            continue
        if role == "assistant" and turns and turns[-1].role == "assistant":
            turns[-1].parts += parts
        else:
            turns.append(Turn(role, parts))
    for turn in turns:
        if turn.role == "assistant":
            turn.parts = _joined(turn.parts)
    return turns


def _joined(parts: list[Part]) -> list[Part]:
    """Words in pieces made whole again. A signature closes a thought."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        if isinstance(part, Text) and isinstance(last, Text):
            last.text += part.text
        elif (
            isinstance(part, Thinking)
            and isinstance(last, Thinking)
            and not (last.signature or last.redacted or part.redacted)
        ):
            last.text += part.text
            last.signature, last.origin = part.signature, part.origin
        else:
            out.append(part)
    return out


class _Reader:
    """Reads parts in order; knows which calls wait for a result. A result is told by its id, else by its name."""

    def __init__(self) -> None:
        self._ids = Ids("gemini")
        self._open: list[tuple[str, str, str]] = []

    def part(self, part: Json, param: str) -> list[Part]:
        if "functionCall" in part:
            return self._call(part, an_object(part["functionCall"], f"{param}.functionCall"), param)
        if "functionResponse" in part:
            return self._result(an_object(part["functionResponse"], f"{param}.functionResponse"), param)
        if "inlineData" in part or "fileData" in part:
            return [read_data(part, param)]
        if "text" in part:
            return read_words(part, param)
        if not part.keys() - {"thought", "thoughtSignature"}:
            return read_words({**part, "text": ""}, param)
        return [read_other(part)]

    def _call(self, part: Json, call: Json, param: str) -> list[Part]:
        name = a_text(call.get("name"), f"{param}.functionCall.name")
        told = a_text(call.get("id", ""), f"{param}.functionCall.id")
        arguments = call.get("args", {})
        an_object(arguments, f"{param}.functionCall.args")
        thoughts, signature = opened(a_text(part.get("thoughtSignature", ""), f"{param}.thoughtSignature"))
        made = self._ids.call(told, name)
        self._open.append((told, name, made))
        return [*thoughts, ToolCall(made, name, as_text(arguments), signature=signature)]

    def _result(self, given: Json, param: str) -> list[Part]:
        param = f"{param}.functionResponse"
        name = a_text(given.get("name", ""), f"{param}.name")
        told = a_text(given.get("id", ""), f"{param}.id")
        found = next((one for one in self._open if told and one[0] == told), None)
        if found is None:
            # Results without ids, and ids that a client made up, are told by name and in order.
            found = next((one for one in self._open if one[1] == name and not (told and one[0])), None)
        if found is not None:
            self._open.remove(found)
        content, failed, beside = read_response(given, param)
        return [ToolResult(found[2] if found else self._ids.call(told, name), content, failed, name), *beside]
