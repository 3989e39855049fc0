"""A client's messages as turns.

Messages of tools that follow one another, and the user's behind them, are one turn: its results first. Leading system
messages are the system's words; one further on stays where it stands.
"""

from __future__ import annotations

import hashlib
from typing import Any

from trunkline.model.conversation import (
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
from trunkline.wire import marks
from trunkline.wire.arguments import as_text
from trunkline.wire.openai_chat.fields import Json, items, record, refuse, text
from trunkline.wire.openai_chat.read_parts import parts, words
from trunkline.wire.openai_chat.reasoning import as_list, proof
from trunkline.wire.openai_chat.reasoning import words as words_of


class History:
    """Reads one list of messages into `system` and `turns`."""

    def __init__(self) -> None:
        self.system: list[Text] = []
        self.turns: list[Turn] = []
        self._results: Turn | None = None
        """The turn that takes further results, and the user's words behind them."""
        self._legacy: dict[str, str] = {}
        """Ids of legacy function calls, by name: their results have only that."""

    def read(self, messages: Any) -> None:
        """All of them. Raises `InvalidRequest`."""
        if not isinstance(messages, list) or not messages:
            refuse("messages", "must be a list with at least one message")
        for nth, message in enumerate(messages):
            if not isinstance(message, dict):
                refuse(f"messages[{nth}]", "must be an object")
            self._message(message, nth)

    def _message(self, message: Json, nth: int) -> None:
        at = f"messages[{nth}]"
        role = message.get("role")
        results = self._results
        if role not in ("tool", "function"):
            self._results = None
        match role:
            case "system" | "developer":
                self._system(message, at)
            case "user":
                self._user(message, at, results)
            case "assistant":
                self._assistant(message, nth)
            case "tool":
                told = text(message.get("tool_call_id"), f"{at}.tool_call_id")
                if not told:
                    refuse(f"{at}.tool_call_id", "is missing", "Name the call that the result is of.")
                self._result(message, told, at)
            case "function":
                name = text(message.get("name"), f"{at}.name")
                if not name:
                    refuse(f"{at}.name", "is missing", "Name the function that the result is of.")
                self._result(message, self._legacy.get(name) or _made(nth, name), at)
            case _:
                refuse(f"{at}.role", "must be system, developer, user, assistant or tool")

    def _system(self, message: Json, at: str) -> None:
        said = words(message.get("content"), f"{at}.content")
        if not self.turns:
            self.system += said
            return
        name = text(message.get("name"), f"{at}.name")
        self.turns.append(Turn("system", list[Part](said), name, developer=message["role"] == "developer"))

    def _user(self, message: Json, at: str, results: Turn | None) -> None:
        if message.get("content") is None:
            refuse(f"{at}.content", "is missing")
        said = parts(message["content"], f"{at}.content")
        name = text(message.get("name"), f"{at}.name")
        if results is not None and not name:
            results.parts += said
        else:
            self.turns.append(Turn("user", said, name))

    def _result(self, message: Json, told: str, at: str) -> None:
        content: list[Text | Image | Document] = []
        for part in parts(message.get("content"), f"{at}.content"):
            match part:
                case Text() | Image() | Document():
                    content.append(part)
                case Opaque(summary=summary) if summary:
                    content.append(Text(summary))
                case _:
                    refuse(f"{at}.content", "of a tool may hold text, images and files only")
        if self._results is None:
            self._results = Turn("user", [])
            self.turns.append(self._results)
        name = text(message.get("name"), f"{at}.name")
        self._results.parts.append(ToolResult(told, content, name=name))

    def _assistant(self, message: Json, nth: int) -> None:
        at = f"messages[{nth}]"
        said: list[Part] = _thinking(message)
        said += parts(message.get("content"), f"{at}.content")
        refusal = text(message.get("refusal"), f"{at}.refusal")
        if refusal:
            said.append(Refusal(refusal))
        if isinstance(message.get("audio"), dict):
            said.append(Opaque("openai_chat", {"type": "audio", "audio": message["audio"]}, "[a spoken answer]"))
        for each, call in enumerate(items(message.get("tool_calls"), f"{at}.tool_calls")):
            said.append(_call(call, f"{at}.tool_calls[{each}]"))
        legacy = message.get("function_call")
        if legacy is not None:
            called = record(legacy, f"{at}.function_call")
            name = text(called.get("name"), f"{at}.function_call.name")
            if not name:
                refuse(f"{at}.function_call.name", "is missing")
            self._legacy[name] = _made(nth, name)
            said.append(ToolCall(self._legacy[name], name, as_text(called.get("arguments"))))
        self.turns.append(Turn("assistant", said, text(message.get("name"), f"{at}.name")))


def _call(value: Any, at: str) -> ToolCall:
    call = record(value, at)
    told = text(call.get("id"), f"{at}.id")
    if not told:
        refuse(f"{at}.id", "is missing")
    custom = call.get("type") == "custom"
    body = record(call.get("custom" if custom else "function"), f"{at}.{'custom' if custom else 'function'}")
    name = text(body.get("name"), f"{at}.function.name")
    if not name:
        refuse(f"{at}.function.name", "is missing")
    if custom:
        return ToolCall(told, name, text(body.get("input"), f"{at}.custom.input"), custom=True)
    google = as_dict(as_dict(call.get("extra_content")).get("google"))
    signature = google.get("thought_signature")
    return ToolCall(
        told, name, as_text(body.get("arguments")), signature=signature if isinstance(signature, str) else ""
    )


def _thinking(message: Json) -> list[Part]:
    """What the model thought, as the client kept it: details where they have words or proofs, else plain text."""
    plain = message.get("reasoning_content") or message.get("reasoning")
    plain = plain if isinstance(plain, str) else ""
    details = [each for each in as_list(message.get("reasoning_details")) if isinstance(each, dict)]
    if plain and details and not any(words_of(each) for each in details):
        details[0] = {**details[0], "text": plain}
    found: list[Part] = []
    for detail in details:
        origin, signature = proof(detail)
        said = words_of(detail)
        sealed = detail.get("signature") or detail.get("data")
        ours = isinstance(sealed, str) and marks.is_mark(sealed)
        told = detail.get("id")
        if said or signature:
            found.append(
                Thinking(
                    said,
                    signature,
                    origin if signature else "",
                    redacted=detail.get("type") == "reasoning.encrypted" and not said,
                    id=told if ours and isinstance(told, str) else "",
                )
            )
    return found or ([Thinking(plain)] if plain else [])


def as_dict(value: Any) -> Json:
    """A member that should be an object."""
    return value if isinstance(value, dict) else {}


def _made(nth: int, name: str) -> str:
    """An id for a legacy call, which has none: the same each time, since it comes from its place."""
    return f"call_{hashlib.sha256(f'{nth}{chr(0)}{name}'.encode(errors='surrogatepass')).hexdigest()[:24]}"
