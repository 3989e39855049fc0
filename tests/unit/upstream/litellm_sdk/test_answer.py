"""The SDK's chunks as server-sent events: what is made up is not passed on, what is left is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.upstream.pool_peer import Run
from trunkline.errors import Failure, ProviderCut
from trunkline.upstream.litellm_sdk.answer import Stream
from trunkline.upstream.litellm_sdk.failure import Refusal


class Chunk:
    """A chunk as the SDK has it: an object that can be dumped."""

    def __init__(self, **members: Any) -> None:
        self._members = members
        self.usage = members.get("usage")

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return json.loads(json.dumps(self._members))  # type: ignore[no-any-return]


class Chunks:
    """The SDK's stream. `reason` is the stop reason that really came."""

    def __init__(self, *pieces: Chunk | Exception, reason: str | None = "stop", told: bool = True) -> None:
        self._pieces = list(pieces)
        self.received_finish_reason = reason
        self.intermittent_finish_reason = None
        self.chunks = [Chunk(usage={"x": 1})] if told else []
        self.closed = 0

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __anext__(self) -> Chunk:
        if not self._pieces:
            raise StopAsyncIteration
        piece = self._pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        return piece

    async def aclose(self) -> None:
        self.closed += 1


WORD = Chunk(model="p/m", choices=[{"index": 0, "delta": {"content": "hi"}}])
END = Chunk(model="p/m", choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
USAGE = Chunk(model="p/m", choices=[], usage={"prompt_tokens": 1, "completion_tokens": 2})


def stream(chunks: Chunks, failure: Refusal | Failure | None = None) -> Stream:
    return Stream(chunks, "m", [], (), lambda _: failure or Refusal(500, "told", None, "server_error", []))


async def all_of(answer: Stream) -> list[bytes]:
    found = []
    while piece := await answer.read():
        found.append(piece)
    return found


def test_chunks_are_events_and_the_end_is_done(run: Run) -> None:
    async def work() -> None:
        chunks = Chunks(WORD, END, USAGE)
        first, second, third, done = await all_of(stream(chunks))
        assert json.loads(first[6:]) == {
            "model": "m",
            "choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": None}],
        }
        assert json.loads(second[6:])["choices"][0]["finish_reason"] == "stop"
        assert json.loads(third[6:])["usage"] == {"prompt_tokens": 1, "completion_tokens": 2}
        assert done == b"data: [DONE]\n\n"

    run(work())


def test_a_stop_reason_that_never_came_is_not_passed_on(run: Run) -> None:
    async def work() -> None:
        answer = stream(chunks := Chunks(WORD, END, reason=None))
        await answer.read()
        with pytest.raises(ProviderCut):
            await answer.read()
        await asyncio.sleep(0)
        assert chunks.closed == 1

    run(work())


def test_what_the_sdk_counted_is_marked(run: Run) -> None:
    async def work() -> None:
        pieces = await all_of(stream(Chunks(END, USAGE, told=False)))
        assert json.loads(pieces[1][6:])["usage"]["estimated"] is True

    run(work())


def test_an_error_is_an_event_or_a_failure(run: Run) -> None:
    async def work() -> None:
        told = await all_of(stream(Chunks(WORD, ValueError("x"))))
        assert json.loads(told[-1][6:])["error"]["message"] == "told"
        with pytest.raises(ProviderCut):
            await all_of(stream(Chunks(ValueError("x")), ProviderCut("broken")))

    run(work())


def test_closing_closes_the_stream_once_and_an_ended_one_never(run: Run) -> None:
    async def work() -> None:
        answer = stream(chunks := Chunks(WORD, END))
        await answer.read()
        answer.close()
        answer.close()
        await asyncio.sleep(0)
        assert chunks.closed == 1
        assert await answer.read() == b""
        ended = stream(whole := Chunks(END))
        await all_of(ended)
        ended.close()
        await asyncio.sleep(0)
        assert whole.closed == 0

    run(work())
