"""Gemini's chunks as clients need them. Facts: ai.google.dev/api/generate-content, `google-genai` 3.4.0 (2026-11)."""

from __future__ import annotations

from trunkline.wire.grammars.frames import Automaton, Json


class Chunks(Automaton):
    """Chunks with parts; the last one, and only it, has the finish reason, and the usage is there."""

    wire = "gemini"

    def __init__(self) -> None:
        super().__init__()
        self._id = ""

    def event(self, name: str, payload: str) -> None:
        self.must(not name, f"chunks have no name, this one is {name!r}")
        chunk = self.document(payload)
        if "error" in chunk:
            self.said(self.member(chunk, "error", dict), "message")
            self.ended = True
            return
        self.said(chunk, "modelVersion")
        told = self.said(chunk, "responseId")
        self.must(not self._id or told == self._id, "responseId changed inside the stream")
        self._id = told
        candidates = self.member(chunk, "candidates", list)
        self.must(len(candidates) == 1, f"{len(candidates)} candidates, not one")
        self._candidate(candidates[0])
        if "finishReason" in candidates[0]:
            self.said(candidates[0], "finishReason")
            usage = self.member(chunk, "usageMetadata", dict)
            self.counts(usage, "promptTokenCount", "totalTokenCount")
            self.ended = True

    def _candidate(self, candidate: Json) -> None:
        self.must(candidate.get("index", 0) == 0, f"candidate {candidate.get('index')!r}")
        if "content" not in candidate:
            self.must("finishReason" in candidate, "a chunk that says nothing and does not finish")
            return
        content = self.member(candidate, "content", dict)
        self.must(content.get("role") == "model", f"the role is {content.get('role')!r}")
        for part in self.member(content, "parts", list):
            self._part(part)

    def _part(self, part: Json) -> None:
        kinds = [kind for kind in _KINDS if kind in part]
        self.must(len(kinds) == 1 or (not kinds and "thoughtSignature" in part), f"a part of no one kind: {part!r}")
        if "thoughtSignature" in part:
            self.said(part, "thoughtSignature")
        if "text" in part:
            self.member(part, "text", str)
        if "functionCall" in part:
            call = self.member(part, "functionCall", dict)
            self.said(call, "name")
            self.member(call, "args", dict)


_KINDS = ("text", "functionCall", "inlineData", "fileData", "executableCode", "codeExecutionResult")
