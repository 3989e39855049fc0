"""Functions and loggers that a program wants told of its calls: `success_callback`, `failure_callback`, `callbacks`."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from trunkline.sdk.asked import Asked
from trunkline.sdk.build import stream_chunk_builder
from trunkline.sdk.settings import SETTINGS
from trunkline.sdk.streams import Stream

_log = logging.getLogger("trunkline")
_unknown: set[str] = set()


class CustomLogger:
    """What a program's own logger is made from: each method does nothing until it is written."""

    def log_pre_api_call(self, model: str, messages: Any, kwargs: dict[str, Any]) -> None:
        """A call is about to be made."""

    def log_success_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """A call was answered."""

    def log_failure_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """A call failed; `kwargs["exception"]` tells how."""

    async def async_log_success_event(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """A call was answered."""

    async def async_log_failure_event(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """A call failed."""


def before(call: Asked) -> None:
    """A call is about to be made."""
    for each in SETTINGS.callbacks:
        _run(getattr(each, "log_pre_api_call", None), call.model, call.body.get("messages"), _told(call))
    for each in SETTINGS.input_callback:
        _run(each, _told(call))


def succeeded(call: Asked, answer: Any, began: float) -> None:
    """A call was answered."""
    listeners = [*SETTINGS.success_callback, *SETTINGS.callbacks]
    if listeners:
        told = {**_told(call), "response_cost": answer._hidden_params.get("response_cost")}
        _tell(listeners, "success", told, answer, began)


def streamed(call: Asked, stream: Stream, began: float) -> None:
    """A streamed answer was read to its end, or as far as anybody wanted."""
    if SETTINGS.success_callback or SETTINGS.callbacks:
        answer = stream_chunk_builder(stream.chunks)
        if answer is not None:
            answer._hidden_params = stream._hidden_params
            call.given = {**call.given, "complete_streaming_response": answer}
            succeeded(call, answer, began)


def failed(call: Asked, error: Exception, began: float) -> None:
    """A call failed."""
    listeners = [*SETTINGS.failure_callback, *SETTINGS.callbacks]
    if listeners:
        _tell(listeners, "failure", {**_told(call), "exception": error}, None, began)


def _told(call: Asked) -> dict[str, Any]:
    """LiteLLM's `kwargs` of a callback, in the part that people read. Keys of providers are no part of it."""
    given = {name: value for name, value in call.given.items() if name not in ("api_key", "extra_headers", "headers")}
    return {
        **given,
        "model": call.model,
        "messages": call.body.get("messages"),
        "optional_params": {name: call.body[name] for name in call.body if name not in ("model", "messages")},
        "litellm_params": {"metadata": dict(call.metadata), "api_base": call.place.get("api_base")},
        "user": call.user,
        "litellm_call_id": call.call_id,
    }


def _tell(listeners: Iterable[Any], how: str, told: dict[str, Any], answer: Any, began: float) -> None:
    times = (datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(time.time(), UTC))
    for each in listeners:
        if isinstance(each, str):
            _name(each)
        elif hasattr(each, f"log_{how}_event"):
            own = getattr(type(each), f"async_log_{how}_event", None)
            _run(getattr(each, f"log_{how}_event"), told, answer, *times)
            if own is not None:
                _run(getattr(each, f"async_log_{how}_event"), told, answer, *times)
        else:
            _run(each, told, answer, *times)


def _name(integration: str) -> None:
    """A service that LiteLLM has a client for. Said once."""
    if integration not in _unknown:
        _unknown.add(integration)
        _log.warning("Nobody is told of calls by the name %r: give a function, or a logger of your own.", integration)


def _run(listener: Any, *arguments: Any) -> None:
    """A listener's own failure is told, and does not reach the call."""
    if listener is None:
        return
    try:
        made = listener(*arguments)
        if inspect.iscoroutine(made):
            _finish(made)
    except Exception:  # noqa: BLE001 - whatever a listener does, the call is answered
        _log.exception("The callback %r failed.", listener)


def _finish(work: Any) -> None:
    """Runs a coroutine: in the loop that runs here, else now."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    task = loop.create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


_tasks: set[asyncio.Task[Any]] = set()
