"""Reads an Ollama stream (`/api/chat`, `/api/generate`) as it passes: one JSON object a line.

Facts: ollama/ollama at fb30760 (2026-08-21): the last line has `done: true` with the counts; an error in
mid-stream is a last line `{"error": "…"}` under status 200.
"""

from __future__ import annotations

import re

import msgspec

from trunkline.errors import ProviderRefused, RefusedAnswer
from trunkline.wire.ends import unreasoned
from trunkline.wire.framing import LineFramer
from trunkline.wire.junk import sound_lines
from trunkline.wire.raw import ABSENT, UNREADABLE, there
from trunkline.wire.watch import Watch
from trunkline.wire.words import words


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[msgspec.Raw] | None = None


class Line(msgspec.Struct, gc=False):
    """A line of a stream, or a whole answer."""

    model: str | None = None
    message: _Message | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: msgspec.Raw = ABSENT

    @property
    def says(self) -> bool:
        """Whether there is a word in it, a thought or a call."""
        message = self.message
        told = message is not None and (message.content or message.thinking or message.tool_calls)
        return bool(told or self.response or self.thinking)


_NOTABLE = re.compile(rb'"done"\s*:\s*true|"error"\s*:')

line_decoder = msgspec.json.Decoder(Line)


class OllamaWatch(Watch):
    """Nothing of this wire is ever mended: what goes on is what came."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(LineFramer())

    def read(self, block: bytes) -> bytes:
        if self.committed and _NOTABLE.search(block) is None:
            return block
        kept: list[bytes] = []
        for line in block.splitlines(keepends=True):
            if line.strip() and self.failure is None:
                self._one(line)
            self.passing(kept, line)
        return block if self.failure is None else b"".join(kept)

    def readable(self, block: bytes) -> bytes:
        if not self._junk.row and sound_lines(block):
            return block
        return self._junk.lines(block)

    def _one(self, data: bytes) -> None:
        try:
            line = line_decoder.decode(data)
        except UNREADABLE:
            return
        if there(line.error):
            said, _ = words(data)
            self.over = True
            self.failure = ProviderRefused(
                f"The provider ended the stream with an error: {said or 'it does not say which'}",
                answer=RefusedAnswer(500, (("content-type", "application/json"),), data),
            )
            return
        self.model = self.model or line.model or ""
        if line.says:
            self.committed = True
        if line.done:
            if not (line.done_reason or self.committed):
                self.over = True
                self.failure = unreasoned(spoke=False)
                return
            self.stop = line.done_reason or "stop"
            self.usage.input = line.prompt_eval_count or 0
            self.usage.output = line.eval_count or 0
            self.committed = self.finished = self.over = True
