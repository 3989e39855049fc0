"""Embeddings between OpenAI's `/v1/embeddings` and Ollama's `/api/embed`, and its older `/api/embeddings`. All pure.
Gemini's are in `embeddings_gemini`.

Read what a client asks, write it for a provider, decode what the provider answers, encode that for the client. Sources:
platform.openai.com/docs/api-reference/embeddings (2026-11), ollama/ollama api/types.go (2026-08).
"""

from __future__ import annotations

import base64
import binascii
import math
import sys
from array import array
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

import msgspec

from trunkline.errors import InvalidRequest
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import loss
from trunkline.wire.words import no_answer

Form = Literal["openai", "ollama", "ollama_old", "gemini", "gemini_batch"]
"""How a client asked, which is how it is answered."""

_MOST_TOKEN = 2**32
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for bytes that are not what it reads."""


@dataclass(slots=True)
class Asked:
    """What is to be embedded: `texts`, or `token_lists` of a tokenizer that only the provider knows.

    `base64` is OpenAI's other form of a vector: little-endian float32. `own` holds what only the client's form has.
    """

    form: Form
    model: str
    texts: list[str] = field(default_factory=list)
    token_lists: list[list[int]] = field(default_factory=list)
    dimensions: int | None = None
    base64: bool = False
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many vectors must come back."""
        return len(self.token_lists) or len(self.texts)


@dataclass(slots=True)
class Vectors:
    """One vector for each input, in their order. `input` in tokens; None: the provider did not say."""

    vectors: list[list[float]]
    model: str = ""
    input: int | None = None


def read_openai(body: dict[str, Any], *, model: str) -> Asked:
    """A body of `/v1/embeddings`. Raises `InvalidRequest`, which names the member."""
    asked = Asked("openai", model, dimensions=_dimensions(body))
    form = body.get("encoding_format")
    if form not in (None, "float", "base64"):
        raise InvalidRequest("encoding_format is neither float nor base64.", param="encoding_format")
    asked.base64 = form == "base64"
    value = body.get("input")
    value = [value] if isinstance(value, str) or _are_tokens(value) else value
    if _are_texts(value):
        asked.texts = value
    elif isinstance(value, list) and value and all(_are_tokens(one) for one in value):
        asked.token_lists = value
    else:
        raise InvalidRequest("input is not a string, strings, tokens or lists of tokens.", param="input")
    asked.own = _rest(body, "input", "dimensions", "encoding_format")
    return asked


def read_ollama(body: dict[str, Any], *, model: str) -> Asked:
    """A body of `/api/embed`. Raises `InvalidRequest`, which names the member."""
    value = body.get("input")
    value = [value] if isinstance(value, str) else value
    if not _are_texts(value):
        raise InvalidRequest("input is neither a string nor a list of strings.", param="input")
    own = _rest(body, "input", "dimensions")
    # Zero is how Ollama's own client says nothing.
    return Asked("ollama", model, value, dimensions=_dimensions(body) or None, own=own)


def read_ollama_old(body: dict[str, Any], *, model: str) -> Asked:
    """A body of `/api/embeddings`: one `prompt`. Raises `InvalidRequest`, which names the member."""
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise InvalidRequest("prompt is not a string with something in it.", param="prompt")
    return Asked("ollama_old", model, [prompt], own=_rest(body, "prompt"))


def write_openai(asked: Asked, dialect: Dialect) -> Written:
    """A request of `/v1/embeddings`. Numbers are asked for as numbers, whatever the client wants: servers differ in
    whether they know the other form.
    """
    inputs: list[Any] = [*asked.token_lists] or [*asked.texts]
    body: dict[str, object] = {"model": dialect.model, "input": inputs, "encoding_format": "float"}
    if asked.dimensions is not None:
        body["dimensions"] = asked.dimensions
    if asked.form == "openai":
        return Written(body | asked.own)
    return Written(body, lost=[name for name in asked.own if name not in loss.SILENT])


def write_ollama(asked: Asked, dialect: Dialect) -> Written:
    """A request of `/api/embed`. Raises `InvalidRequest` for token lists: Ollama takes text only."""
    if asked.token_lists:
        raise InvalidRequest(
            "input is lists of tokens, and Ollama embeds text only.", param="input", remedy="Send the text itself."
        )
    body: dict[str, object] = {"model": dialect.model, "input": list(asked.texts)}
    if asked.dimensions is not None:
        body["dimensions"] = asked.dimensions
    if asked.form not in ("ollama", "ollama_old"):
        return Written(body, lost=[name for name in asked.own if name not in loss.SILENT])
    return Written(body | asked.own)


