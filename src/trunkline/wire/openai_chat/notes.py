"""What a request loses and what is mended on its way to this wire, by the client's own words for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire.loss import refuse_or_lose

_SAID: dict[Wire, dict[str, str]] = {
    "anthropic": {
        "stop": "stop_sequences",
        "parallel": "tool_choice.disable_parallel_tool_use",
        "shape": "output_config.format",
        "cached": "cache_control",
    },
    "openai_chat": {
        "thinking": "reasoning_effort",
        "parallel": "parallel_tool_calls",
        "shape": "response_format",
        "count": "n",
        "presence": "presence_penalty",
        "frequency": "frequency_penalty",
        "repeat": "repetition_penalty",
    },
    "openai_responses": {
        "thinking": "reasoning",
        "parallel": "parallel_tool_calls",
        "shape": "text.format",
        "verbosity": "text.verbosity",
        "logprobs": "top_logprobs",
    },
    "ollama": {
        "thinking": "think",
        "shape": "format",
        "presence": "presence_penalty",
        "frequency": "frequency_penalty",
        "repeat": "repeat_penalty",
    },
    "gemini": {
        "thinking": "thinkingConfig",
        "shape": "responseJsonSchema",
        "stop": "stopSequences",
        "count": "candidateCount",
        "temperature": "temperature",
        "top_p": "topP",
        "top_k": "topK",
        "presence": "presencePenalty",
        "frequency": "frequencyPenalty",
        "logprobs": "responseLogprobs",
    },
}


@dataclass(slots=True)
class Notes:
    """Kept while one request is written. Nothing stands in it twice."""

    wire: Wire
    dialect: Dialect
    lost: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    def said(self, what: str) -> str:
        """The client's word."""
        return _SAID[self.wire].get(what, what)

    def lose(self, *what: str) -> None:
        """Could not be carried."""
        for each in what:
            if self.said(each) not in self.lost:
                self.lost.append(self.said(each))

    def lose_or_refuse(self, what: str, why: str) -> None:
        """Could not be carried, and the answer is another without it: refused unless `drop_params` is set."""
        for name in refuse_or_lose(self.dialect, [self.said(what)], why):
            self.lose(name)

    def mend(self, what: str) -> None:
        """Had to be changed to be accepted."""
        if what not in self.repairs:
            self.repairs.append(what)
