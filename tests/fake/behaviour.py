"""How the fake shall behave for one request: a plain record, read from words in the prompt or programmed beforehand.

Touches nothing else. The words and the names of the record are the same list; `tests/fake/README.md` explains each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

_WORD = re.compile(r"(?<![\w=./-])([A-Z][A-Z0-9]*)(?:=([^\s\"'`,;<>]*))?(?![\w./-])")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the model says, and what goes wrong. Times are seconds but for `slow_ms`; counts of deltas start at 0."""

    say: str | None = None
    think: bool = False
    tool: str | None = None
    file: str | None = None
    par: bool = False
    patch: bool = False
    rounds: int = 1
    long: int = 0
    big: int = 0
    slow_ms: float = 0
    stop: str | None = None
    id: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    written_tokens: int = 0
    quirks: frozenset[str] = field(default_factory=frozenset)

    status: int | None = None
    message: str | None = None
    code: str | None = None
    retry_after: str | None = None
    html: int | None = None
    junk: bool = False
    error_in_200: bool = False
    error_first: bool = False
    error_after: int | None = None
    error_type: str | None = None
    end_after: int | None = None
    cut_after: int | None = None
    reset_after: int | None = None
    stall_after: int | None = None
    stall: float = 3600
    reset_first: bool = False
    half_after: int | None = None
    garble_at: int | None = None
    garble_from: int | None = None
    delay: float = 0
    hush: float = 0
    empty: bool = False
    content_type: str | None = None
    echo_key: bool = False
    encoding: str | None = None
    split: int = 0
    crlf: bool = False
    pings: bool = False
    truncate: bool = False
    close: bool = False
    huge_headers: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    times: int | None = None

    model: str | None = None
    key: str | None = None
    path: str | None = None

    def calm(self) -> Behaviour:
        """The same words with every fault taken away, for a request after `times` were spent."""
        return replace(_PLAIN, **{name: getattr(self, name) for name in _SPEECH})

    def wants(self, *, model: str, key: str, path: str) -> bool:
        """Whether a programmed behaviour is meant for this request; None in a field means any."""
        return (
            (self.model is None or self.model == model)
            and (self.key is None or self.key == key)
            and (self.path is None or path.startswith(self.path))
        )


_PLAIN = Behaviour()
_NAMES = [one.name for one in fields(Behaviour)]
_SPEECH = _NAMES[: _NAMES.index("status")]

_FLAGS = {
    "THINK": "think",
    "PAR": "par",
    "PATCH": "patch",
    "JUNK": "junk",
    "ERR200": "error_in_200",
    "CRLF": "crlf",
    "ERRFIRST": "error_first",
    "EMPTY": "empty",
    "RSTFIRST": "reset_first",
    "ECHOKEY": "echo_key",
    "PINGS": "pings",
    "TRUNC": "truncate",
    "CLOSE": "close",
}
_NUMBERS = {
    "ROUNDS": "rounds",
    "LONG": "long",
    "BIG": "big",
    "IN": "input_tokens",
    "OUT": "output_tokens",
    "CACHED": "cached_tokens",
    "WRITTEN": "written_tokens",
    "ERR": "status",
    "ERRMID": "error_after",
    "END": "end_after",
    "CUT": "cut_after",
    "RST": "reset_after",
    "STALL": "stall_after",
    "HALF": "half_after",
    "GARBLE": "garble_at",
    "GARBAGE": "garble_from",
    "HUGE": "huge_headers",
    "TIMES": "times",
}
_DEFAULTED = {"HTML": ("html", 502), "BYTES": ("split", 1)}
_SECONDS = {"SLOW": "slow_ms", "STALLFOR": "stall", "DELAY": "delay", "HUSH": "hush"}
_TEXTS = {
    "SAY": "say",
    "FILE": "file",
    "STOP": "stop",
    "ID": "id",
    "MSG": "message",
    "CODE": "code",
    "RETRY": "retry_after",
    "ERRTYPE": "error_type",
    "CTYPE": "content_type",
    "ENC": "encoding",
}


def from_words(text: str) -> Behaviour:
    """Read the words of a prompt; unknown words and malformed values are ordinary text and change nothing."""
    found: dict[str, Any] = {}
    for name, value in _WORD.findall(text):
        if name in _FLAGS:
            found[_FLAGS[name]] = True
        elif name == "TOOL":
            found["tool"] = value
        elif name == "QUIRK":
            found["quirks"] = frozenset(value.split("+"))
        elif name in _DEFAULTED:
            known, usual = _DEFAULTED[name]
            found[known] = int(value) if value.isdigit() else usual
        elif name in _NUMBERS and value.isdigit():
            found[_NUMBERS[name]] = int(value)
        elif name in _SECONDS and re.fullmatch(r"\d+(\.\d+)?", value):
            found[_SECONDS[name]] = float(value)
        elif name in _TEXTS and value:
            found[_TEXTS[name]] = value
    return Behaviour(**found)


def from_record(record: Mapping[str, Any]) -> Behaviour:
    """Read a programmed behaviour; a name that is not in `Behaviour` is refused with a TypeError."""
    values = dict(record)
    if "quirks" in values:
        values["quirks"] = frozenset(values["quirks"])
    if "headers" in values:
        values["headers"] = tuple((str(name), str(value)) for name, value in dict(values["headers"]).items())
    return Behaviour(**values)


def merge(words: Behaviour, programmed: Behaviour | None) -> Behaviour:
    """The words of the prompt, overruled by whatever the programmed behaviour sets."""
    if programmed is None:
        return words
    changed = {name: getattr(programmed, name) for name in _NAMES if getattr(programmed, name) != getattr(_PLAIN, name)}
    return replace(words, **changed)
