"""Ollama's lines as its clients need them. Facts: ollama's docs/api.md and its Python library 0.6.3 (2026-11)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trunkline.wire.grammars.frames import Automaton, Json

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z")
_COUNTS = (
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)


class Lines(Automaton):
    """Lines that are not done, then one that is, with reason and counts; or a line with an error."""

    wire = "ollama"

    def _events(self, data: bytes) -> Iterator[tuple[str, str]]:
        text = self.text(data)
        self.must(not text or text.endswith("\n"), "the bytes end inside a line")
        return (("", line) for line in text.split("\n")[:-1])

    def event(self, name: str, payload: str) -> None:
        line = self.document(payload)
        if "error" in line:
            self.said(line, "error")
            self.ended = True
            return
        self.said(line, "model")
        self.must(_TIME.match(self.said(line, "created_at")), f"created_at is no time: {line['created_at']!r}")
        message = self.member(line, "message", dict)
        self.must(message.get("role") == "assistant", f"the role is {message.get('role')!r}")
        self.member(message, "content", str)
        self.must(isinstance(message.get("thinking", ""), str), "thinking is no text")
        for call in message.get("tool_calls") or []:
            self._call(call)
        if self.member(line, "done", bool):
            self.must(line.get("done_reason") in ("stop", "length"), f"done_reason is {line.get('done_reason')!r}")
            self.counts(line, *_COUNTS)
            self.ended = True
        else:
            self.must("done_reason" not in line, "a done_reason in a line that is not done")

    def _call(self, call: Json) -> None:
        function = self.member(call, "function", dict)
        self.said(function, "name")
        self.member(function, "arguments", dict)
