"""The input of a call on its way to a client that parses it as it comes: never anything but a beginning of an object.

A model may write broken JSON, or be cut in the middle of it, and the SDKs of this wire raise on that. So a fragment is
passed on as far as it is JSON; what is undecided (half an escape, half a number, a key without its value) waits; and
the end closes what is open. An object that had to be closed says so by a member of its own, `_incomplete`: a client
that checks its tools' schemas refuses the call then instead of running half of it.
"""

from __future__ import annotations

import json
import re

import msgspec

from trunkline.wire.arguments import as_object

INCOMPLETE = "_incomplete"
_DEEPEST = 120
"""Open brackets at most: the SDKs' parser gives up at 200."""

_BLANK = re.compile(r"[ \t\n\r]*")
_HEX = "[0-9a-fA-F]"
_WORDS = re.compile(
    r'(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]'
    rf"|\\u(?![dD][89a-fA-F]){_HEX}{{4}}"
    rf"|\\u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}})*+"
)
# Possessive throughout: a key that is not whole yet must not be tried in all the ways it could be cut.
_KEY = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\.)*+"', re.DOTALL)
_OPEN_KEY = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\.)*+\\?\Z', re.DOTALL)
_SCALAR = re.compile(r"[-+.0-9A-Za-z]+")
_ATOM = re.compile(r"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)\Z")
_UNICODE = re.compile(rf"\\u({_HEX}{{4}})")
_OPEN_UNICODE = re.compile(rf"\\(?:u{_HEX}{{0,3}})?\Z")
_OPEN_LOW = re.compile(rf"\\u{_HEX}{{4}}(?:\\(?:u(?:[dD](?:[c-fC-F]{_HEX}?)?)?)?)?\Z")


class Input:
    """One call's input. `feed` gives what may go on, `end` what closes it; together they are an object, or nothing."""

    __slots__ = ("_at", "_filled", "_out", "_sent", "_stack", "_state", "_text")

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._sent = 0
        self._state = "root"
        self._stack: list[str] = []
        self._filled = False
        self._out: list[str] = []

    def feed(self, text: str) -> str:
        """What of a fragment, and of those that waited, may go on."""
        if self._state in ("done", "broken"):
            return ""
        self._text += text
        while self._at < len(self._text) and self._step():
            pass
        out = "".join(self._out)
        self._out.clear()
        self._text, self._at, self._sent = self._text[self._sent :], self._at - self._sent, 0
        return out

    def end(self) -> str:
        """What closes it."""
        match self._state:
            case "done" | "root":
                return ""
            case "raw":
                return json.dumps(as_object(self._text), ensure_ascii=False, separators=(",", ":"))
        closing = '"' if self._state == "string" else ""
        for bracket in reversed(self._stack[1:]):
            closing += _CLOSES[bracket]
        return f'{closing}{"," if self._filled else ""}"{INCOMPLETE}":true}}'

    def _step(self) -> bool:
        """One token. False: it is not known yet what comes, or nothing more may."""
        if self._state == "string":
            return self._words()
        if self._state == "raw":
            return False
        at = self._behind_blank(self._at)
        if at == len(self._text):
            return False
        char = self._text[at]
        match self._state:
            case "root":
                self._state = "value" if char == "{" else "raw"
                return char == "{"
            case "first" | "value" | "next":
                return self._value(at, char)
            case "key" | "next key":
                return self._key(at, char)
            case "after" if char == ",":
                self._state = "next key" if self._stack[-1] == "{" else "next"
                self._at = at + 1
                return True
            case "after" if char == _CLOSES[self._stack[-1]]:
                return self._close(at)
        return self._break()

    def _behind_blank(self, at: int) -> int:
        blank = _BLANK.match(self._text, at)
        return blank.end() if blank else at

    def _value(self, at: int, char: str) -> bool:
        if char in "{[":
            if len(self._stack) >= _DEEPEST:
                return self._break()
            self._filled = bool(self._stack)
            self._stack.append(char)
            self._state = "key" if char == "{" else "first"
            return self._go(at + 1)
        if char == '"':
            self._filled, self._state = True, "string"
            return self._go(at + 1)
        if char == "]" and self._state in ("first", "next"):
            return self._close(at)
        scalar = _SCALAR.match(self._text, at)
        if scalar is not None and scalar.end() == len(self._text):
            return False
        if scalar is None or not _ATOM.match(scalar[0]):
            return self._break()
        self._filled, self._state = True, "after"
        return self._go(scalar.end())

    def _key(self, at: int, char: str) -> bool:
        """A key waits for its value: nothing of it goes on before."""
        if char == "}":
            return self._close(at)
        key = _KEY.match(self._text, at)
        if key is None:
            return False if _OPEN_KEY.match(self._text, at) else self._break()
        try:
            msgspec.json.decode(key[0], type=str)
        except (msgspec.DecodeError, UnicodeEncodeError):
            return self._break()
        end = self._behind_blank(key.end())
        if end == len(self._text):
            return False
        if self._text[end] != ":":
            return self._break()
        self._state = "value"
        self._at = end + 1
        return True

    def _words(self) -> bool:
        """More of a string; what no string may hold is spelled as it must be."""
        words = _WORDS.match(self._text, self._at)
        at = words.end() if words else self._at
        self._go(at)
        if at == len(self._text):
            return False
        char = self._text[at]
        if char == '"':
            self._state = "after"
            return self._go(at + 1)
        if char < " ":
            return self._say(json.dumps(char)[1:-1], 1)
        if _OPEN_UNICODE.match(self._text, at):
            return False
        escape = _UNICODE.match(self._text, at)
        if escape is None:
            return self._say("\\\\", 1)
        if escape[1][1] in "89abAB" and _OPEN_LOW.match(self._text, at):
            return False
        return self._say("\\ufffd", 6)

    def _close(self, at: int) -> bool:
        """A bracket closes; a comma that waited before it is left out."""
        if self._state in ("next", "next key"):
            self._sent = at
        self._stack.pop()
        self._state = "after" if self._stack else "done"
        return self._go(at + 1) and bool(self._stack)

    def _go(self, end: int) -> bool:
        """Passes on all that waited, up to there."""
        self._out.append(self._text[self._sent : end])
        self._sent = self._at = end
        return True

    def _say(self, text: str, instead_of: int) -> bool:
        self._out.append(text)
        self._sent = self._at = self._at + instead_of
        return True

    def _break(self) -> bool:
        self._state = "broken"
        return False


_CLOSES = {"{": "}", "[": "]"}


def mended(text: str) -> str:
    """A whole input as a client is shown it: an object as JSON text, or nothing for none."""
    one = Input()
    return one.feed(text) + one.end()
