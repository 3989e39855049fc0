"""The records of answers, by LiteLLM's names. Source: litellm/types/utils.py (1.110.2), read 2026-11."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trunkline.sdk.objects import Object

_TOOLS = {"tool_calls": None, "function_call": None}


class Function(Object):
    """The name of a called function, and its arguments as JSON text."""

    FIELDS: ClassVar = {"arguments": "", "name": None}


class ChatCompletionMessageToolCall(Object):
    """One call of a tool."""

    FIELDS: ClassVar = {"function": None, "id": None, "type": "function"}
    PARTS: ClassVar = {"function": Function}


class ChatCompletionDeltaToolCall(Object):
    """A part of one call of a tool."""

    FIELDS: ClassVar = {"id": None, "function": None, "type": None, "index": 0}
    PARTS: ClassVar = {"function": Function}


class Message(Object):
    """What the model said. `reasoning_content` and its kin are there where something was said."""

    FIELDS: ClassVar = {"content": None, "role": "assistant", **_TOOLS}
    PARTS: ClassVar = {"tool_calls": ChatCompletionMessageToolCall, "function_call": Function}


class Delta(Object):
    """What a chunk adds to the message."""

    FIELDS: ClassVar = {"content": None, "role": None, "function_call": None, "tool_calls": None, "audio": None}
    PARTS: ClassVar = {"tool_calls": ChatCompletionDeltaToolCall, "function_call": Function}


class Choices(Object):
    """One of the answers."""

    FIELDS: ClassVar = {"finish_reason": None, "index": 0, "message": None}
    PARTS: ClassVar = {"message": Message}


class StreamingChoices(Object):
    """One of the answers, in a chunk."""

    FIELDS: ClassVar = {"finish_reason": None, "index": 0, "delta": None, "logprobs": None}
    PARTS: ClassVar = {"delta": Delta}


class CompletionTokensDetails(Object):
    """What the answer's tokens were."""


class PromptTokensDetails(Object):
    """What the request's tokens were."""


class Usage(Object):
    """Tokens."""

    FIELDS: ClassVar = {
        "completion_tokens": 0,
        "prompt_tokens": 0,
        "total_tokens": 0,
        "completion_tokens_details": None,
        "prompt_tokens_details": None,
    }
    PARTS: ClassVar = {
        "completion_tokens_details": CompletionTokensDetails,
        "prompt_tokens_details": PromptTokensDetails,
    }


class Answer(Object):
    """What all answers have beside them: `_hidden_params` (`response_cost` in dollars, None where no price is known;
    `litellm_call_id`, `model_id`, `api_base`, `custom_llm_provider`, `cache_hit`, `additional_headers`) and
    `_response_headers`."""

    _hidden_params: dict[str, Any]
    _response_headers: dict[str, str]
    _response_ms: float

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self._hidden_params = {}
        self._response_headers = {}
        self._response_ms = 0.0


class ModelResponse(Answer):
    """A whole answer."""

    FIELDS: ClassVar = {
        "id": "",
        "created": 0,
        "model": None,
        "object": "chat.completion",
        "system_fingerprint": None,
        "choices": [],
        "usage": None,
    }
    PARTS: ClassVar = {"choices": Choices, "usage": Usage}
    SPARE: ClassVar = frozenset({"system_fingerprint"})

    id: str
    created: int
    model: str
    choices: list[Any]
    usage: Any


class ModelResponseStream(Answer):
    """One chunk of a streamed answer. It has a choice in any case, so that `chunk.choices[0].delta` always reads."""

    FIELDS: ClassVar = {
        "id": "",
        "created": 0,
        "model": None,
        "object": "chat.completion.chunk",
        "system_fingerprint": None,
        "choices": [],
    }
    PARTS: ClassVar = {"choices": StreamingChoices, "usage": Usage}
    SPARE: ClassVar = frozenset({"system_fingerprint"})

    choices: list[Any]


class Embedding(Object):
    """One vector."""

    FIELDS: ClassVar = {"embedding": None, "index": 0, "object": "embedding"}


class EmbeddingResponse(Answer):
    """Vectors."""

    FIELDS: ClassVar = {"model": None, "data": [], "object": "list", "usage": None}
    PARTS: ClassVar = {"data": Embedding, "usage": Usage}

    data: list[Any]
    usage: Any


def whole(told: Mapping[str, Any]) -> ModelResponse:
    """The answer that a completion's JSON tells."""
    return ModelResponse(**{**told, "usage": _usage(told.get("usage"))})


def chunk(told: Mapping[str, Any]) -> ModelResponseStream:
    """The chunk that an event's JSON tells."""
    fields = dict(told)
    if not fields.get("choices"):
        fields["choices"] = [{"delta": {}}]
    fields["choices"] = [{**each, "delta": each.get("delta") or {}} for each in fields["choices"]]
    if fields.get("usage"):
        fields["usage"] = _usage(fields["usage"])
    else:
        fields.pop("usage", None)
    return ModelResponseStream(**fields)


def vectors(told: Mapping[str, Any]) -> EmbeddingResponse:
    """The vectors that an embedding's JSON tells."""
    return EmbeddingResponse(**{**told, "usage": _usage(told.get("usage"))})


def _usage(told: Mapping[str, Any] | None) -> Usage:
    """Tokens, with what was cached also under the names that LiteLLM has for Anthropic's."""
    made = Usage(**(told or {}))
    details = made.prompt_tokens_details
    for name, within in (
        ("cache_read_input_tokens", "cached_tokens"),
        ("cache_creation_input_tokens", "cache_write_tokens"),
    ):
        counted = details.get(within) if isinstance(details, Object) else None
        if counted is not None and name not in made:
            made[name] = counted
    return made
