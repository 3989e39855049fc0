"""What clients of other wires call a member that Ollama has no room for: the names under which it is told as lost."""

from __future__ import annotations

from trunkline.model.conversation import Conversation
from trunkline.model.wires import Wire

_WORDS: dict[str, dict[Wire, str]] = {
    "effort": {
        "anthropic": "output_config.effort",
        "openai_chat": "reasoning_effort",
        "openai_responses": "reasoning.effort",
        "gemini": "thinkingConfig",
        "ollama": "think",
    },
    "thinking": {
        "openai_chat": "reasoning_effort",
        "openai_responses": "reasoning",
        "gemini": "thinkingConfig",
        "ollama": "think",
    },
    "parallel": {
        "anthropic": "disable_parallel_tool_use",
        "openai_chat": "parallel_tool_calls",
        "openai_responses": "parallel_tool_calls",
    },
    "tool_choice": {"gemini": "toolConfig"},
    "top_p": {"gemini": "topP"},
    "top_k": {"gemini": "topK"},
    "n": {"gemini": "candidateCount"},
    "logprobs": {"openai_responses": "top_logprobs", "gemini": "responseLogprobs"},
}


def word(conversation: Conversation, name: str) -> str:
    """The client's own word for a member."""
    return _WORDS.get(name, {}).get(conversation.wire, name)
