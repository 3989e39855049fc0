"""Reads a Chat Completions stream (and a legacy Completions one) as it passes.

Facts: `openai` SDK 3.52.0; what compatible servers do otherwise is listed beside the line that tolerates it.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from trunkline.errors import ProviderRefused, RefusedAnswer
from trunkline.wire.ends import unreasoned
from trunkline.wire.framing import SseFramer, events
from trunkline.wire.openai_chat.chunk import finish_failure, is_flat_error
from trunkline.wire.openai_chat.error import status_of
from trunkline.wire.openai_chat.usage import Counts, searched, served, take
from trunkline.wire.raw import ABSENT, UNREADABLE, there
from trunkline.wire.watch import Watch
from trunkline.wire.words import words

_NOTABLE = re.compile(
    rb'"usage"\s*:\s*\{|"finish_reason"\s*:\s*"|\[DONE\]|"error"\s*:\s*[^n\s]|"web_search"\s*:\s*\[|'
    rb'"object"\s*:\s*"error"|event:\s*error'
)


class _Choice(msgspec.Struct, gc=False):
    delta: dict[str, Any] | None = None
    text: str | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: Counts | None = None
    error: msgspec.Raw = ABSENT
    message: Any = None
    code: Any = None
    object: Any = None
    web_search: msgspec.Raw = ABSENT
    service_tier: Any = None


_chunk = msgspec.json.Decoder(_Chunk)


class ChatWatch(Watch):
    """`hide_usage`: the usage chunk was asked for by us, not by the client, and does not go on.

    `choices`: how many answers were asked for (`n`); without `[DONE]`, all of them must have told why they end.
    """

    __slots__ = ("_hide", "_open")

    def __init__(self, hide_usage: bool = False, choices: int = 1) -> None:
        super().__init__(SseFramer())
        self._hide = hide_usage
        self._open = choices

    def read(self, block: bytes) -> bytes:
        if self.committed and _NOTABLE.search(block) is None:
            return block
        kept: list[bytes] = []
        changed = False
        for raw, name, data in events(block):
            if data and self.failure is None and not self._one(name, data):
                changed = True
            else:
                self.passing(kept, raw)
        changed = changed or self.failure is not None
        return b"".join(kept) if changed else block

    def _one(self, name: bytes, data: bytes) -> bool:
        """Reads one event; False when it is to be hidden."""
        if data.strip() == b"[DONE]":
            self.finished = self.over = True
            if not self.stop:
                self.failure = unreasoned(spoke=self.committed)
            return True
        try:
            chunk = _chunk.decode(data)
        except UNREADABLE:
            return True
        if there(chunk.error) or (chunk.choices is None and (name == b"error" or is_flat_error(chunk))):
            self._failed(data)
            return True
        if chunk.model and not self.model:
            self.model = chunk.model
        for choice in chunk.choices or ():
            if choice.finish_reason:
                if (failure := finish_failure(choice.finish_reason)) is not None:
                    return self._unfinished(failure)
                self.stop = choice.finish_reason
                # Some servers end without [DONE] (seen on llama.cpp builds and small gateways): the reason is the end.
                self.committed = True
                self._open -= 1
                self.finished = self.finished or self._open <= 0
            elif choice.text or (choice.delta and says(choice.delta)):
                self.committed = True
        if there(chunk.web_search):
            self.usage.searches = self.usage.searches or searched(chunk.web_search)
        if chunk.service_tier is not None:
            self.usage.served = served(chunk.service_tier)
        if chunk.usage is None:
            return True
        take(chunk.usage, self.usage)
        return not (self._hide and not chunk.choices)

    def last(self) -> bytes:
        return b"data: [DONE]\n\n"

    def _unfinished(self, failure: ProviderRefused) -> bool:
        """A reason that is a failure: for a client it is an error of this wire, since it knows no such reason."""
        self.over = True
        self.failure = failure
        self.error = b"data: %b\n\n" % failure.answer.body
        return False

    def _failed(self, data: bytes) -> None:
        said, code = words(data)
        self.over = True
        self.failure = ProviderRefused(
            f"The provider ended the stream with an error: {said or 'no message'}",
            answer=RefusedAnswer(status_of(code), (("content-type", "application/json"),), data),
            code=code or None,
        )


def says(delta: dict[str, Any]) -> bool:
    """Whether a delta says anything: any member with something in it but the role."""
    return any(value and name != "role" for name, value in delta.items())
