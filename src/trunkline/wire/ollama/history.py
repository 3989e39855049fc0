"""The messages of a client of `/api/chat` as turns.

Ollama joins a result to its call by `tool_call_id`, by `tool_name`, or by nothing but the order (its Python library
drops ids), so ids are made where none came: from the place of the call, that the same history gives the same ids.
"""

from __future__ import annotations

import hashlib
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Audio, Image, Part, Role, Text, Thinking, ToolCall, ToolResult, Turn
from trunkline.wire.arguments import as_text
from trunkline.wire.ollama.pictures import media_type

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


class History:
    """Reads one list of messages. `system` is what stands before the first turn."""

    def __init__(self) -> None:
        self.system: list[Text] = []
        self.turns: list[Turn] = []
        self._open: list[ToolCall] = []
        """Calls of the last assistant message that have no result yet."""
        self._results: Turn | None = None

    def read(self, messages: Any) -> None:
        """Raises `InvalidRequest` for what no message may be."""
        if not isinstance(messages, list) or not messages:
            raise InvalidRequest("messages is not a list with a message in it.", param="messages")
        for nth, message in enumerate(messages):
            if not isinstance(message, dict):
                raise InvalidRequest(f"messages[{nth}] is not an object.", param="messages")
            self._message(nth, message)

    def _message(self, nth: int, message: dict[str, Any]) -> None:
        role = message.get("role")
        role = role.lower() if isinstance(role, str) else ""
        said = _text(message.get("content"), f"messages[{nth}].content")
        media = pictures(message.get("images"), f"messages[{nth}].images")
        if role == "tool":
            self._result(nth, message, said, media)
            return
        self._results = None
        if role not in _ROLES:
            raise InvalidRequest(
                f"messages[{nth}].role is {str(message.get('role'))[:40]!r}, not system, user, assistant or tool.",
                param="messages",
            )
        if role == "assistant":
            self.turns.append(Turn("assistant", self._said(nth, message, said, media)))
        elif _ROLES[role] == "system":
            if self.turns:
                self.turns.append(Turn("system", [Text(said)], developer=role == "developer"))
            elif said:
                self.system.append(Text(said))
            if media:
                # No other wire has pictures in a system's words.
                self.turns.append(Turn("user", [*media]))
        else:
            words: list[Part] = [Text(said)] if said else []
            self.turns.append(Turn("user", [*media, *words]))

    def _said(self, nth: int, message: dict[str, Any], said: str, media: list[Image | Audio]) -> list[Part]:
        parts: list[Part] = []
        if thought := _text(message.get("thinking"), f"messages[{nth}].thinking"):
            parts.append(Thinking(thought))
        parts += media
        if said:
            parts.append(Text(said))
        calls = message.get("tool_calls") or []
        if not isinstance(calls, list):
            raise InvalidRequest(f"messages[{nth}].tool_calls is not a list.", param="messages")
        self._open = [_call(nth, at, call) for at, call in enumerate(calls)]
        return [*parts, *self._open]

    def _result(self, nth: int, message: dict[str, Any], said: str, media: list[Image | Audio]) -> None:
        if self._results is None:
            self._results = Turn("user", [])
            self.turns.append(self._results)
        told = _text(message.get("tool_call_id"), f"messages[{nth}].tool_call_id")
        name = _text(message.get("tool_name") or message.get("name"), f"messages[{nth}].tool_name")
        call = self._answered(told, name)
        content: list[Any] = [Text(said)] if said else []
        content += [one for one in media if isinstance(one, Image)]
        known = call.id if call is not None else told or _made(nth, 0, name)
        self._results.parts.append(ToolResult(known, content, name=name or (call.name if call else "")))
        self._results.parts += [one for one in media if isinstance(one, Audio)]

    def _answered(self, told: str, name: str) -> ToolCall | None:
        """The call that a result belongs to: by its id, else the first open one of that name, else the first."""
        found = next((call for call in self._open if told and call.id == told), None)
        if found is None and not told:
            found = next((call for call in self._open if not name or call.name == name), None)
        if found is not None:
            self._open.remove(found)
        return found


def pictures(value: Any, where: str) -> list[Image | Audio]:
    """`images`: bare base64. Raises `InvalidRequest` for what is not, or is neither a picture nor sound."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidRequest(f"{where} is not a list.", param=where.split("[")[0].split(".")[0])
    found: list[Image | Audio] = []
    for nth, data in enumerate(value):
        kind = media_type(data) if isinstance(data, str) else ""
        if not kind:
            raise InvalidRequest(
                f"{where}[{nth}] is not a picture in base64 (PNG, JPEG, GIF, WebP, BMP, TIFF, HEIC, AVIF).",
                param=where.split("[")[0],
                remedy="Send the file's bytes in base64, without a `data:` prefix.",
            )
        # Ollama skips line breaks in base64, other providers do not.
        data = "".join(data.split())
        sound = kind.startswith("audio/")
        found.append(Audio(data, "wav" if kind == "audio/wav" else "mp3") if sound else Image(data, kind))
    return found


def _text(value: Any, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRequest(f"{where} is not a string.", param=where.split("[")[0])
    return value


def _call(nth: int, at: int, call: Any) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if function is None or not isinstance(name, str) or not name:
        raise InvalidRequest(f"messages[{nth}].tool_calls[{at}] has no function with a name.", param="messages")
    told = call.get("id")
    known = told if isinstance(told, str) and told else _made(nth, at, name)
    return ToolCall(known, name, as_text(function.get("arguments")))


def _made(nth: int, at: int, name: str) -> str:
    text = f"{nth}\0{at}\0{name}".encode(errors="surrogatepass")
    return "call_" + hashlib.sha256(text).hexdigest()[:24]
