"""Tools and tool choices as both OpenAI wires write them: nested for chat, flat for responses."""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.upstream.demo.ask import Ask, Choice, Made, Tool
from trunkline.upstream.demo.fields import Body, need, objects, pick, wrong

_MODES: dict[str, Choice] = {"auto": "auto", "none": "none", "required": "any"}


def tools_of(found: list[Body], at: str, namespace: str | None = None) -> list[Tool]:
    """The tools that the client runs itself; those that the provider would run (web search and such) are left out."""
    tools: list[Tool] = []
    for nth, one in enumerate(found):
        here = f"{at}[{nth}]."
        kind = need(one, "type", str, here)
        if kind in ("function", "custom"):
            inner = pick(one, kind, dict, here)
            spec, inside = (one, here) if inner is None else (inner, f"{here}{kind}.")
            name, schema = need(spec, "name", str, inside), pick(spec, "parameters", dict, inside) or {}
            tools.append(Tool(name, schema, kind == "custom", namespace))
        elif kind == "namespace":
            tools += tools_of(objects(one, "tools", here), f"{here}tools", need(one, "name", str, here))
    return tools


def made_of(calls: list[Body], at: str) -> list[Made]:
    """Earlier calls as chat and Ollama write them: `{"id", "function": {"name"}}`; the id may be missing."""
    made: list[Made] = []
    for nth, call in enumerate(calls):
        here = f"{at}tool_calls[{nth}]."
        spec = pick(call, "function", dict, here) or pick(call, "custom", dict, here) or {}
        made.append(Made(pick(call, "id", str, here) or "", need(spec, "name", str, f"{here}function.")))
    return made


def choose(ask: Ask, choice: Any) -> None:
    """Reads `tool_choice` of either wire into the ask."""
    if choice is None:
        return
    if isinstance(choice, str):
        _mode(ask, choice, "tool_choice")
        return
    if not isinstance(choice, dict):
        raise wrong("tool_choice", "a string or an object")
    kind = need(choice, "type", str, "tool_choice.")
    if kind in ("function", "custom"):
        spec = pick(choice, kind, dict, "tool_choice.") or choice
        ask.forced = need(spec, "name", str, "tool_choice.")
    elif kind == "allowed_tools":
        spec = pick(choice, "allowed_tools", dict, "tool_choice.") or choice
        _allow(ask, spec)


def _allow(ask: Ask, spec: Body) -> None:
    names = set()
    for nth, one in enumerate(objects(spec, "tools", "tool_choice.")):
        inner = one.get(one["type"]) if isinstance(one.get("type"), str) else None
        names.add(need(inner if isinstance(inner, dict) else one, "name", str, f"tool_choice.tools[{nth}]."))
    ask.tools = [tool for tool in ask.tools if tool.name in names]
    _mode(ask, need(spec, "mode", str, "tool_choice."), "tool_choice.mode")


def _mode(ask: Ask, mode: str, at: str) -> None:
    if mode not in _MODES:
        raise InvalidRequest(f"{at} must be auto, none, required or name a tool.", param=at)
    ask.choice = _MODES[mode]
