"""The demo's instruction, read from what a person wrote: `call <tool> {json}`, once or several times. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from trunkline.errors import InvalidRequest
from trunkline.upstream.demo import sample
from trunkline.upstream.demo.ask import Call, Tool

_INSTRUCTION = re.compile(
    r"(?:^|[;,]|\band\b|\bthen\b)[ \t\"'`>*-]*call[ \t]+[`\"']?([A-Za-z0-9_][A-Za-z0-9_.:/-]*)[`\"']?[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_DECODER = json.JSONDecoder()
_MOST_CALLS = 16


@dataclass(slots=True, frozen=True)
class Instructed:
    """The calls that were asked for; `missing` names what was asked for in earnest and is not offered, `garbled` the
    tools whose arguments were no JSON object."""

    calls: tuple[Call, ...] = ()
    missing: tuple[str, ...] = ()
    garbled: tuple[str, ...] = ()


def instructions(said: str, tools: Sequence[Tool]) -> Instructed:
    """What a text instructs. A name that is not offered counts only before a `{` or a patch: else it is English."""
    offered = {tool.name: tool for tool in tools}
    calls: list[Call] = []
    missing: list[str] = []
    garbled: list[str] = []
    at = 0
    while len(calls) < _MOST_CALLS and (found := _INSTRUCTION.search(said, at)) is not None:
        name, at = found[1], found.end()
        tool = offered.get(name)
        if said[at : at + 1] == "{" and (tool is None or not tool.custom):
            arguments, at = _object(said, at)
            if tool is None:
                missing.append(name)
            elif arguments is None:
                garbled.append(name)
            else:
                calls.append(make_call(tool, arguments))
        elif tool is None and said.startswith("***", at):
            missing.append(name)
        elif tool is not None:
            words, at = _rest(said, at, offered)
            calls.append(_from_words(tool, words))
    return Instructed(tuple(calls), tuple(missing), tuple(garbled))


def make_call(tool: Tool, arguments: dict[str, Any] | None = None) -> Call:
    """A call with those arguments, or with the least that the tool's schema accepts."""
    if tool.custom:
        return Call(tool, {}, sample.WORD)
    try:
        given = sample.arguments(tool.schema) if arguments is None else arguments
        return Call(tool, given, msgspec.json.encode(given).decode())
    except (ValueError, OverflowError, RecursionError) as failure:
        raise InvalidRequest(f"The arguments of {tool.name} cannot be written as JSON: {failure}.") from failure


def lone_string(tool: Tool) -> str | None:
    """The name of the only thing that a tool requires, where that is a string."""
    known, wanted = tool.schema.get("properties"), tool.schema.get("required")
    if not isinstance(known, dict) or not isinstance(wanted, list) or len(wanted) != 1:
        return None
    name = wanted[0]
    one = known.get(name) if isinstance(name, str) else None
    return name if isinstance(one, dict) and one.get("type") == "string" else None


def _object(said: str, at: int) -> tuple[dict[str, Any] | None, int]:
    try:
        _, end = _DECODER.raw_decode(said, at)
        value = msgspec.json.decode(said[at:end])
    except (ValueError, RecursionError):
        return None, at + 1
    return (value, end) if isinstance(value, dict) else (None, end)


def _rest(said: str, at: int, offered: dict[str, Tool]) -> tuple[str, int]:
    """What follows, up to the next instruction that names an offered tool at the beginning of a line."""
    for found in _INSTRUCTION.finditer(said, at):
        line = said.rfind("\n", 0, found.start() + 1) + 1
        if found[1] in offered and line >= at and not said[line : found.start()].strip():
            return said[at:line], line
    return said[at:], len(said)


def _from_words(tool: Tool, words: str) -> Call:
    text = words.strip()
    if tool.custom:
        return Call(tool, {}, text or sample.WORD)
    name = lone_string(tool)
    if name is None or not text:
        return make_call(tool)
    return make_call(tool, {name: text.rstrip('"`') if text.count('"') % 2 else text})
