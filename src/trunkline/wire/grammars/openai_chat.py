"""OpenAI chat completion chunks as clients need them.

Facts: platform.openai.com/docs/api-reference/chat-streaming and the accumulator of the `openai` SDK 3.52.0, which adds
every string of a delta to what it has, ids and names included: each may be told once only (2026-11).
"""

from __future__ import annotations

from trunkline.wire.grammars.frames import Automaton, Json

_FINISHES = {"stop", "length", "tool_calls", "function_call", "content_filter"}
_SPOKEN = ("content", "reasoning_content", "reasoning", "refusal")


class Chat(Automaton):
    """A chunk with the role, chunks with deltas, one that finishes, maybe one with the usage, `[DONE]`."""

    wire = "openai_chat"

    def __init__(self) -> None:
        super().__init__()
        self._state = "before"
        self._head: tuple[object, ...] = ()
        self._calls: list[str] = []
        self._ids: set[str] = set()

    def event(self, name: str, payload: str) -> None:
        self.must(not name, f"chunks have no name, this one is {name!r}")
        if payload == "[DONE]":
            self.must(self._state in ("finished", "counted", "failed"), f"[DONE] may not come {self._state!r}")
            self.ended = True
            return
        self.must(self._state not in ("failed", "counted"), f"a chunk may not come {self._state!r}")
        chunk = self.document(payload)
        if chunk.get("error"):
            self._state = "failed"
            return
        self._same_head(chunk)
        choices = self.member(chunk, "choices", list)
        if not choices:
            self.must(self._state == "finished", "the usage chunk may only come behind the finish")
            self.counts(self.member(chunk, "usage", dict), "prompt_tokens", "completion_tokens", "total_tokens")
            self._state = "counted"
            return
        self.must(chunk.get("usage") is None, "usage in a chunk that has a choice")
        self.must(len(choices) == 1 and choices[0].get("index") == 0, "more than the one choice 0")
        self._choice(choices[0])

    def _same_head(self, chunk: Json) -> None:
        self.must(chunk.get("object") == "chat.completion.chunk", f"object is {chunk.get('object')!r}")
        head = (self.said(chunk, "id"), self.member(chunk, "created", int), self.said(chunk, "model"))
        self.must(not self._head or head == self._head, "id, created or model changed inside the stream")
        self._head = head

    def _choice(self, choice: Json) -> None:
        self.must("finish_reason" in choice, "a choice has no finish_reason")
        delta = self.member(choice, "delta", dict)
        if self._state == "before":
            self.must(delta.get("role") == "assistant", "the first chunk has no role")
            self._state = "inside"
        else:
            self.must(self._state == "inside", f"a choice may not come {self._state!r}")
            self.must("role" not in delta, "the role is told twice: clients would read `assistantassistant`")
        for name in _SPOKEN:
            self.must(isinstance(delta.get(name), str | None), f"{name} is no text: {delta.get(name)!r}")
        for call in delta.get("tool_calls") or []:
            self._call(call)
        if choice["finish_reason"] is not None:
            self.must(choice["finish_reason"] in _FINISHES, f"unknown finish_reason {choice['finish_reason']!r}")
            self._state = "finished"

    def _call(self, call: Json) -> None:
        index = self.member(call, "index", int)
        if index == len(self._calls):
            kind = self.said(call, "type")
            self.must(kind in ("function", "custom"), f"a call of type {kind!r}")
            self.must(self.said(call, "id") not in self._ids, f"two calls with the id {call['id']!r}")
            self._ids.add(call["id"])
            self._calls.append(kind)
            self.said(self.member(call, kind, dict), "name")
        else:
            self.must(index == len(self._calls) - 1, f"call {index} after call {len(self._calls) - 1}")
            self.must("id" not in call, "the id is told twice: clients would glue both together")
            kind = self._calls[index]
            self.must("name" not in self.member(call, kind, dict), "the name is told twice")
        self.member(call[kind], "arguments" if kind == "function" else "input", str)
