"""What the pretended model says: from what was asked and how to behave to one turn, the same for every wire.

Pure: no I/O, no clock, no chance. A wire builds the `Ask` from a request and renders the `Turn`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.fake.behaviour import Behaviour

GREETING = "Hello from the fake provider: déjà vu ✓, 你好, 🙂."
THOUGHT = "Let me think about it: naïve ✓ 思考 🤔."


@dataclass(slots=True)
class Tool:
    name: str
    schema: dict[str, Any]
    custom: bool = False
    namespace: str | None = None


@dataclass(slots=True)
class Ask:
    """One request, reduced to what decides the answer. `words` counts the words of the whole prompt."""

    model: str
    stream: bool
    prompt: str
    words: int
    tools: list[Tool] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    rounds: int = 0
    forced: str | None = None
    no_tools: bool = False
    parallel: bool = True
    limit: int | None = None
    schema: dict[str, Any] | None = None
    json_only: bool = False
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    id: str
    name: str
    arguments: dict[str, Any]
    text: str
    custom: bool = False
    namespace: str | None = None


@dataclass(slots=True)
class Turn:
    """`input` counts every prompt token, cached and written ones included; `stop` is end, tool, length or refusal."""

    serial: int
    thinking: list[str]
    text: list[str]
    calls: list[Call]
    stop: str
    input: int
    cached: int
    written: int
    output: int
    thought: int

    @property
    def said(self) -> str:
        return "".join(self.text)


def count_words(value: Any) -> int:
    """The words of every string in a JSON value, at least 1: the fake's tokenizer."""
    if isinstance(value, str):
        return max(1, len(value.split()))
    if isinstance(value, dict):
        return sum(count_words(one) for one in value.values())
    if isinstance(value, list):
        return sum(count_words(one) for one in value)
    return 0


def pieces(text: str, size: int = 4) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def sample(schema: Any, word: str) -> Any:
    """A value that a JSON schema accepts, with `word` where a string may stand."""
    if not isinstance(schema, dict):
        return word
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if schema.get(choice):
            return sample(schema[choice][0], word)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        known = schema.get("properties") or {}
        wanted = schema.get("required") or list(known)[:1]
        return {name: sample(known.get(name), word) for name in wanted}
    if kind == "array":
        return [sample(schema.get("items"), word)]
    return {"integer": 7, "number": 7.5, "boolean": True, "null": None}.get(kind, word)


def _file_call(tool: Tool, how: Behaviour, path: str, content: str) -> tuple[dict[str, Any], str]:
    """Arguments that make an agent's tool write `content` to `path`; the text is for freeform tools."""
    shell = f"printf %s '{content}' > '{path}' && cat '{path}'"
    patch = f"*** Begin Patch\n*** Add File: {path}\n+{content}\n*** End Patch\n"
    if tool.custom and tool.name == "exec" and how.patch:
        return {}, f"text(await tools.apply_patch({json.dumps(patch)}));\n"
    if tool.custom and tool.name == "exec":
        return {}, f"const done = await tools.exec_command({json.dumps({'cmd': shell})});\ntext(done.output);\n"
    if tool.custom:
        return {}, patch
    known = (tool.schema.get("properties") or {}) if isinstance(tool.schema, dict) else {}
    if "file_path" in known:
        return {"file_path": path, "content": content}, ""
    if "filePath" in known:
        return {"filePath": path, "content": content}, ""
    for name in ("cmd", "command"):
        if name in known:
            many = isinstance(known[name], dict) and known[name].get("type") == "array"
            return {**sample(tool.schema, how.say or "x"), name: ["bash", "-lc", shell] if many else shell}, ""
    if "input" in known:
        return {"input": patch}, ""
    return dict(sample(tool.schema, content)), ""


_WRITERS = ("Write", "write", "exec_command", "exec", "shell", "shell_command", "apply_patch", "Bash", "bash")


def _pick(ask: Ask, how: Behaviour) -> Tool | None:
    by_name = {tool.name: tool for tool in ask.tools}
    for name in (how.tool, ask.forced):
        if name and name in by_name:
            return by_name[name]
    if how.file:
        order = ("apply_patch", *_WRITERS) if how.patch else _WRITERS
        for name in order:
            if name in by_name:
                return by_name[name]
    return ask.tools[0] if ask.tools else None


def _calls(ask: Ask, how: Behaviour, serial: int, prefix: str) -> list[Call]:
    wanted = (how.tool is not None and ask.rounds < how.rounds) or (ask.forced is not None and not ask.rounds)
    tool = _pick(ask, how) if wanted and not ask.no_tools else None
    if tool is None:
        return []
    made = []
    for nth in range(2 if how.par and ask.parallel else 1):
        word = (how.say or "Zürich") + ("" if nth == 0 else f"-{nth + 1}")
        if how.file:
            path = how.file if nth == 0 else f"{how.file}.{nth + 1}"
            arguments, text = _file_call(tool, how, path, word)
        else:
            value = sample(tool.schema, word)
            arguments, text = (value if isinstance(value, dict) else {}), word
        made.append(Call(f"{prefix}{serial:08d}{nth}", tool.name, arguments, text, tool.custom, tool.namespace))
    return made


def _text(ask: Ask, how: Behaviour, calling: bool) -> list[str]:
    if calling:
        return pieces("I will call a tool ✓.")
    if ask.schema is not None or ask.json_only:
        value = {"say": how.say or "ja"} if ask.schema is None else sample(ask.schema, how.say or "ja")
        return pieces(json.dumps(value, ensure_ascii=False))
    if how.big:
        return pieces("wörd ✓ " * (how.big // 10), 65536)
    if how.long:
        return [f"w{at} " if at % 10 else f"wörd{at} ✓🙂 " for at in range(how.long)]
    said = how.say if how.say is not None else GREETING
    if ask.results:
        said += " ✓ tool said: " + " | ".join(one[:200] for one in ask.results)
    return pieces(said)


def make_turn(ask: Ask, how: Behaviour, serial: int, *, call_prefix: str) -> Turn:
    """Decide the whole answer. Output tokens are counted one for each delta, unless the words say otherwise."""
    calls = _calls(ask, how, serial, call_prefix)
    thinking = pieces(THOUGHT, 6) if how.think else []
    text = _text(ask, how, bool(calls))
    stop = how.stop or ("tool" if calls else "end")
    spent = len(thinking) + len(text) + sum(2 + count_words(call.arguments or call.text) for call in calls)
    if how.stop is None and how.output_tokens is None and ask.limit is not None and spent > ask.limit and not calls:
        text = text[: max(0, ask.limit - len(thinking))]
        spent, stop = ask.limit, "length"
    return Turn(
        serial=serial,
        thinking=thinking,
        text=text,
        calls=calls,
        stop=stop,
        input=ask.words if how.input_tokens is None else how.input_tokens,
        cached=how.cached_tokens,
        written=how.written_tokens,
        output=spent if how.output_tokens is None else how.output_tokens,
        thought=len(thinking),
    )
