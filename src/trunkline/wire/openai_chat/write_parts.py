"""What a user says, as parts of a message; and what a model or a server cannot take, as a note that stands for it."""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Refusal, Text
from trunkline.wire import loss
from trunkline.wire.openai_chat.notes import Notes
from trunkline.wire.openai_chat.ways import Way

Json = dict[str, Any]


class Parts:
    """Writes parts for one provider."""

    def __init__(self, notes: Notes, way: Way) -> None:
        self._notes = notes
        self._way = way

    def content(self, parts: list[Part]) -> str | list[Json] | None:
        """The content of a message: a string where all is text, which every server takes. None: there is nothing."""
        written = [each for part in parts if (each := self.one(part)) is not None]
        if not written:
            return None
        if all(each["type"] == "text" for each in written):
            return "\n\n".join(each["text"] for each in written)
        return written

    def one(self, part: Part) -> Json | None:
        """A part; None for what has nothing to say here."""
        match part:
            case Text(text=text) | Refusal(text=text):
                return _text(text) if text.strip() else None
            case Image():
                return self._image(part)
            case Document():
                return self._document(part)
            case Audio():
                return self._audio(part)
            case Opaque():
                return self._opaque(part)
            case _:
                return None

    def _image(self, image: Image) -> Json | None:
        if self._notes.dialect.vision is False:
            self._notes.name("image")
            return _text("[image omitted: this model cannot see]")
        url = image.url
        if not url:
            url = image.data if self._way.bare_images else f"data:{image.media_type or 'image/png'};base64,{image.data}"
        where = {"url": url, "detail": image.detail} if image.detail and not self._way.bare_images else {"url": url}
        return {"type": "image_url", "image_url": where}

    def _document(self, document: Document) -> Json | None:
        title = document.title or "document"
        if document.text:
            return _text(f"{title}:\n\n{document.text}")
        able = self._notes.dialect.documents
        if not (self._way.files if able is None else able):
            self._notes.name("document")
            return _text(f"[{title} omitted: this model cannot read such files]")
        if not document.data:
            return self._file_by_url(document, title)
        data = f"data:{document.media_type};base64,{document.data}"
        return {"type": "file", "file": {"filename": document.title or "document.pdf", "file_data": data}}

    def _file_by_url(self, document: Document, title: str) -> Json:
        if not self._notes.dialect.drop:
            raise InvalidRequest(
                "messages: a document is given by its URL, and this provider wants it as base64.",
                param="messages",
                remedy="Send the file's data, or set `drop_params: true` to have a note in its place.",
            )
        self._notes.name("document")
        return _text(f"[{title} omitted: it is at {document.url}]")

    def _audio(self, audio: Audio) -> Json:
        if not self._way.audio:
            self._notes.name("audio")
            return _text("[audio omitted: this model cannot hear]")
        return {"type": "input_audio", "input_audio": {"data": audio.data, "format": audio.format}}

    def _opaque(self, part: Opaque) -> Json | None:
        if part.wire == "openai_chat":
            return dict(part.raw)
        self._notes.name(loss.block(part.raw))
        return _text(part.summary) if part.summary.strip() else None


def _text(text: str) -> Json:
    return {"type": "text", "text": text}
