"""Reads the content of a message or of a tool's output: a string, or a list of typed parts.

Source: `openai.types.responses.ResponseInputContent` and its kin, SDK 3.52.0 (2026-11).
"""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
import re
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Refusal, Role, Text
from trunkline.wire.openai_responses.fields import Json, inner, need, pick, text, wrong

_TEXTS = frozenset({"input_text", "output_text", "text", "summary_text", "reasoning_text"})
_DATA_URL = re.compile(r"data:([^;,]*)(?:;[^;,]*)*;base64,")


def content(value: Any, role: Role, at: str) -> list[Part]:
    """The parts of a message. One that no other wire could have stays raw, as a message of its own."""
    if isinstance(value, str):
        return [Text(value)] if value else []
    if not isinstance(value, list):
        raise wrong(at, "a string or a list of parts")
    found: list[Part] = []
    for nth, raw in enumerate(value):
        if not isinstance(raw, dict):
            raise wrong(f"{at}[{nth}]", "an object")
        part = _part(raw, f"{at}[{nth}].")
        if part is None:
            alone = {"type": "message", "role": role, "content": [raw]}
            part = Opaque("openai_responses", alone, _stands_for(raw))
        found.append(part)
    return found


def output(value: Any, at: str) -> list[Text | Image | Document]:
    """What a tool gave back: text, or a list with pictures and files; whatever else it is, as JSON text."""
    if isinstance(value, str):
        return [Text(value)] if value else []
    if value is None:
        return []
    if not isinstance(value, list):
        return [Text(json.dumps(value, ensure_ascii=False))]
    found: list[Text | Image | Document] = []
    for nth, raw in enumerate(value):
        part = _part(raw, f"{at}[{nth}].") if isinstance(raw, dict) else None
        if isinstance(part, Text | Image | Document):
            found.append(part)
        else:
            found.append(Text(raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)))
    return found


def _part(raw: Json, at: str) -> Part | None:
    """A part, or None when only this wire understands it."""
    kind = need(raw, "type", at)
    cached = _cached(raw)
    if kind in _TEXTS:
        said = pick(raw, "text", str, at)
        if said is None:
            raise InvalidRequest(f"`{at}text` is missing.", param=f"{at}text")
        return Text(said, cached)
    if kind == "refusal":
        return Refusal(text(raw, "refusal", at))
    if kind == "input_image":
        return _image(raw, at, cached)
    if kind == "input_file":
        return _document(raw, at, cached)
    if kind == "input_audio":
        sound = inner(raw, "input_audio", at)
        return Audio(need(sound, "data", f"{at}input_audio."), need(sound, "format", f"{at}input_audio."))
    return None


def _cached(raw: Json) -> str:
    mark = raw.get("prompt_cache_breakpoint")
    if not isinstance(mark, dict):
        return ""
    return "1h" if mark.get("ttl") else "5m"


def _image(raw: Json, at: str, cached: str) -> Image | None:
    where, detail = text(raw, "image_url", at), text(raw, "detail", at)
    if not where:
        if raw.get("file_id"):
            return None
        raise InvalidRequest(f"`{at}image_url` is missing.", param=f"{at}image_url")
    found = _DATA_URL.match(where)
    if found is None:
        return Image(url=where, detail=detail, cached=cached)
    return Image(where[found.end() :], found[1] or "image/png", detail=detail, cached=cached)


def _document(raw: Json, at: str, cached: str) -> Document | None:
    data, where, title = text(raw, "file_data", at), text(raw, "file_url", at), text(raw, "filename", at)
    if where:
        return Document(url=where, title=title, cached=cached)
    if not data:
        if raw.get("file_id"):
            return None
        raise InvalidRequest(f"`{at}file_data` is missing.", param=f"{at}file_data")
    found = _DATA_URL.match(data)
    kind = (found[1] if found else mimetypes.guess_type(title)[0]) or "application/pdf"
    if found:
        data = data[found.end() :]
    if kind.startswith("text/"):
        try:
            return Document(text=base64.b64decode(data).decode(), media_type=kind, title=title, cached=cached)
        except (binascii.Error, ValueError):
            raise wrong(f"{at}file_data", "base64 of UTF-8 text") from None
    return Document(data, kind, title=title, cached=cached)


def _stands_for(raw: Json) -> str:
    """A few words for a part that only the vendor can read: pictures and files that it keeps."""
    kind = {"input_image": "image", "input_file": "file"}.get(str(raw.get("type")))
    return f"[{kind} {raw.get('filename') or raw.get('file_id')}]" if kind else ""
