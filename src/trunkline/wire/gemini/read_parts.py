"""The parts of a Gemini client's contents, as parts of a conversation."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Text, Thinking
from trunkline.wire.arguments import as_text
from trunkline.wire.gemini.hidden import opened
from trunkline.wire.gemini.spelling import Json, a_text, an_object

_AUDIO = {"x-wav": "wav", "wave": "wav", "vnd.wave": "wav", "mpeg": "mp3", "mpga": "mp3"}
_TEXTS = ("application/json", "application/xml", "application/javascript")
_ONLY_GOOGLES = ("https://generativelanguage.googleapis.com/", "https://www.youtube.com/", "https://youtu.be/", "gs://")


def read_words(part: Json, param: str) -> list[Part]:
    """A part with text: words, or a thought with what its signature holds."""
    text = a_text(part["text"], f"{param}.text")
    thoughts, own = opened(a_text(part.get("thoughtSignature", ""), f"{param}.thoughtSignature"))
    if part.get("thought") is not True:
        # A signature on words proves nothing that a later request must show.
        return [*thoughts, *([Text(text)] if text else [])]
    if len(thoughts) == 1 and not thoughts[0].text:
        thoughts[0].text = text
        return [*thoughts]
    return [Thinking(text, own, "gemini" if own else "")] if text or own else [*thoughts]


def read_data(part: Json, param: str) -> Part:
    """`inlineData` or `fileData`."""
    if "inlineData" in part:
        given = an_object(part["inlineData"], f"{param}.inlineData")
        data = a_text(given.get("data"), f"{param}.inlineData.data")
        kind = a_text(given.get("mimeType", ""), f"{param}.inlineData.mimeType")
        return _inline(part, kind, _standard(data), str(given.get("displayName", "")))
    given = an_object(part["fileData"], f"{param}.fileData")
    uri = a_text(given.get("fileUri"), f"{param}.fileData.fileUri")
    kind = a_text(given.get("mimeType", ""), f"{param}.fileData.mimeType")
    if uri.startswith(_ONLY_GOOGLES) or kind.startswith(("audio/", "video/")):
        return Opaque("gemini", part, f"[file: {uri}]")
    if kind.startswith("image/"):
        return Image(media_type=kind, url=uri)
    return Document(media_type=kind, url=uri, title=str(given.get("displayName", "")))


def _inline(part: Json, kind: str, data: str, title: str) -> Part:
    family, _, name = kind.partition("/")
    if family == "image":
        return Image(data, kind)
    if family == "audio":
        name = name.partition(";")[0]
        return Audio(data, _AUDIO.get(name, name))
    if family == "video":
        return Opaque("gemini", part, "[video]")
    if family == "text" or kind in _TEXTS:
        try:
            return Document(media_type=kind, text=base64.b64decode(data, validate=True).decode(), title=title)
        except (binascii.Error, ValueError):
            return Document(data, kind, title=title)
    return Document(data, kind, title=title)


def _standard(data: str) -> str:
    """Base64 in the alphabet that the other wires take: official SDKs send the URL-safe one."""
    return data.replace("-", "+").replace("_", "/") if "-" in data or "_" in data else data


def read_response(given: Json, param: str) -> tuple[list[Text | Image | Document], bool, list[Part]]:
    """(content, whether it failed, what stands beside it) of a `functionResponse`.

    Its object is taken apart where it is a mere envelope. Sound and video have no place in a result anywhere else.
    """
    response = given.get("response", {})
    if not isinstance(response, dict):
        an_object(response, f"{param}.response")
    failed = "error" in response and len(response) == 1
    text = as_text(response) if response else ""
    if len(response) == 1:
        ((name, value),) = response.items()
        if name in ("result", "output", "error"):
            text = as_text(value)
    content: list[Text | Image | Document] = [Text(text)] if text else []
    beside: list[Part] = []
    parts = given.get("parts")
    for at, one in enumerate(parts if isinstance(parts, list) else []):
        where = f"{param}.parts[{at}]"
        part = an_object(one, where)
        found = read_data(part, where) if "inlineData" in part or "fileData" in part else read_other(part)
        if isinstance(found, Image | Document):
            content.append(found)
        else:
            beside.append(found)
    return content, failed, beside


def read_other(part: Json) -> Opaque:
    """What Google ran itself, and kinds that are new."""
    summary = ""
    code: Any = part.get("executableCode")
    ran: Any = part.get("codeExecutionResult")
    if isinstance(code, dict):
        summary = f"```{str(code.get('language', '')).lower()}\n{code.get('code', '')}\n```"
    elif isinstance(ran, dict):
        summary = f"[code result: {ran.get('output', '')}]"
    return Opaque("gemini", part, summary)
