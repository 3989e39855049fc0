"""The steps of an agent that a request tells of: what was called and what came of it, the newest first.

Read from the end of the raw turns, one at a time, so that whoever has seen enough pays for no more. Ids are left out,
since every call has another, and so is what clients put around a result of their own accord: Claude Code's reminders
(which count tokens down) and Codex' chunk ids and times (both seen in requests of 2026-11).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from trunkline.model.wires import Wire
from trunkline.wire.body import Body
from trunkline.wire.raw import UNREADABLE

_TURNS: dict[Wire, str] = {
    "anthropic": "messages",
    "openai_chat": "messages",
    "openai_responses": "input",
    "ollama": "messages",
    "gemini": "contents",
}
_MARKS: dict[Wire, bytes] = {
    "anthropic": b'"tool_result"',
    "openai_chat": b'"tool_call_id"',
    "openai_responses": b'_output"',
    "ollama": b'"tool"',
    "gemini": b'esponse"',
}
"""Bytes that stand in a body at least once for each result."""
_BEGINS: dict[Wire, bytes] = {
    "anthropic": b'{"role"',
    "openai_chat": b'{"role"',
    "openai_responses": b'{"type":"function_call"',
    "ollama": b'{"role"',
    "gemini": b'{"role"',
}
"""How clients begin a turn, as a rule."""
_ARGUMENTS: dict[Wire, tuple[bytes, ...]] = {
    "anthropic": (b'"input"',),
    "openai_chat": (b'"arguments"', b'"input"'),
    "openai_responses": (b'"arguments"', b'"input"'),
}
"""What the arguments of each call are called. Not of wires where a call may have none."""
_OTHERS: dict[Wire, tuple[bytes, ...]] = {
    "anthropic": (b'"server_tool_use"',),
    "openai_chat": (),
    "openai_responses": (b'"action"', b'"operation"'),
}
"""What stands about or behind the last arguments where these may not be those of the newest call."""
_BLOCK = 512
"""Bytes in which a call says of what type it is, before its arguments."""
_BEGINNING = re.compile(rb'\s*:\s*(?:\{[^}]*|"(?:[^"\\]|\\.)*)')
_SIGN = 64
"""Bytes of arguments that are looked for again."""
_FEW = 12
"""So few say nothing."""
_FIRST = 8
"""Results of the part that is read first."""
_RESULT = 24
"""Bytes that a result and its call take at the very least."""

_raws = msgspec.json.Decoder(list[msgspec.Raw])
_REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
_RUN = re.compile(r"(?:Chunk ID: \w+\n)?Wall time: [\d.]+ seconds\n")


class Step(NamedTuple):
    """What a model called at once, as (name, arguments), and what came of it."""

    calls: tuple[tuple[str, str], ...]
    results: tuple[str, ...]


def holds(raw: bytes, wire: Wire, least: int) -> bool:
    """Whether a body may tell of so many steps. Cheap, since every body is asked."""
    return len(raw) >= least * _RESULT and _last(raw, _MARKS[wire], least) >= 0


def steps(body: Body, wire: Wire, least: int) -> Iterator[Step]:
    """The steps since a person last said something; none where no call can have been made `least` times."""
    value = bytes(body.members.get(_TURNS[wire], b""))
    if not value or not _recurs(value, wire, least):
        return
    try:
        yield from _grouped(_heard(_turns(value, wire), wire))
    except (*UNREADABLE, AttributeError, KeyError, TypeError):
        # Not what the wire says a history is: its provider, or its reader here, will say so.
        return


def _recurs(value: bytes, wire: Wire, least: int) -> bool:
    """Whether the arguments of the newest call may stand in the turns so often: by their first bytes, since a client
    writes the same arguments in the same way. For nearly all histories that is all, and nothing was decoded."""
    names = _ARGUMENTS.get(wire)
    if names is None:
        return True
    last, name = max((value.rfind(each), each) for each in names)
    at = last + len(name)
    if any(value.find(each, max(0, last - _BLOCK)) >= 0 for each in _OTHERS[wire]):
        return True
    found = _BEGINNING.match(value, at, at + _SIGN)
    return last >= 0 and (found is None or len(found[0]) < _FEW or _last(value, found[0], least) >= 0)


def _last(raw: bytes, mark: bytes, times: int) -> int:
    """Where a mark stands for the last but so many times; -1 where it stands less often."""
    at = len(raw)
    for _ in range(times):
        if (at := raw.rfind(mark, 0, at)) < 0:
            break
    return at


def _turns(value: bytes, wire: Wire) -> Iterator[msgspec.Raw]:
    """The turns from the last on. Only the end of a long history is read, until somebody asks for more.

    Within JSON these bytes can only begin an object; where it is no turn, brackets do not match, and all is read.
    """
    last: list[msgspec.Raw] = []
    if (back := _last(value, _MARKS[wire], _FIRST)) > 0 and (at := value.find(_BEGINS[wire], back)) > 0:
        with contextlib.suppress(*UNREADABLE):
            last = _raws.decode(b"[" + value[at:])
    yield from reversed(last)
    every = _raws.decode(value)
    yield from reversed(every[: len(every) - len(last)])


class _Heard(NamedTuple):
    """What one turn adds. `end`: there is nothing to see behind it."""

    calls: list[tuple[str, str]]
    results: list[str]
    end: bool = False


def _heard(turns: Iterable[msgspec.Raw], wire: Wire) -> Iterator[_Heard]:
    read = {"anthropic": _anthropic, "openai_responses": _responses, "gemini": _gemini}.get(wire, _chat)
    for raw in turns:
        if (heard := read(msgspec.json.decode(raw))) is not None:
            yield heard


def _grouped(turns: Iterable[_Heard]) -> Iterator[Step]:
    """Results that stand behind calls belong to them; a result before a call ends the step."""
    calls: list[tuple[str, str]] = []
    results: list[str] = []
    for turn in turns:
        if calls and (turn.results or turn.end):
            yield Step(tuple(calls), tuple(results))
            calls, results = [], []
        if turn.end or (turn.calls and not results):
            return
        calls = turn.calls + calls
        results = turn.results + results
    if calls:
        yield Step(tuple(calls), tuple(results))


def _anthropic(turn: dict[str, Any]) -> _Heard | None:
    content = turn.get("content")
    blocks = content if isinstance(content, list) else []
    match turn.get("role"):
        case "assistant":
            calls = [(each["name"], _text(each.get("input"))) for each in blocks if each.get("type") == "tool_use"]
            return _Heard(calls, [], end=not calls)
        case "user":
            results = [_text(each.get("content")) for each in blocks if each.get("type") == "tool_result"]
            return _Heard([], results, end=not results)
    return None


def _chat(turn: dict[str, Any]) -> _Heard | None:
    """OpenAI's chat, and Ollama's, which writes arguments as an object."""
    match turn.get("role"):
        case "assistant":
            made = [each.get("function") or each.get("custom") or {} for each in turn.get("tool_calls") or ()]
            calls = [(each.get("name", ""), _text(each.get("arguments", each.get("input")))) for each in made]
            return _Heard(calls, [], end=not calls)
        case "tool":
            return _Heard([], [_text(turn.get("content"))])
        case "user":
            return _Heard([], [], end=True)
    return None


def _responses(item: dict[str, Any]) -> _Heard | None:
    kind = item.get("type", "message")
    if kind == "message":
        return _Heard([], [], end=True) if item.get("role") == "user" else None
    if "call_id" not in item:
        return None
    if kind.endswith("_output"):
        return _Heard([], [_text(item.get("output"))])
    said = next((item[name] for name in ("arguments", "input", "action", "operation") if name in item), None)
    return _Heard([(item.get("name") or kind, _text(said))], [])


def _gemini(turn: dict[str, Any]) -> _Heard | None:
    parts = turn.get("parts") or ()
    called = [each.get("functionCall") or each.get("function_call") for each in parts]
    calls = [(each["name"], _text(each.get("args"))) for each in called if each]
    answered = [each.get("functionResponse") or each.get("function_response") for each in parts]
    results = [_text(each.get("response")) for each in answered if each]
    return _Heard(calls, results, end=not calls and not results)


def _text(value: Any) -> str:
    """Arguments or a result, so that equal ones are equal."""
    if isinstance(value, list):
        text = "\n".join(_part(each) for each in value)
    elif isinstance(value, str):
        text = value
    else:
        return msgspec.json.encode(value, order="sorted").decode()
    if "<system-reminder>" in text:
        text = _REMINDER.sub("", text)
    if (ran := _RUN.match(text)) is not None:
        text = text[ran.end() :]
    return text.strip()


def _part(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    if isinstance(part, dict):
        part.pop("cache_control", None)
    return msgspec.json.encode(part, order="sorted").decode()
