"""Parts of a turn as Ollama takes them: words, and base64 of what is seen or heard. Nothing is fetched or unpacked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Refusal, Text
from trunkline.model.dialect import Dialect
from trunkline.wire import loss

_UNSEEN = "[image omitted: this model cannot see]"
_UNFETCHED = "[image omitted: it was given by its address only]"
_UNREAD = "[document omitted: this model cannot read it]"


class Parts:
    """Splits parts into words and media; `lost` names what went missing, each once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.lost: list[str] = []

    def said(self, parts: Sequence[Part], apart: str | None = None) -> tuple[list[str], list[str]]:
        """(paragraphs, base64 media). With `apart`, texts that follow each other are one, joined by it.

        Thinking, calls and results are not looked at: they end a paragraph.
        """
        texts: list[str] = []
        media: list[str] = []
        follows = False
        for part in parts:
            text = ""
            if isinstance(part, Image):
                text = self._image(part, media)
            elif isinstance(part, Audio):
                # Ollama's own OpenAI layer hands sound over in `images` too (openai/openai.go, 2026-08).
                media.append(part.data)
            else:
                text = self._words(part)
            is_text = isinstance(part, Text)
            if text and follows and is_text and apart is not None:
                texts[-1] += apart + text
            elif text:
                texts.append(text)
            follows = is_text and (follows or bool(text))
        return texts, media

    def _words(self, part: Part) -> str:
        match part:
            case Text(text=text) | Refusal(text=text):
                return text
            case Document():
                return self._document(part)
            case Opaque(wire="ollama"):
                return ""
            case Opaque():
                self.lose(loss.block(part.raw))
                return part.summary
        return ""

    def _image(self, image: Image, media: list[str]) -> str:
        if self._dialect.vision is False:
            self.lose("image")
            return _UNSEEN
        if image.data:
            media.append(image.data)
            return ""
        if not self._dialect.drop:
            raise InvalidRequest(
                "An image is given by its address, and Ollama takes only the image itself.",
                param="messages",
                remedy="Send the image in base64, or set `drop_params: true` to have it left out.",
            )
        self.lose("image")
        return _UNFETCHED

    def _document(self, document: Document) -> str:
        text = document.text or _plain(document)
        if text:
            return f"{document.title}\n\n{text}" if document.title else text
        if self._dialect.documents is not False:
            loss.refuse_or_lose(self._dialect, ["document"], "Ollama takes text and pictures, no files.")
        self.lose("document")
        return _UNREAD

    def lose(self, name: str) -> None:
        """Names what could not be carried."""
        if name not in self.lost:
            self.lost.append(name)


def _plain(document: Document) -> str:
    """The text of a file that is text; empty for any other."""
    if not document.media_type.startswith("text/") and document.media_type != "application/json":
        return ""
    try:
        return base64.b64decode(document.data, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