class _Row(msgspec.Struct):
    embedding: list[float] | str
    index: int | None = None


class _Used(msgspec.Struct):
    prompt_tokens: int | None = None


class _OpenAI(msgspec.Struct):
    data: list[_Row]
    model: str | None = None
    usage: _Used | None = None


class _Ollama(msgspec.Struct):
    embeddings: list[list[float]]
    model: str | None = None
    prompt_eval_count: int | None = None


_openai = msgspec.json.Decoder(_OpenAI)
_ollama = msgspec.json.Decoder(_Ollama)


def decode_openai(body: bytes, asked: Asked) -> Vectors:
    """An answer of `/v1/embeddings`. Raises `ProviderGarbage` for one that is none, or lacks a vector."""
    try:
        answer = _openai.decode(body)
        rows = answer.data
        if all(row.index is not None for row in rows):
            rows = sorted(rows, key=lambda row: row.index or 0)
        found = [_unpacked(row.embedding) if isinstance(row.embedding, str) else row.embedding for row in rows]
    except (*UNREADABLE, binascii.Error, ValueError) as error:
        raise no_answer(body, "embeddings", error) from None
    used = answer.usage.prompt_tokens if answer.usage is not None else None
    return checked(Vectors(found, answer.model or "", used), asked, body)


def decode_ollama(body: bytes, asked: Asked) -> Vectors:
    """An answer of `/api/embed`. Raises `ProviderGarbage` for one that is none, or lacks a vector."""
    try:
        answer = _ollama.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "embeddings", error) from None
    return checked(Vectors(answer.embeddings, answer.model or "", answer.prompt_eval_count), asked, body)


def encode(vectors: Vectors, asked: Asked, *, model: str, estimate: int) -> bytes:
    """The answer in the client's form. `estimate` stands for tokens that the provider did not tell."""
    used = estimate if vectors.input is None else vectors.input
    if asked.form == "ollama_old":
        return msgspec.json.encode({"embedding": vectors.vectors[0]})
    if asked.form == "gemini":
        return msgspec.json.encode({"embedding": {"values": vectors.vectors[0]}, **_gemini_usage(used)})
    if asked.form == "gemini_batch":
        rows = [{"values": one} for one in vectors.vectors]
        return msgspec.json.encode({"embeddings": rows, **_gemini_usage(used)})
    if asked.form == "ollama":
        times = {"total_duration": 0, "load_duration": 0}
        return msgspec.json.encode({"model": model, "embeddings": vectors.vectors, **times, "prompt_eval_count": used})
    data = [
        {"object": "embedding", "index": nth, "embedding": _packed(one) if asked.base64 else one}
        for nth, one in enumerate(vectors.vectors)
    ]
    usage = {"prompt_tokens": used, "total_tokens": used}
    return msgspec.json.encode({"object": "list", "data": data, "model": model, "usage": usage})


def _gemini_usage(used: int) -> dict[str, Any]:
    return {"usageMetadata": {"promptTokenCount": used, "totalTokenCount": used}}


def checked(found: Vectors, asked: Asked, body: bytes) -> Vectors:
    """The vectors, if there is one of finite numbers for each input. Raises `ProviderGarbage`."""
    if len(found.vectors) != asked.size:
        raise no_answer(body, f"{asked.size} embeddings", f"it has {len(found.vectors)}")
    if not all(math.isfinite(sum(vector)) for vector in found.vectors):
        raise no_answer(body, "embeddings", "a number in it is not finite")
    return found


def _packed(vector: list[float]) -> str:
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()


def _unpacked(text: str) -> list[float]:
    """The numbers of a packed vector. Raises `ValueError`."""
    numbers = array("f")
    numbers.frombytes(base64.b64decode(text, validate=True))
    if sys.byteorder == "big":
        numbers.byteswap()
    return [_short(number) for number in numbers]


def _short(number: float) -> float:
    """A float32 with no more digits than tell it from its neighbours: 0.1, not 0.10000000149011612."""
    for digits in (7, 8):
        told = float(f"{number:.{digits}g}")
        if array("f", (told,))[0] == number:
            return told
    return float(f"{number:.9g}")


def _dimensions(body: dict[str, Any]) -> int | None:
    value = body.get("dimensions")
    if value is not None and (type(value) is not int or value < 0):
        raise InvalidRequest("dimensions is not a whole number.", param="dimensions")
    return value


def _rest(body: dict[str, Any], *known: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("model", *known) and value is not None}


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _are_tokens(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(one) is int and 0 <= one < _MOST_TOKEN for one in value)
