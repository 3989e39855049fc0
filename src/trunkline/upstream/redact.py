"""What an error may say, to a client and for ever: never a key, and in what is kept never the words of a prompt.

Some providers repeat the key they were sent in the error about it, and some the value that they did not like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from trunkline.errors import Failure, ProviderRefused, RefusedAnswer

REDACTED = "[redacted]"
OMITTED = "[…]"

MOST = 500
"""Characters of a sentence that are kept."""

_KEYS = re.compile(r"\b(?:sk|pk|rk|gsk|xai)-[\w\-*.]{8,}|\bAIza[\w\-]{20,}|\b[Bb]earer\s+[\w\-.=+/]{8,}")
"""What looks like a key of some vendor's, whoever put it there."""

_RUN = 24
"""Characters that a sentence and a request have in common before they are taken for the request's words. A run of
one and a half times that length is always found."""
_SEARCHED = 512 * 1024
"""Bytes at each end of a request that are searched: a failure must not cost a second."""


def redacted(piece: bytes, key: str) -> bytes:
    """Bytes of an error, without the key."""
    return piece.replace(key.encode(), REDACTED.encode()) if key else piece


def redact(failure: Failure, key: str) -> None:
    """Takes the key out of all that a failure says."""
    if not key:
        return
    failure.message = failure.message.replace(key, REDACTED)
    failure.args = (failure.message,)
    if isinstance(failure, ProviderRefused):
        answer = failure.answer
        headers = tuple((name, value.replace(key, REDACTED)) for name, value in answer.headers)
        failure.answer = RefusedAnswer(answer.status, headers, redacted(answer.body, key))


def kept(sentence: str, raw: bytes, keys: Iterable[str] = (), names: Iterable[str] = ()) -> str:
    """A sentence as the ledger may keep it: on one line, without keys and without words of the request `raw`.

    `names` (of models) may stand in it, though the request has them as well.
    """
    text = sentence[: 4 * MOST]
    for key in keys:
        if key:
            text = text.replace(key, REDACTED)
    text = " ".join(_KEYS.sub(REDACTED, text).split())
    return shortened(_without(text[: 2 * MOST], raw, tuple(names)))


def shortened(text: str) -> str:
    """At most `MOST` characters."""
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"


def _without(text: str, raw: bytes, names: tuple[str, ...]) -> str:
    if not raw or len(text) < _RUN:
        return text
    searched = raw if len(raw) <= 2 * _SEARCHED else raw[:_SEARCHED] + raw[-_SEARCHED:]
    at, out = 0, []
    for start, end in _common(text, searched):
        if start < at or any(text[start:end].strip(" \"'`.,:") in name for name in names):
            continue
        out += [text[at:start], OMITTED]
        at = end
    return "".join([*out, text[at:]])


def _common(text: str, raw: bytes) -> Iterator[tuple[int, int]]:
    """Where a text repeats what the bytes of a JSON document say: (start, end), in order."""
    at = 0
    while at + _RUN <= len(text):
        start, end = at, at + _RUN
        if not _stands(text[start:end], raw):
            at += _RUN // 2
            continue
        while start > 0 and _stands(text[start - 1 : end], raw):
            start -= 1
        while end < len(text) and _stands(text[start : end + 1], raw):
            end += 1
        yield start, end
        at = end


def _stands(piece: str, raw: bytes) -> bool:
    """Whether it stands there, in either of the two ways in which JSON spells it."""
    return json.dumps(piece, ensure_ascii=False)[1:-1].encode("utf-8", "replace") in raw or (
        not piece.isascii() and json.dumps(piece)[1:-1].encode() in raw
    )
