"""What clients of each wire call the members that this one may have to drop: losses are named in their words."""

from __future__ import annotations

from trunkline.model.wires import Wire

_NAMES: dict[str, dict[Wire, str]] = {
    "thinking": {
        "anthropic": "thinking",
        "openai_chat": "reasoning_effort",
        "openai_responses": "reasoning",
        "ollama": "think",
        "gemini": "thinkingConfig",
    },
    "shape": {
        "anthropic": "output_config",
        "openai_chat": "response_format",
        "openai_responses": "text.format",
        "ollama": "format",
        "gemini": "responseJsonSchema",
    },
    "stop": {"anthropic": "stop_sequences", "gemini": "stopSequences"},
    "top_p": {"gemini": "topP"},
    "top_k": {"gemini": "topK"},
    "presence": {"gemini": "presencePenalty", "openai_chat": "presence_penalty", "ollama": "presence_penalty"},
    "frequency": {"gemini": "frequencyPenalty", "openai_chat": "frequency_penalty", "ollama": "frequency_penalty"},
    "repeat": {"ollama": "repeat_penalty"},
    "logprobs": {"openai_responses": "top_logprobs", "gemini": "responseLogprobs"},
    "count": {"gemini": "candidateCount", "openai_chat": "n"},
    "verbosity": {"openai_responses": "text.verbosity"},
}


def called(wire: Wire, what: str) -> str:
    """The client's word for a member of the conversation."""
    return _NAMES.get(what, {}).get(wire, what)
