"""`completion`, `embedding` and their kin: the functions that programs call."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trunkline.exceptions import BadRequestError, Error
from trunkline.sdk import callbacks, mock
from trunkline.sdk.asked import Asked, asked
from trunkline.sdk.notes import fill
from trunkline.sdk.perform import CHAT, EMBEDDINGS, Doing, Room, begin, router_room
from trunkline.sdk.responses import EmbeddingResponse, ModelResponse, vectors, whole
from trunkline.sdk.settings import SETTINGS
from trunkline.sdk.streams import Stream
from trunkline.sdk.verbose import turn_on_debug
from trunkline.serve.paths import Target


def completion(
    model: str | None = None,
    messages: Sequence[Any] | None = None,
    *,
    _room: Any = None,
    **arguments: Any,
) -> Any:
    """Asks a model: a `ModelResponse`, or a `Stream` of chunks with `stream=True`.

    `model` is `<provider>/<name>`, a name of the configuration in use, or, with an `api_base` of nobody's, a gateway's
    name; without one, `GLM_MODEL` names it. All of OpenAI's and LiteLLM's arguments are taken; docs/python.md lists
    what becomes of each. Raises `trunkline.exceptions`.
    """
    call = _read(model, messages, arguments)
    if call.mock:
        return mock.completion(call)
    _room = _room or _listed(call)
    doing = _begin(call, CHAT, _room)
    try:
        doing.channel.started()
        return _stream(doing) if call.stream else _answered(doing, doing.channel.whole())
    except BaseException as error:
        _failed(doing, error)
        raise


async def acompletion(
    model: str | None = None,
    messages: Sequence[Any] | None = None,
    *,
    _room: Any = None,
    **arguments: Any,
) -> Any:
    """`completion`, for an event loop; any, and several at once. A cancelled task ends its call."""
    call = _read(model, messages, arguments)
    if call.mock:
        return await mock.acompletion(call)
    _room = _room or _listed(call)
    doing = _begin(call, CHAT, _room)
    try:
        await doing.channel.astarted()
        return _stream(doing) if call.stream else _answered(doing, await doing.channel.awhole())
    except BaseException as error:
        _failed(doing, error)
        raise


def embedding(
    model: str | None = None,
    input: Any = None,
    *,
    _room: Any = None,
    **arguments: Any,
) -> EmbeddingResponse:
    """Vectors of texts, or of lists of tokens. Arguments and errors as `completion` has them."""
    doing = _begin(_read(model, None, {**arguments, "input": input}), EMBEDDINGS, _room)
    try:
        doing.channel.started()
        return _embedded(doing, doing.channel.whole())
    except BaseException as error:
        _failed(doing, error)
        raise


async def aembedding(
    model: str | None = None,
    input: Any = None,
    *,
    _room: Any = None,
    **arguments: Any,
) -> EmbeddingResponse:
    """`embedding`, for an event loop."""
    doing = _begin(_read(model, None, {**arguments, "input": input}), EMBEDDINGS, _room)
    try:
        await doing.channel.astarted()
        return _embedded(doing, await doing.channel.awhole())
    except BaseException as error:
        _failed(doing, error)
        raise


def _read(model: str | None, messages: Sequence[Any] | None, arguments: Mapping[str, Any]) -> Asked:
    named = model or os.environ.get("GLM_MODEL", "").strip()
    if not named:
        raise BadRequestError("The call names no model. Give `model`, for example `zai/glm-4.6`, or set GLM_MODEL.")
    given = dict(arguments) if messages is None else {"messages": list(messages), **arguments}
    return asked(named, given, SETTINGS)


def _listed(call: Asked) -> Room | None:
    """The deployments of a call's own `model_list`."""
    return router_room({"model_list": call.model_list}, SETTINGS, call.model) if call.model_list else None


def _begin(call: Asked, target: Target, room: Room | None) -> Doing:
    if SETTINGS.set_verbose or os.environ.get("LITELLM_LOG", "").upper() == "DEBUG":
        turn_on_debug()
    callbacks.before(call)
    try:
        return begin(call, target, SETTINGS, room)
    except Error as error:
        callbacks.failed(call, error, time.time())
        raise


def _stream(doing: Doing) -> Stream:
    def ended(stream: Stream, error: Exception | None) -> None:
        fill(stream, doing)
        if error is not None:
            callbacks.failed(doing.asked, error, doing.began)
        else:
            callbacks.streamed(doing.asked, stream, doing.began)

    made = Stream(doing.channel, doing.asked.model, doing.cancel, ended)
    fill(made, doing)
    return made


def _answered(doing: Doing, raw: bytes) -> ModelResponse:
    made = whole(msgspec.json.decode(raw))
    fill(made, doing)
    callbacks.succeeded(doing.asked, made, doing.began)
    return made


def _embedded(doing: Doing, raw: bytes) -> EmbeddingResponse:
    made = vectors(msgspec.json.decode(raw))
    fill(made, doing)
    callbacks.succeeded(doing.asked, made, doing.began)
    return made


def _failed(doing: Doing, error: BaseException) -> None:
    doing.cancel()
    if isinstance(error, Exception):
        callbacks.failed(doing.asked, error, doing.began)
