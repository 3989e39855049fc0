"""A streamed answer as people read it: `for chunk in answer`, or `async for`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from trunkline.sdk.responses import ModelResponseStream, chunk
from trunkline.wire.framing import SseFramer, events


class Source(Protocol):
    """Where the bytes come from: a channel."""

    def piece(self) -> bytes: ...
    async def apiece(self) -> bytes: ...


class Stream:
    """Chunks of an answer, each a `ModelResponseStream`. Reading raises what the call failed with, also in the middle.

    `close` (or the end of a `with`) ends the call early, and the provider is told. `_hidden_params` has the cost once
    the end was read.
    """

    def __init__(
        self, source: Source, model: str, cancel: Callable[[], None], ended: Callable[[Stream, Exception | None], None]
    ) -> None:
        self.model = model
        self.chunks: list[ModelResponseStream] = []
        self._source, self._cancel, self._ended = source, cancel, ended
        self._framer = SseFramer()
        self._waiting: list[ModelResponseStream] = []
        self._over = False
        self._hidden_params: dict[str, Any] = {}
        self._response_headers: dict[str, str] = {}
        self.created = int(time.time())

    @property
    def response_uptil_now(self) -> str:
        """The text that was read so far."""
        return "".join(each.choices[0].delta.content or "" for each in self.chunks)

    def _push(self, piece: bytes) -> None:
        """Takes bytes that came; empty: the end."""
        if not piece:
            self._end(None)
            return
        for _, _, data in events(self._framer.push(piece)):
            if data and data != b"[DONE]":
                made = chunk(msgspec.json.decode(data))
                made._hidden_params = self._hidden_params
                self.chunks.append(made)
                self._waiting.append(made)

    def _end(self, error: Exception | None) -> None:
        if not self._over:
            self._over = True
            self._ended(self, error)

    def __iter__(self) -> Iterator[ModelResponseStream]:
        return self

    def __next__(self) -> ModelResponseStream:
        while not self._waiting:
            if self._over:
                raise StopIteration
            try:
                self._push(self._source.piece())
            except Exception as error:
                self._end(error)
                raise
            except BaseException:
                self.close()
                raise
        return self._waiting.pop(0)

    def __aiter__(self) -> AsyncIterator[ModelResponseStream]:
        return self

    async def __anext__(self) -> ModelResponseStream:
        while not self._waiting:
            if self._over:
                raise StopAsyncIteration
            try:
                self._push(await self._source.apiece())
            except Exception as error:
                self._end(error)
                raise
            except BaseException:
                self.close()
                raise
        return self._waiting.pop(0)

    def close(self) -> None:
        """Ends the call, if it has not ended."""
        if not self._over:
            self._cancel()
            self._end(None)

    async def aclose(self) -> None:
        """`close`, by the name that async generators have."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # Dropped in the middle: the provider need not write on for nobody.
        if not self._over:
            self._over = True
            self._cancel()
