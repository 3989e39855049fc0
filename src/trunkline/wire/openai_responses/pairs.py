"""Which result belongs to which call of a history, and by which id both are sent.

A client may replay calls with ids that OpenAI does not take or that came twice, results of calls that a compaction
has cut away, and calls that were never answered. What is decided for a call depends on what stands before it and on
the client's turns right behind it, so that a longer conversation begins as the shorter one did.
"""

from __future__ import annotations

import hashlib
import re

from trunkline.model.conversation import ToolCall, ToolResult, Turn

_FIT = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class Pairs:
    """Goes along the turns once. `ids` and `answered` are by identity of the part (`id(part)`)."""

    def __init__(self, turns: list[Turn]) -> None:
        self.ids: dict[int, str] = {}
        """Calls, and the results that belong to one → the id that is sent."""
        self.answered: set[int] = set()
        """Calls that have a result."""
        self._given: set[str] = set()
        self._open: list[ToolCall] = []
        for nth, turn in enumerate(turns):
            if turn.role == "assistant" and (nth == 0 or turns[nth - 1].role != "assistant"):
                # A result counts only before the model speaks again.
                self._open = []
            for part in turn.parts:
                if isinstance(part, ToolCall):
                    self.ids[id(part)] = self._made(part)
                    self._open.append(part)
                elif isinstance(part, ToolResult):
                    self._result(part)

    def _result(self, result: ToolResult) -> None:
        found = next((call for call in self._open if self._fits(call, result)), None)
        if found is not None:
            self._open.remove(found)
            self.answered.add(id(found))
            self.ids[id(result)] = self.ids[id(found)]

    @staticmethod
    def _fits(call: ToolCall, result: ToolResult) -> bool:
        return call.id == result.id and (bool(result.id) or result.name in ("", call.name))

    def _made(self, call: ToolCall) -> str:
        told = call.id
        if not _FIT.match(told) or told in self._given:
            text = f"{len(self._given)}\0{call.name}\0{told}"
            told = "call_" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:24]
        self._given.add(told)
        return told
