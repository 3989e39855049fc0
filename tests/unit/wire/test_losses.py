"""Every name that can be reported as lost stands in one table."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from trunkline.model.conversation import Audio, Document, Image, Opaque, Part, Text, Tool, ToolResult
from trunkline.model.wires import Wire
from trunkline.wire import loss
from trunkline.wire.losses import KINDS, MEMBERS, OWN, THINGS

WIRE = Path(loss.__file__).parent


@pytest.mark.parametrize(
    ("wire", "what", "said"),
    [
        ("anthropic", "top_k", "top_k"),
        ("gemini", "top_k", "topK"),
        ("anthropic", "stop", "stop_sequences"),
        ("ollama", "thinking", "think"),
        ("openai_chat", "thinking", "reasoning_effort"),
        ("openai_responses", "verbosity", "text.verbosity"),
        ("ollama", "repeat", "repeat_penalty"),
    ],
)
def test_a_member_is_named_in_the_clients_own_words(wire: Wire, what: str, said: str) -> None:
    assert loss.called(wire, what) == said


def test_what_has_no_row_cannot_be_named() -> None:
    with pytest.raises(KeyError):
        loss.called("anthropic", "weather")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("web_search_20250305", "web_search"),
        ("web_search_preview_2025_03_11", "server_tool"),
        ("code_interpreter", "code_execution"),
        ("googleMaps", "google_maps"),
        ("telepathy_20301231", "server_tool"),
    ],
)
def test_a_providers_tool_has_one_name_whoever_asks(kind: str, name: str) -> None:
    assert loss.tool(Tool("x", server=True, kind=kind)) == name


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (Image(url="x"), "image"),
        (Document(text="x"), "document"),
        (Audio("", "wav"), "audio"),
        (ToolResult("1", [Text("x")]), "tool_result"),
        (Opaque("anthropic", {"type": "server_tool_use"}), "server_tool_use"),
        (Opaque("gemini", {"videoMetadata": {}}), "block"),
        (Opaque("anthropic", {"type": "\n: x"}), "block"),
    ],
)
def test_a_part_has_one_name(part: Part, name: str) -> None:
    assert loss.part(part) == name


def test_the_table_does_not_contradict_itself() -> None:
    assert set(KINDS.values()) <= THINGS.keys()
    assert not OWN.keys() & THINGS.keys()
    silent = {name for row in OWN.values() if row.fates == ("silent",) for name in row.names}
    assert not silent & {name for row in (*MEMBERS.values(), *THINGS.values()) for name in row.names}


def literal(path: Path) -> list[str]:
    """Names that a file reports as lost in words of its own, which must then stand in the table."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        holder = node.func.value
        named = holder.attr if isinstance(holder, ast.Attribute) else holder.id if isinstance(holder, ast.Name) else ""
        if node.func.attr in ("lose", "name") or (node.func.attr == "append" and named.strip("_") == "lost"):
            found += [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return found


def test_no_file_names_a_loss_in_words_of_its_own() -> None:
    known = THINGS.keys() | MEMBERS.keys()
    for path in WIRE.rglob("*.py"):
        assert set(literal(path)) <= known, path.name
