"""Anthropic Messages events as clients need them.

Facts: platform.claude.com/docs/en/build-with-claude/streaming and the accumulator of the `anthropic` SDK 2.11.0, which
takes the last signature delta of a block for the whole signature and ignores events without a name (2026-11).
"""

from __future__ import annotations

import json
import re

from trunkline.wire.grammars.frames import Automaton, Json

_ID = re.compile(r"[A-Za-z0-9_-]+\Z")
_STOPS = {
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
}
_DELTAS = {
    "text": {"text_delta": "text", "citations_delta": "citation"},
    "thinking": {"thinking_delta": "thinking", "signature_delta": "signature"},
    "tool_use": {"input_json_delta": "partial_json"},
    "redacted_thinking": {},
}
"""Kind of block → kinds of delta → where each has what it says. Blocks of other kinds are the vendor's own business."""


class Messages(Automaton):
    """message_start, blocks one after another, message_delta, message_stop."""

    wire = "anthropic"

    def __init__(self) -> None:
        super().__init__()
        self._state = "before"
        self._blocks = 0
        self._kind = ""
        self._signed = False
        self._input = ""
        self._broken = False
        self._calls: set[str] = set()

    def event(self, name: str, payload: str) -> None:
        event = self.document(payload)
        kind = self.said(event, "type")
        self.must(name == kind, f"the event is named {name!r} and its type is {kind!r}")
        if kind == "ping":
            return
        if kind == "error":
            self.said(self.member(event, "error", dict), "message")
            self.ended = True
            return
        expected = {
            "message_start": "before",
            "content_block_start": "between",
            "content_block_delta": "inside",
            "content_block_stop": "inside",
            "message_delta": "between",
            "message_stop": "told",
        }
        self.must(kind in expected, f"unknown event {kind!r}")
        self.must(self._state == expected[kind], f"{kind} may not come {self._state!r}")
        getattr(self, f"_{kind}")(event)

    def _message_start(self, event: Json) -> None:
        message = self.member(event, "message", dict)
        self.said(message, "id")
        self.said(message, "model")
        fixed: Json = {
            "type": "message",
            "role": "assistant",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }
        for name, value in fixed.items():
            self.must(name in message and message[name] == value, f"message_start: `{name}` is not {value!r}")
        usage = self.member(message, "usage", dict)
        self.counts(usage, "input_tokens", "output_tokens")
        read = sum(usage.get(name) or 0 for name in _PROMPT)
        self.must(read > 0, "message_start tells no input tokens: a client's context meter would show zero")
        self._state = "between"

    def _content_block_start(self, event: Json) -> None:
        self.must(event.get("index") == self._blocks, f"block {event.get('index')!r} where {self._blocks} comes next")
        block = self.member(event, "content_block", dict)
        self._kind = self.said(block, "type")
        self._signed, self._input = False, ""
        match self._kind:
            case "text":
                self.must(block.get("text") == "", "a text block starts with words")
            case "thinking":
                self.must((block.get("thinking"), block.get("signature")) == ("", ""), "thinking starts filled")
            case "redacted_thinking":
                self.said(block, "data")
            case "tool_use":
                self.must(_ID.match(self.said(block, "id")), f"the id {block['id']!r} is not one Anthropic takes")
                self.must(block["id"] not in self._calls, f"two calls with the id {block['id']!r}")
                self._calls.add(block["id"])
                self.said(block, "name")
                self.must(block.get("input") == {}, "a call starts with input")
        self._state = "inside"

    def _content_block_delta(self, event: Json) -> None:
        self.must(event.get("index") == self._blocks, f"a delta of block {event.get('index')!r}, not {self._blocks}")
        delta = self.member(event, "delta", dict)
        kind = self.said(delta, "type")
        known = _DELTAS.get(self._kind)
        if known is None:
            return
        self.must(kind in known, f"{kind} inside a block of {self._kind}")
        if kind == "citations_delta":
            return
        said = self.said(delta, known[kind]) if kind != "input_json_delta" else self.member(delta, known[kind], str)
        self.must(not self._signed, f"{kind} after the signature: it must be the last, and there is only one")
        self._signed = kind == "signature_delta"
        self._input += said if kind == "input_json_delta" else ""

    def _content_block_stop(self, event: Json) -> None:
        self.must(event.get("index") == self._blocks, f"the stop of block {event.get('index')!r}, not {self._blocks}")
        if self._kind == "thinking":
            self.must(self._signed, "thinking without a signature: clients would drop it from their tool loop")
        if self._kind == "tool_use" and self._input:
            try:
                self._broken |= not isinstance(json.loads(self._input), dict)
            except ValueError:
                self._broken = True
        self._blocks += 1
        self._state = "between"

    def _message_delta(self, event: Json) -> None:
        delta = self.member(event, "delta", dict)
        self.must(delta.get("stop_reason") in _STOPS, f"unknown stop reason {delta.get('stop_reason')!r}")
        self.must("stop_sequence" in delta, "message_delta has no stop_sequence")
        cut = delta["stop_reason"] in ("max_tokens", "model_context_window_exceeded")
        self.must(cut or not self._broken, "a call whose input is no JSON object, and no limit that cut it")
        self.counts(self.member(event, "usage", dict), "input_tokens", "output_tokens")
        self._state = "told"

    def _message_stop(self, event: Json) -> None:
        self.ended = True


_PROMPT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
