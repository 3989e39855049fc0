"""`mock_response`: an answer that nobody is asked for, as LiteLLM has it for tests. It costs nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from trunkline import exceptions as raised
from trunkline.exceptions import Error, Timeout
from trunkline.sdk import callbacks
from trunkline.sdk.asked import Asked
from trunkline.sdk.responses import ModelResponse, whole
from trunkline.sdk.streams import Stream

_USAGE = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
"""What LiteLLM says of every such answer."""
_PIECE = 3
"""Characters in a chunk."""


def completion(call: Asked) -> Any:
    """The answer or stream, or the exception that was asked for."""
    time.sleep(_delay(call))
    return _made(call)


async def acompletion(call: Asked) -> Any:
    """The same, for an event loop."""
    await asyncio.sleep(_delay(call))
    return _made(call)


def _delay(call: Asked) -> float:
    return float(call.mock.get("mock_delay") or 0)


def _made(call: Asked) -> Any:
    said = call.mock.get("mock_response", "")
    if call.mock.get("mock_timeout"):
        raise Timeout("This is a mock time-out.", model=call.model, llm_provider="mock")
    if isinstance(said, ModelResponse):
        return said
    if isinstance(said, Exception):
        raise said
    if isinstance(said, str) and said.startswith("litellm."):
        raise _named(call, said.removeprefix("litellm."))
    return _stream(call, str(said)) if call.stream else _whole(call, str(said))


def _named(call: Asked, name: str) -> Error:
    """`mock_response="litellm.RateLimitError"`."""
    kind = getattr(raised, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Error)):
        kind = raised.APIError
    return kind(f"This is a mock {name}.", model=call.model, llm_provider="mock")


def _shown(call: Asked) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{time.time_ns():x}",
        "created": int(time.time()),
        "model": call.model.partition("/")[2] or call.model,
    }


def _whole(call: Asked, said: str) -> ModelResponse:
    message: dict[str, Any] = {"role": "assistant", "content": said}
    if calls := call.mock.get("mock_tool_calls"):
        message["tool_calls"] = [msgspec.to_builtins(each) for each in calls]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    made = whole({**_shown(call), "choices": [choice], "usage": _USAGE})
    made._hidden_params = {"response_cost": 0.0, "custom_llm_provider": "mock"}
    callbacks.succeeded(call, made, time.time())
    return made


class _Said:
    """Where the bytes of such a stream come from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def piece(self) -> bytes:
        return next(self._pieces, b"")

    async def apiece(self) -> bytes:
        return self.piece()


def _stream(call: Asked, said: str) -> Stream:
    shown = {**_shown(call), "object": "chat.completion.chunk"}

    def pieces() -> Iterator[bytes]:
        deltas: list[dict[str, Any]] = [{"content": said[at : at + _PIECE]} for at in range(0, len(said), _PIECE)]
        for delta in [{"role": "assistant", **(deltas[0] if deltas else {})}, *deltas[1:], None]:
            choice = {"index": 0, "delta": delta or {}, "finish_reason": None if delta is not None else "stop"}
            yield b"data: " + msgspec.json.encode({**shown, "choices": [choice]}) + b"\n\n"

    def ended(stream: Stream, error: Exception | None) -> None:
        stream._hidden_params["response_cost"] = 0.0
        callbacks.streamed(call, stream, time.time())

    return Stream(_Said(pieces()), call.model, _nothing, ended)


def _nothing() -> None:
    """There is no call to end."""
