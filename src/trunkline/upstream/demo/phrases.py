"""The demo model's sentences. They are the first thing a new user sees: short, friendly, true."""

from __future__ import annotations

from trunkline.upstream.demo.ask import Ask, Result, Tool
from trunkline.upstream.demo.instruct import Instructed, lone_string, make_call
from trunkline.upstream.demo.text import quote

HELLO = "Hello! I am Trunkline's demo model: I live inside the gateway and need no key."
REAL = (
    "To talk to a real model, set ZAI_API_KEY (or ANTHROPIC_API_KEY, OPENAI_API_KEY, OLLAMA_HOST) "
    "and start Trunkline again."
)
_ECHO = 280
_RESULT = 500
_SHOWN = {"Bash": "echo hello", "bash": "echo hello", "exec_command": "echo hello", "shell_command": "echo hello"}
"""The tool to suggest first, and what to do with it: the agents' shells, by their names of 2026-11."""

HELPERS = (("<policy_spec>", "none"),)
"""Questions that agents ask behind a person's back in free text, by their beginning, and the answer that does no
harm: Claude Code 1.0 asks for the prefix of a shell command."""


def greeting(ask: Ask, heard: Instructed) -> str:
    """The ordinary answer: who speaks, what was heard, and the way to a real model."""
    lines = [HELLO, *_heard(ask), "", REAL]
    for name in heard.garbled[:3]:
        lines += ["", f"I could not call {name}: what follows its name is not a JSON object."]
    for name in heard.missing[:3]:
        lines += ["", f"I could not call {name}: it is not among the tools I was offered."]
    if ask.tools and ask.choice != "none" and not heard.garbled and not heard.missing:
        lines += ["", f"To watch a tool call, say: {_suggestion(ask.tools)}"]
    return "\n".join(lines)


def results(answered: list[Result]) -> str:
    """The answer to what the tools gave back."""
    return "\n".join(_result(one) for one in answered)


def calling(names: list[str]) -> str:
    """What is said before calls that a person asked for."""
    return f"Calling {' and '.join(names)}, as you asked."


def thought(ask: Ask) -> str:
    """The demo's thinking."""
    if ask.results:
        return "A tool has answered. I will repeat what it said."
    return "I am only a demo: I will repeat what I heard and point to a real model."


def _heard(ask: Ask) -> list[str]:
    lines = [f"You said: {quote(ask.said, _ECHO)}"] if ask.said else []
    shown = [_count(ask.images, "image"), _count(ask.files, "file")]
    if any(shown):
        lines.append(f"I was shown {' and '.join(one for one in shown if one)}.")
    return lines or ["You said nothing yet."]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _result(result: Result) -> str:
    who = result.tool or "The tool"
    said = quote(result.text, _RESULT) if result.text else "nothing"
    return f"{who} reported an error: {said}" if result.error else f"{who} answered: {said}"


def _suggestion(tools: list[Tool]) -> str:
    for tool in tools:
        if tool.name in _SHOWN and lone_string(tool):
            return f"call {tool.name} {_SHOWN[tool.name]}"
    tool = tools[0]
    return f"call {tool.name} {make_call(tool).text[:_ECHO]}"
