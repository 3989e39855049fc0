"""Decides what the demo model says: from an `Ask` to a `Turn`, the same for every wire. Pure and deterministic."""

from __future__ import annotations

import msgspec

from trunkline.errors import InvalidRequest
from trunkline.upstream.demo import phrases
from trunkline.upstream.demo.ask import Ask, Call, Stop, Turn
from trunkline.upstream.demo.instruct import Instructed, instructions, make_call
from trunkline.upstream.demo.sample import sample
from trunkline.upstream.demo.text import cut, tokens

_ANSWERS = frozenset({"StructuredOutput"})
"""Tools whose arguments are the answer: Claude Code offers one for its `--json-schema` (seen 2026-11)."""


def answer(ask: Ask) -> Turn:
    """The whole answer. Raises InvalidRequest when a call is demanded of a tool that was not offered."""
    heard = instructions(ask.said, ask.tools)
    calls = _calls(ask, heard)
    thinking = phrases.thought(ask) if ask.thinking else ""
    return _bounded(ask, thinking, _text(ask, heard, calls), calls)


def _calls(ask: Ask, heard: Instructed) -> list[Call]:
    asked = list(heard.calls)[len(ask.made) :] or _to_be_filled(ask)
    if ask.choice == "none":
        return []
    if ask.choice == "any":
        if not ask.tools:
            raise InvalidRequest("tool_choice demands a call, but no tool was offered.", param="tool_choice")
        calls = asked or [make_call(ask.tools[0])]
    elif ask.forced is not None:
        tool = next((one for one in ask.tools if one.name == ask.forced), None)
        if tool is None:
            raise InvalidRequest(f"tool_choice names {ask.forced}, which was not offered.", param="tool_choice")
        calls = [call for call in asked if call.tool.name == tool.name] or [make_call(tool)]
    else:
        calls = asked
    return calls if ask.parallel else calls[:1]


def _to_be_filled(ask: Ask) -> list[Call]:
    """A call of the tool that stands for the answer itself, once."""
    done = {one.tool for one in ask.made}
    return [make_call(one) for one in ask.tools if one.name in _ANSWERS and one.name not in done]


def _text(ask: Ask, heard: Instructed, calls: list[Call]) -> str:
    if calls:
        names = [call.tool.name for call in calls]
        free = ask.choice == "auto" and ask.forced is None and not ask.made and not _ANSWERS.intersection(names)
        return phrases.calling(names) if free else ""
    if ask.shape is not None:
        return _shaped(ask)
    for beginning, reply in phrases.HELPERS:
        if ask.said.startswith(beginning):
            return reply
    return phrases.results(ask.in_order()) if ask.results else phrases.greeting(ask, heard)


def _shaped(ask: Ask) -> str:
    value = sample(ask.shape) if ask.shape else {"model": "Trunkline's demo model", "said": ask.said[:200]}
    try:
        return msgspec.json.encode(value).decode()
    except (ValueError, OverflowError, RecursionError) as failure:
        raise InvalidRequest(f"No answer to that JSON schema can be written: {failure}.") from failure


def _stopped(text: str, stops: list[str]) -> tuple[str, str | None]:
    """The text up to the earliest stop sequence in it, and that sequence."""
    found = [(text.index(one), one) for one in stops if one and one in text]
    if not found:
        return text, None
    at, sequence = min(found)
    return text[:at], sequence


def _bounded(ask: Ask, thinking: str, text: str, calls: list[Call]) -> Turn:
    """Holds the answer to its stop sequences and its limit: thinking is spent first, then text, then calls."""
    text, stopped_by = _stopped(text, ask.stops)
    if stopped_by is not None:
        calls = []
    kept = list(calls)
    stop: Stop = "stop" if stopped_by is not None else "tools" if calls else "end"
    if ask.limit is not None:
        thinking_kept = cut(thinking, ask.limit)
        text_kept = cut(text, ask.limit - tokens(thinking_kept))
        left = ask.limit - tokens(thinking_kept) - tokens(text_kept)
        kept = []
        for call in calls:
            left -= call.tokens
            if left < 0:
                break
            kept.append(call)
        if (thinking_kept, text_kept, len(kept)) != (thinking, text, len(calls)) or ask.limit == 0:
            stop, stopped_by = "length", None
        thinking, text = thinking_kept, text_kept
    thought = tokens(thinking)
    spent = thought + tokens(text) + sum(call.tokens for call in kept)
    if ask.limit != 0:
        spent = max(1, spent)
    return Turn(thinking, text, tuple(kept), stop, stopped_by, ask.weight, spent, thought)
