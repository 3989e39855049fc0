"""An agent's history as each client writes it: (calls with their results) a turn, behind a person's first words.

Claude Code counts its tokens down in the results, Codex gives every run an id and a time: so do these.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec

from trunkline.model.wires import Wire
from trunkline.wire.body import Body

Calls = Sequence[tuple[str, dict[str, Any], str]]
"""What was called at once: (tool, arguments, result)."""

WIRES: tuple[Wire, ...] = ("anthropic", "openai_chat", "openai_responses", "ollama", "gemini")
PERSON = "Make the tests pass, please."


def body(wire: Wire, history: Sequence[Calls], *, asked: str = "m", last: str = "", **more: Any) -> dict[str, Any]:
    """A request's body. `last` is what the person says behind it all."""
    ids = itertools.count()
    said = [(turn, [f"call_{next(ids):024x}" for _ in turn]) for turn in history]
    made: dict[str, Any] = {"model": asked}
    match wire:
        case "anthropic":
            turns: list[Any] = [{"role": "user", "content": [{"type": "text", "text": PERSON}]}]
            for at, (turn, names) in enumerate(said):
                calls = [
                    {"type": "tool_use", "id": name, "name": tool, "input": given}
                    for (tool, given, _), name in zip(turn, names, strict=True)
                ]
                left = (
                    f"\n\n<system-reminder>\n<total_tokens>{99999 - at} tokens left</total_tokens>\n</system-reminder>"
                )
                results: list[dict[str, Any]] = [
                    {"tool_use_id": name, "type": "tool_result", "content": result + left, "is_error": False}
                    for (_, _, result), name in zip(turn, names, strict=True)
                ]
                turns += [
                    {"role": "assistant", "content": [{"type": "text", "text": f"Try {at}."}, *calls]},
                    {"role": "user", "content": results},
                ]
            if said:
                turns[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
            turns += [{"role": "user", "content": last}] if last else []
            made |= {"max_tokens": 1000, "messages": turns}
        case "openai_chat" | "ollama":
            turns = [{"role": "system", "content": "Be good."}, {"role": "user", "content": PERSON}]
            for turn, names in said:
                if wire == "ollama":
                    asks: list[Any] = [{"function": {"name": tool, "arguments": given}} for tool, given, _ in turn]
                    turns.append({"role": "assistant", "content": "I call.", "tool_calls": asks})
                    turns += [{"role": "tool", "content": result, "tool_name": tool} for tool, _, result in turn]
                    continue
                asks = [
                    {"id": name, "type": "function", "function": {"name": tool, "arguments": _json(given)}}
                    for (tool, given, _), name in zip(turn, names, strict=True)
                ]
                turns.append({"content": None, "role": "assistant", "tool_calls": asks})
                turns += [
                    {"role": "tool", "tool_call_id": name, "content": result}
                    for (_, _, result), name in zip(turn, names, strict=True)
                ]
            turns += [{"role": "user", "content": last}] if last else []
            made |= {"messages": turns}
        case "openai_responses":
            items: list[Any] = [
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": PERSON}]}
            ]
            for at, (turn, names) in enumerate(said):
                items.append(
                    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "…"}]}
                )
                items += [
                    {
                        "type": "function_call",
                        "id": f"fc_{name}",
                        "name": tool,
                        "arguments": _json(given),
                        "call_id": name,
                    }
                    for (tool, given, _), name in zip(turn, names, strict=True)
                ]
                ran = f"Chunk ID: {at:06x}\nWall time: 0.{at:04} seconds\nProcess exited with code 0\nOutput:\n"
                items += [
                    {"type": "function_call_output", "call_id": name, "output": ran + result}
                    for (_, _, result), name in zip(turn, names, strict=True)
                ]
            items += [{"role": "user", "content": last}] if last else []
            made |= {"input": items}
        case "gemini":
            contents: list[Any] = [{"role": "user", "parts": [{"text": PERSON}]}]
            for turn, _ in said:
                asks = [{"functionCall": {"name": tool, "args": given}} for tool, given, _ in turn]
                told = [
                    {"functionResponse": {"name": tool, "response": {"output": result}}} for tool, _, result in turn
                ]
                contents += [{"role": "model", "parts": asks}, {"role": "user", "parts": told}]
            contents += [{"role": "user", "parts": [{"text": last}]}] if last else []
            made = {"contents": contents}
    return {**made, **more}


def read(wire: Wire, history: Sequence[Calls], *, last: str = "") -> Body:
    """The same, as it arrives."""
    return Body(_json(body(wire, history, last=last)).encode())


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
