"""Single parts of a conversation as Gemini takes them."""

from __future__ import annotations

import json
import mimetypes

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Audio, Document, Image, Text, ToolResult
from trunkline.model.dialect import Dialect
from trunkline.wire.gemini.spelling import Json
from trunkline.wire.gemini.thinking import version

BLIND = "[image omitted: this model cannot see]"
UNREAD = "[document omitted: this model cannot read files]"
_SOUNDS = {"mp3": "audio/mpeg", "pcm16": "audio/l16"}


class Media:
    """Pictures, files and sounds for one model. `lost` names what it could not be given."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.lost: list[str] = []

    def image(self, image: Image) -> Json:
        """A picture, or a note where there are no eyes."""
        if self.dialect.vision is False:
            self.lost.append("image")
            return {"text": BLIND}
        if image.url:
            return self._from_afar(image.url, image.media_type, "image")
        return {"inlineData": {"mimeType": image.media_type or "image/png", "data": image.data}}

    def document(self, document: Document) -> Json:
        """A file; one of plain text is told as such."""
        if document.text:
            return {"text": f"{document.title}\n\n{document.text}" if document.title else document.text}
        if self.dialect.documents is False:
            self.lost.append("document")
            return {"text": UNREAD}
        if document.url:
            return self._from_afar(document.url, document.media_type, "document")
        return {"inlineData": {"mimeType": document.media_type or "application/pdf", "data": document.data}}

    def audio(self, audio: Audio) -> Json:
        """A sound."""
        kind = _SOUNDS.get(audio.format, f"audio/{audio.format or 'wav'}")
        return {"inlineData": {"mimeType": kind, "data": audio.data}}

    def _from_afar(self, url: str, kind: str, what: str) -> Json:
        """Google fetches public addresses itself from Gemini 2.5 on (ai.google.dev/gemini-api/docs/files, 2026-11)."""
        if version(self.dialect.model) >= (2, 5):
            kind = kind or mimetypes.guess_type(url.partition("?")[0])[0] or ""
            return {"fileData": {**({"mimeType": kind} if kind else {}), "fileUri": url}}
        if not self.dialect.drop:
            raise InvalidRequest(
                f"This model takes no {what} by its address.",
                param="messages",
                remedy=f"Send the {what} itself in base64, or set `drop_params: true` to have it left out.",
            )
        self.lost.append(what)
        return {"text": f"[{what} omitted: this model takes none by its address]"}


def response(result: ToolResult, name: str, media: Media, *, theirs: bool) -> tuple[Json, list[Json]]:
    """(`functionResponse`, parts that must follow it) of a result. It must be an object; text is put into one.

    `theirs`: the client speaks Gemini, so an object was one from the start.
    """
    texts: list[str] = []
    parts: list[Json] = []
    for one in result.content:
        part = {"text": one.text} if isinstance(one, Text) else _medium(one, media)
        if "text" in part:
            texts.append(part["text"])
        else:
            parts.append(part)
    text = "\n\n".join(texts)
    value: Json = {"error" if result.failed else "result": text}
    if theirs and not result.failed and (own := _as_object(text)) is not None:
        value = own
    made: Json = {"id": result.id, "name": name, "response": value}
    # A result may hold what is no text only from Gemini 3 on, and only if it is sent along.
    inside = [part for part in parts if "inlineData" in part] if version(media.dialect.model) >= (3, 0) else []
    if inside:
        made["parts"] = inside
    outside = [part for part in parts if part not in inside]
    if outside:
        outside.insert(0, {"text": f"[returned by tool call {result.id}]"})
    return {"functionResponse": made}, outside


def _medium(one: Image | Document, media: Media) -> Json:
    return media.image(one) if isinstance(one, Image) else media.document(one)


def _as_object(text: str) -> Json | None:
    try:
        value = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
