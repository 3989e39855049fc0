"""Tools that a client runs itself and whose schema is built into Claude: written out for models that lack it.

Source: platform.claude.com/docs/en/agents-and-tools/tool-use, pages on bash, text editor, memory (2026-11-20).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Builtin:
    """What such a tool is, in the words of any other."""

    description: str
    schema: Json


def _text(description: str) -> Json:
    return {"type": "string", "description": description}


_LINES: Json = {
    "type": "array",
    "items": {"type": "integer"},
    "description": "First and last line to show, counted from 1; -1 as the last means the end.",
}

_FILES: Json = {
    "path": _text("The file or directory."),
    "view_range": _LINES,
    "old_str": _text("For str_replace: the text to be replaced, which occurs exactly once."),
    "new_str": _text("For str_replace: the new text."),
    "file_text": _text("For create: the whole content."),
    "insert_line": {"type": "integer", "description": "For insert: the line behind which to insert; 0 is the top."},
    "insert_text": _text("For insert: the text."),
}


def _commands(*names: str) -> Json:
    return {"type": "string", "enum": list(names), "description": "What to do."}


_ROWS = {
    "bash": Builtin(
        "Runs a command in a bash shell that keeps its state between calls.",
        {
            "type": "object",
            "properties": {
                "command": _text("The command. Needed unless `restart` is true."),
                "restart": {"type": "boolean", "description": "Starts the shell anew."},
            },
        },
    ),
    "text_editor": Builtin(
        "Shows, creates and changes text files.",
        {
            "type": "object",
            "properties": {"command": _commands("view", "create", "str_replace", "insert"), **_FILES},
            "required": ["command", "path"],
        },
    ),
    "memory": Builtin(
        "Keeps notes in files under /memories that outlive the conversation. Look there before other work.",
        {
            "type": "object",
            "properties": {
                "command": _commands("view", "create", "str_replace", "insert", "delete", "rename"),
                **_FILES,
                "old_path": _text("For rename: the path as it is."),
                "new_path": _text("For rename: the path as it will be."),
            },
            "required": ["command"],
        },
    ),
}


def builtin(kind: str) -> Builtin | None:
    """The tool whose dated type begins so, or None."""
    return _ROWS.get(kind)
