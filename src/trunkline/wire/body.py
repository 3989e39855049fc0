"""A request body as it came: found out without being decoded, changed without being re-written.

`Body` knows where each top-level member of a JSON object stands; a `Splice` replaces, inserts or removes members
and leaves every other byte as it was. Decoding a 150 KB body only to change the model's name would cost more than
everything else a request does, so values stay raw until somebody asks for one.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from trunkline.errors import InvalidRequest

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_string = msgspec.json.Decoder(str)
_KEY = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*')


class Body:
    """One JSON object. Raises `InvalidRequest` when it is none, or when a member is given twice."""

    __slots__ = ("_spans", "members", "raw")

    def __init__(self, raw: bytes) -> None:
        try:
            self.members = _members.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _malformed(raw, error) from None
        self.raw = raw
        self._spans = self._walk()

    def _walk(self) -> list[tuple[int, int, int]]:
        """For each member, in order: where its key begins, where its value begins, where its value ends.

        The decoder has already proved the object well-formed and told each value's length, so keys are all that is
        left to match. A member that stands twice would shift every later span: it is refused, since two readers
        might each believe another one of the two.
        """
        spans = []
        raw, at = self.raw, self.raw.index(b"{") + 1
        for name, value in self.members.items():
            found = _KEY.match(raw, at)
            if found is None or (found[1] != b'"%s"' % name.encode() and _string.decode(found[1]) != name):
                raise InvalidRequest(
                    f"The member {_twice(raw)!r} stands twice in the request body.",
                    remedy="Send each member once.",
                )
            end = found.end() + memoryview(value).nbytes
            spans.append((found.start(1), found.end(), end))
            at = end
        if _KEY.match(raw, at):
            raise InvalidRequest(
                f"The member {_twice(raw)!r} stands twice in the request body.", remedy="Send each member once."
            )
        return spans

    def text(self, name: str) -> str | None:
        """A member that must be a string; None when it is absent or null."""
        value = self.members.get(name)
        if value is None:
            return None
        try:
            return _string.decode(value)
        except UnicodeDecodeError:
            raise _not_text(name) from None
        except msgspec.ValidationError:
            if bytes(value) == b"null":
                return None
            raise InvalidRequest(
                f"{name} must be a string.", param=name, remedy=f"Send {name} as a JSON string."
            ) from None

    def flag(self, name: str) -> bool | None:
        """A member that must be true or false; None when it is absent or null."""
        value = self.members.get(name)
        if value is None:
            return None
        word = bytes(value)
        if word == b"true":
            return True
        if word == b"false":
            return False
        if word == b"null":
            return None
        raise InvalidRequest(f"{name} must be true or false.", param=name, remedy=f"Send {name} as a JSON boolean.")

    def get(self, name: str) -> Any:
        """A member, decoded; None when it is absent. Raises `InvalidRequest` where only its outside was sound."""
        value = self.members.get(name)
        if value is None:
            return None
        try:
            return msgspec.json.decode(value)
        except UnicodeDecodeError:
            raise _not_text(name) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise InvalidRequest(f"{name} is not valid JSON: {error}.", param=name) from None

    def document(self) -> dict[str, Any]:
        """The whole object, decoded: for a request that is written anew. Raises `InvalidRequest`."""
        try:
            document: dict[str, Any] = msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidRequest(f"The request body cannot be read: {error}.", remedy="Send JSON as UTF-8.") from None
        return document

    def spliced(self, put: dict[str, bytes], drop: frozenset[str] | set[str] = frozenset()) -> bytes:
        """The same bytes with members of `put` replaced or, where absent, appended, and those of `drop` removed.

        Values of `put` are JSON. A name in both is dropped.
        """
        put = {name: value for name, value in put.items() if name not in drop}
        if not put and not (drop and drop & self.members.keys()):
            return self.raw
        raw = memoryview(self.raw)
        opened = self.raw.index(b"{") + 1
        first_key, last_end = (self._spans[0][0], self._spans[-1][2]) if self._spans else (opened, opened)
        pieces: list[bytes | memoryview] = [raw[:opened]]
        before, kept = opened, False
        for name, (key, value, end) in zip(self.members, self._spans, strict=True):
            if name not in drop:
                # What stands between two members goes with the later one; the first that stays takes the first's.
                pieces.append(raw[before:key] if kept else raw[opened:first_key])
                pieces.append(raw[key:value])
                pieces.append(put.pop(name) if name in put else raw[value:end])
                kept = True
            before = end
        for name, new in put.items():
            pieces.append(b"%s%s:%s" % (b"," if kept else b"", msgspec.json.encode(name), new))
            kept = True
        pieces.append(raw[last_end:])
        return b"".join(pieces)


def _not_text(name: str) -> InvalidRequest:
    return InvalidRequest(f"{name} holds bytes that are not UTF-8.", param=name, remedy="Send JSON as UTF-8.")


def _twice(raw: bytes) -> str:
    """The first member name that an object holds twice."""
    names = [name for name, _ in json.loads(raw.decode(errors="replace"), object_pairs_hook=list)]
    return next((name for at, name in enumerate(names) if name in names[:at]), "")


def _malformed(raw: bytes, error: Exception) -> InvalidRequest:
    """Says what the body is instead of a JSON object."""
    if not raw.strip():
        return InvalidRequest("The request body is empty.", remedy="Send a JSON object.")
    if isinstance(error, msgspec.ValidationError):
        return InvalidRequest("The request body is JSON, but no object.", remedy="Send a JSON object: {…}.")
    return InvalidRequest(f"The request body is not valid JSON: {error}.", remedy="Send a JSON object.")
