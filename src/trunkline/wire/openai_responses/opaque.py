"""Items that only this wire understands, in a few words for models that are told of them as text.

Calls of the vendor's own tools and what they came to. References, compactions and approvals have no words: they point
at what only the vendor has.
"""

from __future__ import annotations

import json
from typing import Any

from trunkline.model.conversation import Opaque, Role
from trunkline.wire.openai_responses.fields import Json

_MOST = 2000
"""Characters that a summary may have."""


def item(raw: Json) -> Opaque:
    """An item as it came, with the words that stand for it elsewhere."""
    said = _words(str(raw.get("type")), raw)
    return Opaque("openai_responses", raw, f"[{said[:_MOST]}]" if said else "")


def role(raw: Json) -> Role:
    """Whose turn an item belongs to: outputs and approvals are the client's, all else is the model's."""
    kind = str(raw.get("type"))
    return "user" if kind.endswith(("_output", "_response", "_trigger")) else "assistant"


def _words(kind: str, raw: Json) -> str:
    action: Any = raw.get("action")
    action = action if isinstance(action, dict) else {}
    if kind == "local_shell_call":
        return f"ran: {_line(action.get('command'), ' ')}"
    if kind == "shell_call":
        return f"ran: {_line(action.get('commands'), '; ')}"
    if kind == "apply_patch_call":
        change: Any = raw.get("operation")
        change = change if isinstance(change, dict) else {}
        return f"{change.get('type') or 'update_file'} {change.get('path', '')}: {change.get('diff', '')}".strip(" :")
    if kind == "web_search_call":
        asked = action.get("query") or action.get("queries") or action.get("url") or ""
        return f"searched the web: {_line(asked, '; ')}" if asked else "searched the web"
    if kind == "file_search_call":
        return f"searched files: {_line(raw.get('queries'), '; ')}"
    if kind == "code_interpreter_call":
        return f"ran code: {raw.get('code') or ''}"
    if kind == "image_generation_call":
        return f"made an image: {raw.get('revised_prompt') or ''}"
    if kind == "mcp_call":
        return (
            f"called {raw.get('name', '')}({raw.get('arguments', '')}): {raw.get('output') or raw.get('error') or ''}"
        )
    if kind.endswith("_call_output") and kind != "computer_call_output":
        return f"output: {_line(raw.get('output'), ' ')}"
    return ""


def _line(value: Any, between: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return between.join(_line(each, " ") for each in value)
    return "" if value is None else json.dumps(value, ensure_ascii=False)
