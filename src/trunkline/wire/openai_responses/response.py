"""The response object that a client is given at the beginning and at the end of an answer.

What a client sent at length (its instructions, its tools) is not sent back to it.
"""

from __future__ import annotations

from typing import Any

from trunkline.model.estimate import tokens
from trunkline.model.events import Stop
from trunkline.model.usage import Usage
from trunkline.wire.codec import Answering

Json = dict[str, Any]

_STATES: dict[str, tuple[str, str]] = {
    "limit": ("incomplete", "max_output_tokens"),
    "window": ("incomplete", "max_output_tokens"),
    "refusal": ("incomplete", "content_filter"),
}


def state(stop: Stop, *, refused: bool) -> tuple[str, str]:
    """(status, reason of an incomplete one). A refusal that was spoken is a complete answer."""
    if stop.reason == "refusal" and refused:
        return "completed", ""
    return _STATES.get(stop.reason, ("completed", ""))


class Response:
    """Knows what stays the same in every copy of the response object."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self.id = "resp_" + answering.id.replace("-", "")
        self._begun: Json | None = None

    def adopt(self, response: Json) -> None:
        """A provider began it so: that is what it stays."""
        self._begun = response
        self.id = str(response.get("id") or self.id)

    def object(self, status: str, output: list[Json], **more: Any) -> Json:
        """The response as it is now."""
        if self._begun is not None:
            return {**self._begun, "status": status, "output": output, **more}
        answering, asked = self._answering, self._answering.asked
        effort, summary = asked.thought.effort or None, asked.thought.summary or None
        return {
            "id": self.id,
            "object": "response",
            "created_at": answering.created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": asked.limit,
            "model": answering.model,
            "output": output,
            "parallel_tool_calls": asked.choice is None or asked.choice.parallel is not False,
            "previous_response_id": None,
            "prompt_cache_key": asked.session or None,
            "reasoning": {"effort": effort, "summary": summary},
            "store": False,
            "temperature": asked.sampling.temperature,
            "text": self._text(),
            "tool_choice": self._choice(),
            "tools": [],
            "top_p": asked.sampling.top_p,
            "truncation": "disabled",
            "usage": None,
            "metadata": asked.own.get("metadata") or {},
            **more,
        }

    def _text(self) -> Json:
        shape = self._answering.asked.shape
        if shape is None:
            return {"format": {"type": "text"}}
        if shape.kind == "json":
            return {"format": {"type": "json_object"}}
        form = {"type": "json_schema", "name": shape.name, "schema": shape.schema, "strict": bool(shape.strict)}
        return {"format": form}

    def _choice(self) -> Any:
        choice = self._answering.asked.choice
        if choice is None:
            return "auto"
        if choice.mode == "one":
            return {"type": "function", "name": choice.name}
        return {"any": "required", "none": "none", "auto": "auto"}[choice.mode]

    def usage(self, usage: Usage, said: int) -> Json:
        """Tokens in this wire's arithmetic: what was cached is part of the input. `said`: characters of output.

        Clients fail to read an answer whose three numbers are not whole, so what was never told is estimated.
        """
        read = self._answering.estimate if usage.input is None else usage.prompt
        written = tokens(said) if usage.output is None else usage.output
        return {
            "input_tokens": read,
            "input_tokens_details": {
                "cached_tokens": usage.cache_read,
                "cache_write_tokens": usage.cache_write + usage.cache_write_1h,
            },
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": read + written,
        }
