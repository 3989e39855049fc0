"""What the clients of each wire call a member that this wire has no place for: these names are told as lost."""

from __future__ import annotations

from trunkline.model.wires import Wire

_TERMS: dict[Wire, dict[str, str]] = {
    "anthropic": {
        "stop": "stop_sequences",
        "thinking": "thinking",
        "shape": "output_config.format",
    },
    "openai_chat": {
        "stop": "stop",
        "thinking": "reasoning_effort",
        "shape": "response_format",
        "count": "n",
        "presence": "presence_penalty",
        "frequency": "frequency_penalty",
    },
    "openai_responses": {
        "thinking": "reasoning",
        "shape": "text.format",
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
        "stop": "stopSequences",
        "thinking": "thinkingConfig",
        "shape": "responseSchema",
        "count": "candidateCount",
        "top_p": "topP",
        "top_k": "topK",
        "presence": "presencePenalty",
        "frequency": "frequencyPenalty",
        "logprobs": "responseLogprobs",
    },
}


def term(wire: Wire, concept: str) -> str:
    """The client's word; most wires share the same one."""
    return _TERMS[wire].get(concept, concept)
