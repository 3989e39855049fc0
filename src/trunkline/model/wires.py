"""The names of the wires: the formats that clients and providers speak."""

from __future__ import annotations

from typing import Literal

Wire = Literal["anthropic", "openai_chat", "openai_responses", "ollama", "gemini"]
"""A format family. Each has a folder under `wire/`."""

Operation = Literal[
    "messages",  # Anthropic  POST /v1/messages
    "count_tokens",  # Anthropic  POST /v1/messages/count_tokens
    "chat",  # OpenAI     POST /v1/chat/completions
    "completions",  # OpenAI     POST /v1/completions
    "embeddings",  # OpenAI     POST /v1/embeddings
    "responses",  # OpenAI     POST /v1/responses
    "responses_count",  # OpenAI     POST /v1/responses/input_tokens
    "stored",  # OpenAI     GET and DELETE /v1/responses/{id}, and what stands under it: by id, without a model
    "ollama_chat",  # Ollama     POST /api/chat
    "ollama_generate",  # Ollama     POST /api/generate
    "ollama_embed",  # Ollama     POST /api/embed and /api/embeddings
    "generate",  # Gemini     POST /v1beta/models/{model}:generateContent and :streamGenerateContent
    "gemini_count",  # Gemini     POST /v1beta/models/{model}:countTokens
    "gemini_embed",  # Gemini     POST /v1beta/models/{model}:embedContent and :batchEmbedContents
    "other",  # any other POST /v1/* that names a model: relayed by bytes
]
"""What is asked for. Each belongs to one wire, and to one path under a provider's base."""

WIRE_OF: dict[Operation, Wire] = {
    "messages": "anthropic",
    "count_tokens": "anthropic",
    "chat": "openai_chat",
    "completions": "openai_chat",
    "embeddings": "openai_chat",
    "responses": "openai_responses",
    "responses_count": "openai_responses",
    "stored": "openai_responses",
    "ollama_chat": "ollama",
    "ollama_generate": "ollama",
    "ollama_embed": "ollama",
    "generate": "gemini",
    "gemini_count": "gemini",
    "gemini_embed": "gemini",
    "other": "openai_chat",
}

GENERATING: dict[Wire, Operation] = {
    "anthropic": "messages",
    "openai_chat": "chat",
    "openai_responses": "responses",
    "ollama": "ollama_chat",
    "gemini": "generate",
}
"""The operation by which each wire is asked for an answer that was asked for in another."""

ANSWERING: frozenset[Operation] = frozenset({*GENERATING.values(), "ollama_generate"})
"""Operations that a model answers in words and calls: the ones that can cross wires as a conversation."""

EMBEDDING: frozenset[Operation] = frozenset({"embeddings", "ollama_embed", "gemini_embed"})
"""Operations that come back as vectors."""

COUNTER: dict[Wire, Operation] = {
    "anthropic": "count_tokens",
    "openai_responses": "responses_count",
    "gemini": "gemini_count",
}
"""The operation by which each wire counts the tokens of a conversation. The others have none."""

COUNTING: frozenset[Operation] = frozenset(COUNTER.values())
"""Operations that come back as a number of tokens."""

FREE: frozenset[Operation] = COUNTING | {"stored"}
"""Operations for which no provider charges anything."""

PATH_OF: dict[Operation, str] = {
    "messages": "/v1/messages",
    "count_tokens": "/v1/messages/count_tokens",
    "chat": "/chat/completions",
    "completions": "/completions",
    "embeddings": "/embeddings",
    "responses": "/responses",
    "responses_count": "/responses/input_tokens",
    "ollama_chat": "/api/chat",
    "ollama_generate": "/api/generate",
    "ollama_embed": "/api/embed",
    "generate": ":generateContent",
    "gemini_count": ":countTokens",
    "gemini_embed": ":batchEmbedContents",
}
"""The path of an operation under its wire's base. A wire's base is what the vendor documents as the client's
base URL for that format: `https://api.anthropic.com` (no `/v1`), `https://api.openai.com/v1`,
`http://127.0.0.1:11434`. Gemini's is what follows the model's name, which stands in the path."""
