"""Writes what a client says: words, pictures and files, as parts of a message or of a tool's output."""

from __future__ import annotations

import base64
import mimetypes
from typing import Any

from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Refusal, Text, ToolResult
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import loss

Json = dict[str, Any]

_ATTRIBUTION = "x-anthropic-billing-header:"


def is_attribution(text: str) -> bool:
    """Claude Code's first system block: it changes with every request and would keep any prompt cache from hitting."""
    return text.startswith(_ATTRIBUTION)


class Say:
    """Parts for one request; what had to be left out is named in `written.lost`."""

    def __init__(self, dialect: Dialect, written: Written, *, keep_marks: bool) -> None:
        self._dialect = dialect
        self._written = written
        self._keep_marks = keep_marks

    def lose(self, name: str) -> None:
        """Names what was left out, once."""
        if name not in self._written.lost:
            self._written.lost.append(name)

    def part(self, part: Part) -> list[Json]:
        """A part as this wire has it: mostly one, none for what is empty or means nothing here."""
        match part:
            case Text(text=text):
                return [self._marked({"type": "input_text", "text": text}, part)] if text else []
            case Refusal(text=text):
                return [{"type": "input_text", "text": text}] if text else []
            case Image():
                return [self._image(part)]
            case Document():
                return [self._document(part)]
            case Audio(data=data, format=form):
                return [{"type": "input_audio", "input_audio": {"data": data, "format": form}}]
            case Opaque(summary=summary, raw=raw):
                self.lose(loss.block(raw))
                if summary:
                    return [{"type": "input_text", "text": summary}]
        return []

    def output(self, result: ToolResult) -> str | list[Json]:
        """What a tool came to: text where it is only that, else a list."""
        texts = [part.text for part in result.content if isinstance(part, Text)]
        if len(texts) == len(result.content):
            said = "\n".join(texts)
            return f"Error: {said}" if result.failed and not said.lower().startswith("error") else said
        parts = [made for part in result.content for made in self.part(part)]
        if result.failed and not (texts and texts[0].lower().startswith("error")):
            parts.insert(0, {"type": "input_text", "text": "Error:"})
        return parts

    def _marked(self, made: Json, part: Text | Image | Document) -> Json:
        if self._keep_marks and part.cached:
            made["prompt_cache_breakpoint"] = {"mode": "explicit"}
        return made

    def _image(self, image: Image) -> Json:
        if self._dialect.vision is False:
            self.lose("image")
            return {"type": "input_text", "text": "[image omitted: this model cannot see]"}
        where = image.url or f"data:{image.media_type or 'image/png'};base64,{image.data}"
        return self._marked({"type": "input_image", "image_url": where, "detail": image.detail or "auto"}, image)

    def _document(self, document: Document) -> Json:
        if document.text and not (self._keep_marks and document.media_type):
            head = f"{document.title}\n\n" if document.title else ""
            return {"type": "input_text", "text": head + document.text}
        if self._dialect.documents is False:
            self.lose("document")
            return {"type": "input_text", "text": "[document omitted: this model cannot read files]"}
        if document.url:
            return self._marked({"type": "input_file", "file_url": document.url}, document)
        kind = document.media_type or "application/pdf"
        data = document.data or base64.b64encode(document.text.encode()).decode()
        name = document.title or "file" + (mimetypes.guess_extension(kind) or "")
        made = {"type": "input_file", "filename": name, "file_data": f"data:{kind};base64,{data}"}
        return self._marked(made, document)
