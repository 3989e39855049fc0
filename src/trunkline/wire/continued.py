"""A request in its client's own bytes, with what was answered so far behind its turns. Every other byte stays.

`prefill` leaves the answer as a beginning that the model goes on from; else an instruction follows it. What binds the
answer to a form is left out: half a document cannot be gone on with by a model that must write a whole one.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.model.estimate import tokens
from trunkline.model.wires import Operation
from trunkline.wire.body import Body

_TURNS: dict[Operation, str] = {
    "messages": "messages",
    "chat": "messages",
    "responses": "input",
    "ollama_chat": "messages",
    "generate": "contents",
}
_LIMITS: dict[Operation, tuple[str, ...]] = {
    "messages": ("max_tokens",),
    "chat": ("max_tokens", "max_completion_tokens"),
    "responses": ("max_output_tokens",),
}
_FORMS: dict[Operation, tuple[str, ...]] = {
    "messages": ("output_config.format", "output_format"),
    "chat": ("response_format",),
    "responses": ("text.format",),
    "ollama_chat": ("format",),
    "generate": (
        "generationConfig.responseMimeType",
        "generationConfig.responseSchema",
        "generationConfig.responseJsonSchema",
    ),
}
_STATEFUL: dict[Operation, tuple[str, ...]] = {
    "chat": ("audio", "logprobs"),
    "responses": ("conversation", "background", "prompt"),
    "ollama_chat": ("logprobs",),
}
"""Members with which a request said twice is not the same request: kept turns, sound, numbers beside each word."""

_LEAST = 16
"""Output tokens that are always left to go on with: the least that OpenAI's Responses take."""

encode = msgspec.json.encode


def continued(body: Body, operation: Operation, said: str, instruction: str, mark: str = "") -> Body | None:
    """The request that is sent; `mark` is the member that makes the last turn a beginning where a provider needs one.

    None where it cannot be said.
    """
    name = _TURNS.get(operation)
    if name is None or name not in body.members:
        return None
    for member in _STATEFUL.get(operation, ()):
        if body.get(member):
            return None
    turns = bytes(body.members[name]).strip()
    if turns[:1] == b'"' and operation == "responses":
        turns = b'[{"role":"user","content":' + turns + b"}]"
    if turns[:1] != b"[" or turns[-1:] != b"]":
        return None
    more = _turns(operation, said, instruction, mark)
    inner = turns[:-1].rstrip()
    put = {name: b"%b%b%b]" % (inner, b"" if inner == b"[" else b",", encode(more)[1:-1])}
    drop: set[str] = set()
    _unbound(body, operation, put, drop)
    _lowered(body, operation, said, put)
    return Body(body.spliced(put, drop))


def _turns(operation: Operation, said: str, instruction: str, mark: str) -> list[dict[str, Any]]:
    if operation == "generate":
        out: list[dict[str, Any]] = [{"role": "model", "parts": [{"text": said}]}]
        return [*out, {"role": "user", "parts": [{"text": instruction}]}] if instruction else out
    turn: dict[str, Any] = {"role": "assistant", "content": said}
    if mark and not instruction:
        turn[mark] = True
    return [turn, {"role": "user", "content": instruction}] if instruction else [turn]


def _unbound(body: Body, operation: Operation, put: dict[str, bytes], drop: set[str]) -> None:
    """Leaves out the form of the answer."""
    inside: dict[str, dict[str, Any]] = {}
    for path in _FORMS[operation]:
        outer, _, inner = path.partition(".")
        if outer not in body.members:
            continue
        if not inner:
            drop.add(outer)
            continue
        value = inside.get(outer) or body.get(outer)
        if isinstance(value, dict) and inner in value:
            inside[outer] = {key: each for key, each in value.items() if key != inner}
    put |= {name: encode(value) for name, value in inside.items()}


def _lowered(body: Body, operation: Operation, said: str, put: dict[str, bytes]) -> None:
    """What was said counts against the client's output limit, unless a budget for thinking hangs on that."""
    if operation == "messages" and "thinking" in body.members:
        return
    for name in _LIMITS.get(operation, ()):
        limit = body.get(name) if name in body.members else None
        if isinstance(limit, int) and not isinstance(limit, bool):
            put[name] = encode(left(limit, said))


def left(limit: int, said: str) -> int:
    """The output limit of what follows."""
    return min(limit, max(_LEAST, limit - tokens(len(said.encode(errors="surrogatepass")))))
