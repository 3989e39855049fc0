"""Parts of a client's message: words, pictures, sound, files. What is new travels on as it is, for its own wire."""

from __future__ import annotations

import re
from typing import Any

from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Refusal, Text
from trunkline.wire.openai_chat.fields import Json, items, record, refuse, text

_DATA = re.compile(r"data:([^;,]*)((?:;[^;,]*)*?);base64,(.*)\Z", re.DOTALL | re.IGNORECASE)
_BARE = {"iVBOR": "image/png", "/9j/": "image/jpeg", "R0lG": "image/gif", "UklG": "image/webp"}
"""How the base64 of a picture begins: Z.AI's clients send it without a `data:` prefix."""


def parts(content: Any, param: str) -> list[Part]:
    """The parts of a content: a string, null, or a list. Raises `InvalidRequest`."""
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)] if content else []
    if not isinstance(content, list):
        refuse(param, "must be a string or a list of parts")
    return [_part(each, f"{param}[{nth}]") for nth, each in enumerate(items(content, param))]


def words(content: Any, param: str) -> list[Text]:
    """The parts of a content that may hold words only. Raises `InvalidRequest`."""
    found = parts(content, param)
    for nth, part in enumerate(found):
        if not isinstance(part, Text):
            refuse(f"{param}[{nth}]", "must be text")
    return [part for part in found if isinstance(part, Text)]


def _part(part: Any, param: str) -> Part:
    if isinstance(part, str):
        return Text(part)
    if not isinstance(part, dict):
        refuse(param, "must be an object with a type")
    kind = part.get("type")
    match kind:
        case "text" | "input_text" | "output_text":
            return Text(text(part.get("text"), f"{param}.text"))
        case "refusal":
            return Refusal(text(part.get("refusal"), f"{param}.refusal"))
        case "image_url":
            return _image(part.get("image_url"), f"{param}.image_url")
        case "input_audio":
            sound = record(part.get("input_audio"), f"{param}.input_audio")
            data = text(sound.get("data"), f"{param}.input_audio.data")
            if not data:
                refuse(f"{param}.input_audio.data", "is missing")
            return Audio(data, text(sound.get("format"), f"{param}.input_audio.format") or "wav")
        case "file":
            return _file(part, param)
    if not isinstance(kind, str) or not kind:
        refuse(f"{param}.type", "is missing")
    return Opaque("openai_chat", part)


def _image(value: Any, param: str) -> Image:
    where = {"url": value} if isinstance(value, str) else record(value, param)
    url = text(where.get("url"), f"{param}.url")
    detail = text(where.get("detail"), f"{param}.detail")
    if url.startswith(("http://", "https://")):
        return Image(url=url, detail=detail)
    found = _DATA.match(url)
    if found:
        return Image(data=found[3], media_type=found[1].lower() or "image/png", detail=detail)
    bare = next((kind for start, kind in _BARE.items() if url.startswith(start)), "")
    if not bare:
        refuse(f"{param}.url", "must be an http(s) URL or a data URL with base64")
    return Image(data=url, media_type=bare, detail=detail)


def _file(part: Json, param: str) -> Part:
    given = record(part.get("file"), f"{param}.file")
    name = text(given.get("filename"), f"{param}.file.filename")
    data = text(given.get("file_data"), f"{param}.file.file_data")
    if not data:
        if not given.get("file_id"):
            refuse(f"{param}.file", "needs file_data or file_id")
        return Opaque("openai_chat", part, f"[a file that only its vendor holds: {name or given['file_id']}]")
    if data.startswith(("http://", "https://")):
        return Document(url=data, title=name)
    found = _DATA.match(data)
    if found:
        return Document(data=found[3], media_type=found[1].lower() or "application/pdf", title=name)
    return Document(data=data, media_type="application/pdf", title=name)
