"""A multipart form that names a model (audio transcriptions, image edits): found and changed by bytes.

The form's `model` part is looked up and replaced in place; files of many megabytes are never parsed.
Source of the grammar: RFC 7578 and RFC 2046, 5.1.
"""

from __future__ import annotations

import re
from itertools import pairwise

from trunkline.errors import InvalidRequest

_BOUNDARY = re.compile(rb'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'content-disposition:[^\r\n]*\bname="?([^";\r\n]+)"?', re.IGNORECASE)


class Form:
    """A `multipart/form-data` body. Raises `InvalidRequest` when it has no boundary."""

    __slots__ = ("_parts", "raw")

    def __init__(self, raw: bytes, content_type: bytes) -> None:
        found = _BOUNDARY.search(content_type)
        if found is None:
            raise InvalidRequest("The form's content type names no boundary.", remedy="Let the client set it.")
        self.raw = raw
        self._parts = self._find(b"--" + (found[1] or found[2]))

    def _find(self, mark: bytes) -> dict[str, tuple[int, int]]:
        """Where the value of each part that is no file stands: name → (start, end). The first of a name counts."""
        parts: dict[str, tuple[int, int]] = {}
        raw = self.raw
        # A line of a file may begin as the boundary does: the mark ends its line, or ends the form.
        marks = [found.start() for found in re.finditer(rb"(?:\A|(?<=\r\n))%s(?=\r\n|--)" % re.escape(mark), raw)]
        for at, following in pairwise(marks):
            head, after = at + len(mark) + 2, following - 2
            blank = raw.find(b"\r\n\r\n", head, min(head + 8192, after + 4))
            if blank < 0:
                continue
            name = _NAME.search(raw, head, blank)
            if name is not None and b"filename" not in raw[head:blank]:
                parts.setdefault(name[1].decode(errors="replace"), (blank + 4, after))
        return parts

    def text(self, name: str) -> str | None:
        """A part that is no file; None when it is absent."""
        span = self._parts.get(name)
        return None if span is None else self.raw[span[0] : span[1]].decode(errors="replace")

    def flag(self, name: str) -> bool | None:
        """A part that says true or false; None when it is absent."""
        value = self.text(name)
        return None if value is None else value.strip().lower() in ("true", "1")

    def with_text(self, name: str, value: str) -> bytes:
        """The same form with one part's value replaced; unchanged when there is no such part."""
        span = self._parts.get(name)
        if span is None:
            return self.raw
        return self.raw[: span[0]] + value.encode() + self.raw[span[1] :]
