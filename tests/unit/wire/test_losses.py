"""Every name that can be reported as lost stands in one table."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Part,
    Shape,
    Text,
    Tool,
    ToolResult,
    Turn,
)
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire import loss
from trunkline.wire.codecs import codec
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


SEARCH = {"type": "web_search_20250305", "name": "web_search"}
CITY = {"type": "approximate", "city": "Bern"}


@pytest.mark.parametrize(
    ("raw", "written", "lost"),
    [
        (SEARCH, {}, False),
        ({**SEARCH, "blocked_domains": ["a.example"]}, {}, True),
        ({**SEARCH, "blocked_domains": [], "max_uses": None}, {}, False),
        ({**SEARCH, "allowed_domains": ["a"]}, {"filters": {"allowed_domains": ["a"]}}, False),
        ({"web_search_options": {"user_location": CITY}}, {"type": "web_search_20250305"}, True),
        ({"web_search_options": {}}, {}, False),
        ({"type": "web_search", "external_web_access": True, "search_context_size": "medium"}, {}, False),
        ({"type": "web_search", "external_web_access": False}, {}, True),
        ({"googleSearch": {"timeRangeFilter": {"startTime": "x"}}}, {}, True),
    ],
)
def test_how_a_search_is_to_look_is_named_where_it_cannot_be_said(
    raw: dict[str, object], written: dict[str, object], lost: bool
) -> None:
    search = Tool("web_search", server=True, kind="web_search", raw=dict(raw))
    assert loss.unsaid(search, written) == ["search_options"] * lost


PROVIDERS = [
    Dialect("anthropic", "claude-opus-5-5", json_schema=True),
    Dialect("zai", "glm-4.6"),
    Dialect("openai_like", "x"),
    Dialect("openai", "gpt-5.6-sol"),
    Dialect("ollama", "qwen3:8b"),
    Dialect("gemini", "gemini-3.8-flash"),
]
WIRE_OF: list[Wire] = ["anthropic", "anthropic", "openai_chat", "openai_responses", "ollama", "gemini"]
everywhere = pytest.mark.parametrize(("wire", "dialect"), list(zip(WIRE_OF, PROVIDERS, strict=True)))


def asked(wire: Wire, **more: Any) -> Conversation:
    """What a client of another wire than that asks."""
    more.setdefault("turns", [Turn("user", [Text("hi")])])
    return Conversation("openai_responses" if wire == "openai_chat" else "openai_chat", "m", **more)


@everywhere
def test_who_speaks_is_named_as_lost_by_every_wire(wire: Wire, dialect: Dialect) -> None:
    talk = asked(
        wire, turns=[Turn("user", [Text("hi")], name="Ada"), Turn("assistant", [Text("yo")]), Turn("user", [Text("x")])]
    )
    talk.wire = "openai_chat"
    assert codec(wire).write(talk, dialect).lost == ([] if wire == "openai_chat" else ["name"])


@everywhere
def test_arguments_that_nobody_holds_to_their_schema_are_named(wire: Wire, dialect: Dialect) -> None:
    loose = {"type": "object", "properties": {"a": {"type": "string"}}}
    held = ["strict"] if wire != "gemini" else []
    assert codec(wire).write(asked(wire, tools=[Tool("f", schema=loose, strict=True)]), dialect).lost == held
    assert codec(wire).write(asked(wire, tools=[Tool("f", schema=loose, strict=False)]), dialect).lost == []


def test_an_answer_that_is_not_held_to_its_schema_is_named() -> None:
    loose = Shape("schema", "n", {"type": "object", "properties": {"a": {"type": "string"}}}, strict=True)
    assert codec("openai_responses").write(asked("openai_responses", shape=loose), PROVIDERS[3]).lost == ["strict"]


@everywhere
def test_what_stands_for_a_vendors_own_block_is_still_a_loss(wire: Wire, dialect: Dialect) -> None:
    picture = Opaque("openai_responses", {"type": "message", "content": [{"type": "input_image"}]}, "[image file_1]")
    if wire == "openai_responses":
        picture.wire = "gemini"
    made = codec(wire).write(asked(wire, turns=[Turn("user", [Text("see"), picture])]), dialect)
    assert made.lost == ["block"]
    assert "[image file_1]" in json.dumps(made.body)


@everywhere
def test_a_schema_that_is_only_told_in_words_is_said_to_be(wire: Wire, dialect: Dialect) -> None:
    shape = Shape("schema", "n", {"type": "object", "properties": {"a": {"type": "string"}}})
    told = replace(dialect, json_schema=False)
    assert "schema_in_prompt" in codec(wire).write(asked(wire, shape=shape), told).repairs


@everywhere
def test_tools_of_a_model_that_takes_none_are_refused(wire: Wire, dialect: Dialect) -> None:
    """Without them it would be another answer: an agent that can do nothing."""
    talk = asked(wire, tools=[Tool("f")])
    with pytest.raises(InvalidRequest, match="tools"):
        codec(wire).write(talk, replace(dialect, tools=False))
    assert codec(wire).write(talk, replace(dialect, tools=False, drop=True)).lost == ["tools"]


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
