"""Reads a Gemini stream as it passes, in either form. Facts: ai.google.dev/api/generate-content (2026-11).

A chunk is a whole answer with some of its parts. Function calls come whole; the last chunk of a candidate has its
`finishReason`; a prompt that was blocked has no candidate, only `promptFeedback`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.errors import ProviderRefused, RefusedAnswer
from trunkline.wire.gemini.chunks import ChunkFramer
from trunkline.wire.gemini.error import status_of
from trunkline.wire.gemini.usage import Counts, searches, take
from trunkline.wire.raw import ABSENT, UNREADABLE, there
from trunkline.wire.watch import Watch
from trunkline.wire.words import words


class _Content(msgspec.Struct, gc=False):
    parts: list[dict[str, Any]] | None = None


class _Candidate(msgspec.Struct, gc=False):
    content: _Content | None = None
    finishReason: str | None = None  # noqa: N815 — the wire's own names
    groundingMetadata: Any = None  # noqa: N815


class _Feedback(msgspec.Struct, gc=False):
    blockReason: str | None = None  # noqa: N815


class Chunk(msgspec.Struct, gc=False):
    """A chunk of a stream, or a whole answer."""

    candidates: list[_Candidate] | None = None
    promptFeedback: _Feedback | None = None  # noqa: N815
    usageMetadata: Counts | None = None  # noqa: N815
    modelVersion: str | None = None  # noqa: N815
    error: msgspec.Raw = ABSENT

    @property
    def stop(self) -> str:
        """Why it ended, in the wire's own word; empty while it goes on."""
        told = next((one.finishReason for one in self.candidates or () if one.finishReason), None)
        return told or (self.promptFeedback and self.promptFeedback.blockReason) or ""

    @property
    def searches(self) -> int:
        """Searches of the web that it tells of."""
        return searches(one.groundingMetadata for one in self.candidates or () if one.groundingMetadata)

    @property
    def says(self) -> bool:
        """Whether any part has something in it."""
        for candidate in self.candidates or ():
            for part in (candidate.content and candidate.content.parts) or ():
                if any(value and name != "thought" for name, value in part.items()):
                    return True
        return False


chunk_decoder = msgspec.json.Decoder(Chunk)


class GeminiWatch(Watch):
    """Nothing of this wire is ever mended: what goes on is what came."""

    __slots__ = ("_chunks", "_closed")

    def __init__(self) -> None:
        self._chunks = ChunkFramer()
        super().__init__(self._chunks)
        self._closed = False

    def read(self, block: bytes) -> bytes:
        kept: list[bytes] = []
        for raw, data in self._chunks.chunks(block):
            if data and self.failure is None:
                self._one(data)
            self.passing(kept, raw)
        self._closed = self._closed or block.rstrip()[-1:] == b"]"
        return block if self.failure is None else b"".join(kept)

    def readable(self, block: bytes) -> bytes:
        # The elements of an array are told apart by their braces: what is no JSON is none.
        return block if self._chunks.is_array else super().readable(block)

    def last(self) -> bytes:
        return b"]" if self._chunks.is_array and not self._closed else b""

    def _one(self, data: bytes) -> None:
        try:
            chunk = chunk_decoder.decode(data)
        except UNREADABLE:
            return
        if there(chunk.error):
            self._failed(data)
            return
        self.model = self.model or chunk.modelVersion or ""
        if chunk.usageMetadata is not None:
            take(chunk.usageMetadata, self.usage)
        self.usage.searches = max(self.usage.searches, chunk.searches)
        if chunk.stop:
            # Further candidates, and their counts, may follow: only the provider's closing ends the stream.
            self.stop = self.stop or chunk.stop
            self.committed = self.finished = True
        elif chunk.says:
            self.committed = True

    def _failed(self, data: bytes) -> None:
        message, code = words(data)
        self.over = True
        self.failure = ProviderRefused(
            f"The provider ended the stream with an error: {message or 'no message'}",
            answer=RefusedAnswer(status_of(code), (("content-type", "application/json"),), data),
            code=code or None,
        )
