"""Tool calls that a server let through as words: found again, where the provider's row says that its servers do that.

Two spellings, each between `<tool_call>` and `</tool_call>`: JSON with `name` and `arguments` (Hermes, Qwen), and
GLM's own, a name followed by `<arg_key>` and `<arg_value>` pairs. Inside a code block or quotes they are words; so is
all that does not read as a call to the last character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container
from dataclasses import dataclass

import msgspec

from trunkline.wire.arguments import as_text

OPEN = "<tool_call>"
CLOSE = "</tool_call>"
MOST = 1 << 20
"""Characters that are held back while the end of a call is awaited."""

_PAIR = re.compile(r"\s*<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>\s*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,127}\Z")


@dataclass(frozen=True, slots=True)
class Leaked:
    """A call that was found. `arguments` is JSON text."""

    name: str
    arguments: str


class LeakFinder:
    """One answer's words. `offered`: the names of the tools; None: not known, then any name will do."""

    __slots__ = ("_fenced", "_held", "_last", "_offered")

    def __init__(self, offered: Container[str] | None = None) -> None:
        self._offered = offered
        self._held = ""
        self._fenced = 0
        self._last = ""

    def feed(self, text: str) -> list[str | Leaked]:
        """Words and calls in their order, as far as they are certain."""
        self._held += text
        out: list[str | Leaked] = []
        while self._held:
            at = self._held.find(OPEN)
            if at < 0:
                self._words(out, len(self._held) - self._maybe())
                break
            self._words(out, at)
            if self._quoted:
                self._words(out, len(OPEN))
                continue
            end = self._held.find(CLOSE)
            if end < 0:
                if len(self._held) > MOST:
                    self._words(out, len(self._held))
                break
            call = self._call(self._held[len(OPEN) : end])
            if call is None:
                self._words(out, len(OPEN))
                continue
            out.append(call)
            self._held = self._held[end + len(CLOSE) :]
        return out

    def _maybe(self) -> int:
        """Characters at the end that may be the beginning of a tag."""
        return next((n for n in range(len(OPEN) - 1, 0, -1) if self._held.endswith(OPEN[:n])), 0)

    @property
    def _quoted(self) -> bool:
        return self._fenced % 2 == 1 or self._last.endswith("`")

    def _words(self, out: list[str | Leaked], size: int) -> None:
        if size <= 0:
            return
        words, self._held = self._held[:size], self._held[size:]
        seen = self._last + words
        self._fenced += seen.count("```") - self._last.count("```")
        self._last = seen[-2:]
        out.append(words)

    def end(self) -> list[str | Leaked]:
        """What was held back: a call whose closing tag never came, or words."""
        held, self._held = self._held, ""
        if not held:
            return []
        call = self._call(held[len(OPEN) :]) if held.startswith(OPEN) and not self._quoted else None
        return [call or held]

    def _call(self, inside: str) -> Leaked | None:
        call = _json(inside) if inside.lstrip().startswith("{") else _pairs(inside)
        if call is None or (self._offered is not None and call.name not in self._offered):
            return None
        if call.arguments == "{}" and not inside.lstrip().startswith("{") and self._offered is None:
            return None
        return call


def _json(inside: str) -> Leaked | None:
    try:
        value = json.loads(inside)
    except (ValueError, RecursionError):
        return None
    name = value.get("name")
    arguments = value.get("arguments", value.get("parameters"))
    if not isinstance(name, str) or not name or not isinstance(arguments, dict | str):
        return None
    return Leaked(name, as_text(arguments))


def _pairs(inside: str) -> Leaked | None:
    name, key, _ = inside.partition("<arg_key>")
    at = len(name)
    if not _NAME.match(name.strip()):
        return None
    arguments: dict[str, object] = {}
    while key and at < len(inside):
        found = _PAIR.match(inside, at)
        if found is None:
            return None
        arguments[found[1].strip()] = _value(found[2])
        at = found.end()
    return Leaked(name.strip(), as_text(arguments))


def _value(text: str) -> object:
    """GLM writes strings bare and everything else as JSON."""
    try:
        value: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text
    return text if isinstance(value, str) else value
