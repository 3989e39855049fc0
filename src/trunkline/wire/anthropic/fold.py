"""A whole message out of the events of a stream that this wire's encoder made."""

from __future__ import annotations

from typing import Any

import msgspec

Json = dict[str, Any]


class Message:
    """Takes events in order; `document` is the message so far."""

    def __init__(self) -> None:
        self.document: Json = {}
        self._input = ""

    def take(self, event: Json) -> None:
        """The next event."""
        match event["type"]:
            case "message_start":
                self.document = {**event["message"], "content": []}
            case "content_block_start":
                self.document["content"].append(dict(event["content_block"]))
                self._input = ""
            case "content_block_delta":
                self._delta(event["delta"])
            case "content_block_stop" if self._input:
                self.document["content"][-1]["input"] = msgspec.Raw(self._input.encode(errors="replace"))
                self._input = ""
            case "message_delta":
                usage = dict(event["usage"])
                written = usage["cache_creation_input_tokens"]
                usage.setdefault(
                    "cache_creation", {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0}
                )
                del self.document["usage"]
                self.document.update(event["delta"], usage=usage)

    def _delta(self, delta: Json) -> None:
        block = self.document["content"][-1]
        match delta["type"]:
            case "text_delta":
                block["text"] += delta["text"]
            case "thinking_delta":
                block["thinking"] += delta["thinking"]
            case "signature_delta":
                block["signature"] = delta["signature"]
            case "input_json_delta":
                self._input += delta["partial_json"]
