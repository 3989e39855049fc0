"""Tool calls that a server let through as words: found again, where the provider's row says that its servers do that.

The shapes, by who writes them: between `<tool_call>` and `</tool_call>` JSON with `name` and `arguments` (Hermes,
Qwen), `<function=name>` with `<parameter=key>` (Qwen's coders), or a name followed by `<arg_key>` and `<arg_value>`
pairs (GLM); and DeepSeek's list, whose tags have bars of their own. Source: the chat templates of these models on
huggingface.co (2026-11). Inside a code block or quotes they are words; so is all that does not read as calls of offered
tools to the last character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container
from dataclasses import dataclass

import msgspec

from trunkline.model.dialect import Dialect
from trunkline.wire.arguments import as_text

MOST = 1 << 20
"""Characters that are held back while the end of a call is awaited."""

_PAIR = re.compile(r"\s*<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>\s*", re.DOTALL)
_FUNCTION = re.compile(r"\s*<function=([^>\n]+)>(.*?)(?:</function>)?\s*\Z", re.DOTALL)
_PARAMETER = re.compile(r"\s*<parameter=([^>\n]+)>\n?(.*?)\n?</parameter>\s*", re.DOTALL)
_FENCE = re.compile("`{3,}")
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,127}\Z")
_BEGIN, _SEP, _END = "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"


@dataclass(frozen=True, slots=True)
class Leaked:
    """A call that was found. `arguments` is JSON text."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """What stands around calls, and what reads them; None where it does not read as calls."""

    opens: str
    closes: str
    read: Callable[[str], list[Leaked] | None]


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
            at, shape = min(
                ((at, shape) for shape in _SHAPES if (at := self._held.find(shape.opens)) >= 0),
                key=lambda found: found[0],
                default=(-1, None),
            )
            if shape is None:
                self._words(out, len(self._held) - self._maybe())
                break
            self._words(out, at)
            if self._quoted:
                self._words(out, len(shape.opens))
                continue
            end = self._held.find(shape.closes)
            if end < 0:
                if len(self._held) > MOST:
                    self._words(out, len(self._held))
                break
            calls = self._calls(shape, self._held[len(shape.opens) : end])
            if calls is None:
                self._words(out, len(shape.opens))
                continue
            out += calls
            self._held = self._held[end + len(shape.closes) :]
        return out

    def _maybe(self) -> int:
        """Characters at the end that may be the beginning of a tag."""
        held = self._held
        at = held.rfind("<", -_LONGEST)
        return len(held) - at if at >= 0 and any(shape.opens.startswith(held[at:]) for shape in _SHAPES) else 0

    @property
    def _quoted(self) -> bool:
        return self._fenced % 2 == 1 or self._last.endswith("`")

    def _words(self, out: list[str | Leaked], size: int) -> None:
        if size <= 0:
            return
        words, self._held = self._held[:size], self._held[size:]
        # A fence is a run of backticks, three or more, and may be cut anywhere.
        seen = self._last + words
        self._fenced += len(_FENCE.findall(seen)) - len(_FENCE.findall(self._last))
        self._last = seen[-3:]
        out.append(words)

    def end(self) -> list[str | Leaked]:
        """What was held back: a call whose closing tag never came, or words."""
        held, self._held = self._held, ""
        if not held:
            return []
        shape = next((shape for shape in _SHAPES if held.startswith(shape.opens)), None)
        calls = self._calls(shape, held[len(shape.opens) :]) if shape is not None and not self._quoted else None
        return [held] if calls is None else [*calls]

    def _calls(self, shape: _Shape, inside: str) -> list[Leaked] | None:
        calls = shape.read(inside)
        if not calls:
            return None
        if self._offered is None:
            # A bare name between the tags may be anybody's words.
            return None if any(call.arguments == "{}" and "{" not in inside for call in calls) else calls
        return calls if all(call.name in self._offered for call in calls) else None


def finder(dialect: Dialect, offered: Container[str] | None) -> LeakFinder | None:
    """None where the provider's servers are not known to leak, or no tool was offered: then words are words."""
    if not dialect.leaks or (offered is not None and not offered):
        return None
    return LeakFinder(offered)


def _tagged(inside: str) -> list[Leaked] | None:
    start = inside.lstrip()
    read = _json if start.startswith("{") else _function if start.startswith("<function=") else _pairs
    call = read(inside)
    return [call] if call is not None else None


def _deepseek(inside: str) -> list[Leaked] | None:
    calls: list[Leaked] = []
    before, *each = inside.split(_BEGIN)
    if before.strip():
        return None
    for one in each:
        told, _, after = one.partition(_END)
        name, sep, arguments = told.partition(_SEP)
        if name.strip() == "function" and "```" in arguments:
            # V3 and R1: the kind first, and the arguments in a code block.
            name, _, arguments = arguments.partition("```json")
            arguments = arguments.strip().removesuffix("```")
        if not sep or after.strip() or not _NAME.match(name.strip()) or not _is_object(arguments):
            return None
        calls.append(Leaked(name.strip(), arguments.strip()))
    return calls


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _function(inside: str) -> Leaked | None:
    found = _FUNCTION.match(inside)
    if found is None or not _NAME.match(found[1].strip()):
        return None
    arguments: dict[str, object] = {}
    body, at = found[2], 0
    while body[at:].strip():
        pair = _PARAMETER.match(body, at)
        if pair is None:
            return None
        arguments[pair[1].strip()] = _value(pair[2])
        at = pair.end()
    return Leaked(found[1].strip(), as_text(arguments))


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


_SHAPES = (
    _Shape("<tool_call>", "</tool_call>", _tagged),
    _Shape("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", _deepseek),
)
_LONGEST = max(len(shape.opens) for shape in _SHAPES)
