"""Parts of a turn as content blocks for a provider of the Messages API. Nothing is downloaded."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Refusal, Text, Thinking, ToolResult
from trunkline.model.dialect import Dialect
from trunkline.wire import loss
from trunkline.wire.anthropic.claude import is_claude
from trunkline.wire.anthropic.write_tools import control
from trunkline.wire.marks import is_mark

Json = dict[str, Any]

NO_IMAGE = "[image omitted: this model cannot see]"
NO_DOCUMENT = "[document omitted: this model cannot read it]"
_DATA_URL = re.compile(r"data:([^;,]*)(?:;[^,]*)?;base64,", re.IGNORECASE)
_MAGIC = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_NO_URLS = frozenset({"ollama", "lm_studio"})
"""Providers that take pictures as base64 only (docs.ollama.com/api/anthropic-compatibility, 2026-11-20)."""


@dataclass(slots=True)
class Parts:
    """Writes parts for one provider and keeps count of what was lost."""

    dialect: Dialect
    lost: list[str] = field(default_factory=list)

    def text(self, text: str, cached: str = "") -> list[Json]:
        """A text block; none for blanks, which Anthropic refuses."""
        if not text.strip():
            return []
        return [self._marked({"type": "text", "text": text}, cached)]

    def said(self, part: Part) -> list[Json]:
        """A part of a user's turn, or one of the assistant's that is neither a call nor thinking."""
        match part:
            case Text(text=text, cached=cached):
                return self.text(text, cached)
            case Refusal(text=text):
                return self.text(text)
            case Image():
                return self.image(part)
            case Document():
                return self.document(part)
            case Audio():
                self.lost += loss.refuse_or_lose(self.dialect, ["audio"], "this model's provider takes no sound")
                return self.text("[audio omitted: this model cannot hear]")
            case Opaque():
                return self.opaque(part)
        return []

    def opaque(self, part: Opaque) -> list[Json]:
        """The block itself for the wire that made it, else the words that stand for it."""
        if part.wire == "anthropic" and is_claude(self.dialect):
            return [dict(part.raw)]
        self.lost.append(loss.block(part.raw))
        return self.text(part.summary)

    def thinking(self, part: Thinking) -> list[Json]:
        """To Claude only what it signed itself; to a clone the words, which it does not check."""
        own = part.origin == "anthropic" and not is_mark(part.signature)
        if is_claude(self.dialect):
            if not own or not part.signature:
                return []
            if part.redacted:
                return [{"type": "redacted_thinking", "data": part.signature}]
            return [{"type": "thinking", "thinking": part.text, "signature": part.signature}]
        if not part.text or self.dialect.reasoning is False:
            return []
        return [{"type": "thinking", "thinking": part.text, "signature": part.signature if own else ""}]

    def result(self, part: ToolResult, told: str) -> Json:
        """What a call came to. One text stays a string; nothing is said as nothing, which clones refuse."""
        blocks = [block for inner in part.content for block in self.said(inner)]
        cached = part.cached or next((one.cached for one in part.content if one.cached), "")
        for block in blocks:
            block.pop("cache_control", None)
        content: str | list[Json] = blocks
        if not blocks:
            content = "" if is_claude(self.dialect) else "(no output)"
        elif len(blocks) == 1 and blocks[0]["type"] == "text":
            content = blocks[0]["text"]
        out: Json = {"type": "tool_result", "tool_use_id": told, "content": content}
        if part.failed:
            out["is_error"] = True
        return self._marked(out, cached)

    def orphan(self, part: ToolResult) -> list[Json]:
        """A result whose call is not there any more: as words, since no provider takes it as a result."""
        name = f" of {part.name}" if part.name else ""
        return [*self.text(f"[result{name} of an earlier tool call]"), *(b for p in part.content for b in self.said(p))]

    def image(self, part: Image) -> list[Json]:
        """A picture, or the note that stands for it."""
        if self.dialect.vision is False:
            self.lost.append("image")
            return self.text(NO_IMAGE, part.cached)
        data, media, url = part.data, part.media_type, part.url
        if found := _DATA_URL.match(url):
            data, media, url = url[found.end() :], found[1], ""
        if url:
            if self.dialect.provider in _NO_URLS:
                return self._unseen("takes pictures as base64 only, not by their address", part.cached)
            return [self._marked({"type": "image", "source": {"type": "url", "url": url}}, part.cached)]
        media = _true_type(data, media)
        if media not in _PICTURES:
            return self._unseen(f"takes no {media or 'pictures of an unnamed type'}", part.cached)
        source = {"type": "base64", "media_type": media, "data": data}
        return [self._marked({"type": "image", "source": source}, part.cached)]

    def _unseen(self, why: str, cached: str) -> list[Json]:
        if not self.dialect.drop:
            raise InvalidRequest(
                f"An image cannot be sent: the provider of this model {why}.",
                param="messages",
                remedy="Send PNG, JPEG, GIF or WebP as base64, or set `drop_params: true` to have it left out.",
            )
        self.lost.append("image")
        return self.text(NO_IMAGE, cached)

    def document(self, part: Document) -> list[Json]:
        """A file; text goes as words where documents are not known, anything else as a note."""
        known = is_claude(self.dialect) if self.dialect.documents is None else self.dialect.documents
        text = part.text or _plain(part)
        if text:
            if not known:
                return self.text(f"{part.title}\n\n{text}" if part.title else text, part.cached)
            source: Json = {"type": "text", "media_type": "text/plain", "data": text}
        elif known and part.url:
            source = {"type": "url", "url": part.url}
        elif known and part.data and part.media_type in ("application/pdf", ""):
            source = {"type": "base64", "media_type": "application/pdf", "data": part.data}
        else:
            self.lost.append("document")
            return self.text(f"{NO_DOCUMENT} {part.title}".strip(), part.cached)
        out: Json = {"type": "document", "source": source}
        if part.title:
            out["title"] = part.title
        return [self._marked(out, part.cached)]

    @staticmethod
    def _marked(block: Json, cached: str) -> Json:
        if cached:
            block["cache_control"] = control(cached)
        return block


def _true_type(data: str, told: str) -> str:
    """What the bytes are: a declared type that does not fit is refused."""
    try:
        head = base64.b64decode(data[:32] + "=" * (-len(data[:32]) % 4))
    except (binascii.Error, ValueError):
        head = b""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    told = told.lower().partition(";")[0].strip()
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), _SPELLED.get(told, told))


_SPELLED = {"image/jpg": "image/jpeg"}


def _plain(part: Document) -> str:
    """The words of a text file that came as base64; empty for any other."""
    if not part.data or not part.media_type.startswith("text/"):
        return ""
    try:
        return base64.b64decode(part.data).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
