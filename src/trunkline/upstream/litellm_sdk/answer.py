"""The SDK's answers as a connection would give them: a status, headers, and bytes in OpenAI's format."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from trunkline.errors import Failure, ProviderCut
from trunkline.upstream.litellm_sdk.failure import Refusal

_JSON = ("content-type", "application/json")
_SSE = ("content-type", "text/event-stream; charset=utf-8")
_DONE = b"data: [DONE]\n\n"
_FROM_PROVIDER = "llm_provider-"

_log = logging.getLogger("trunkline")

Headers = list[tuple[str, str]]

_closing: set[asyncio.Task[None]] = set()
"""Streams that are being closed: a task that nobody holds may vanish before it is done."""


class Whole:
    """An answer that is there. `lost`: members that the provider does not take."""

    def __init__(self, status: int, body: dict[str, Any], headers: Headers, lost: tuple[str, ...] = ()) -> None:
        self.status = status
        self.headers = [_JSON, *headers]
        self.lost = lost
        self._body = encoded(body)

    async def read(self) -> bytes:
        """The body, then nothing."""
        body, self._body = self._body, b""
        return body

    def close(self) -> None:
        """Nothing is held."""
        self._body = b""


class Stream:
    """A stream of the SDK's chunks, as server-sent events that end with `[DONE]`. `tell` reads what the SDK raises."""

    def __init__(
        self,
        chunks: Any,
        model: str,
        headers: Headers,
        lost: tuple[str, ...],
        tell: Callable[[Exception], Refusal | Failure],
    ) -> None:
        self.status = 200
        self.headers = [_SSE, *headers]
        self.lost = lost
        self._chunks = chunks
        self._model = model
        self._tell = tell
        self._ended = False

    async def read(self) -> bytes:
        """The next event. Raises `ProviderCut` and its kin when the stream broke off."""
        if self._ended:
            return b""
        try:
            chunk = await anext(self._chunks)
        except StopAsyncIteration:
            self._ended = True
            return _DONE
        except Exception as error:  # noqa: BLE001 - two hundred providers' code raises what it likes: all is told
            return self._broken(error)
        return self._said(chunk)

    def close(self) -> None:
        """Drops the provider's connection, should the answer not be at its end."""
        if self._ended:
            return
        self._ended = True
        task = asyncio.ensure_future(_close(self._chunks))
        _closing.add(task)
        task.add_done_callback(_closing.discard)

    def _said(self, chunk: Any) -> bytes:
        made = tidy(chunk, self._model)
        if any(choice["finish_reason"] for choice in made["choices"]) and not self._really_ended():
            # The SDK makes up a stop reason for a stream that never gave one.
            self.close()
            raise ProviderCut(
                "The provider ended its answer early: no stop reason came.",
                remedy="Try again; if it repeats, check `api_base` and the provider's status page.",
            )
        if made.get("usage") and not self._told_usage():
            made["usage"]["estimated"] = True
        return _event(made)

    def _really_ended(self) -> bool:
        reasons = ("received_finish_reason", "intermittent_finish_reason")
        return any(getattr(self._chunks, name, "unknown") is not None for name in reasons)

    def _told_usage(self) -> bool:
        """Whether the provider counted. Else the SDK did, with a tokenizer that need not be the provider's."""
        seen = getattr(self._chunks, "chunks", None)
        return seen is None or any(getattr(each, "usage", None) is not None for each in seen)

    def _broken(self, error: Exception) -> bytes:
        self.close()
        found = self._tell(error)
        if isinstance(found, Failure):
            raise found from error
        return _event(found.body)


async def _close(chunks: Any) -> None:
    try:
        if close := getattr(chunks, "aclose", None):
            await close()
    except Exception as error:  # noqa: BLE001 - nobody waits for this: it is said, and without words that may hold a key
        _log.warning("a stream of LiteLLM's SDK could not be closed: %s", type(error).__name__)


def _event(body: dict[str, Any]) -> bytes:
    return b"data: %s\n\n" % encoded(body)


def encoded(body: dict[str, Any]) -> bytes:
    """JSON bytes, also of halves of surrogate pairs, which some providers send in two pieces."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":")).encode()


def tidy(made: Any, model: str) -> dict[str, Any]:
    """The SDK's object as a completion or a chunk of OpenAI's: without empty members, with those that clients read."""
    body: dict[str, Any] = made.model_dump(mode="json", exclude_none=True, warnings=False)
    body["model"] = model
    for choice in body.get("choices", ()):
        choice.setdefault("finish_reason", None)
        if "message" in choice:
            choice["message"].setdefault("content", None)
    return body


def headers_of(made: Any) -> Headers:
    """The provider's own headers, as far as the SDK hands them on."""
    found = (getattr(made, "_hidden_params", None) or {}).get("additional_headers") or {}
    return [
        (name.removeprefix(_FROM_PROVIDER), str(value))
        for name, value in found.items()
        if name.startswith(_FROM_PROVIDER) and not name.endswith(("content-type", "content-length", "-encoding"))
    ]
