"""By which name a loss is reported, and whether it is refused instead. The names are in `losses`, all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Audio, Conversation, Document, Image, Opaque, Part, Tool
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire.losses import KINDS, MEMBERS, OWN, THINGS

SILENT = frozenset(name for name, row in OWN.items() if row.fates == ("silent",))
"""Members whose loss changes no answer: they are dropped without a word."""

_REFUSED = frozenset(name for name, row in OWN.items() if "refused" in row.fates)

_DATED = re.compile(r"_\d{6,8}\Z")


def called(wire: Wire, what: str) -> str:
    """The client's word for a member of the conversation. A name without a row is an error of ours: `KeyError`."""
    return MEMBERS[what].said(wire)


def tool(offered: Tool) -> str:
    """The name of a tool that the provider would have to run: its kind, whatever the client calls it."""
    return tool_kind(offered.kind or offered.name)


def tool_kind(told: str) -> str:
    """The same for a vendor's word for a kind, with or without the date behind it."""
    kind = _DATED.sub("", told)
    kind = KINDS.get(kind, kind)
    return kind if kind in THINGS else "server_tool"


_AROUND = frozenset({"filters", "web_search_options", "web_search", "googleSearch"})
"""Members inside which formats say how to search."""
_PLAIN = frozenset({"type", "name", "cache_control", "enable"})


def unsaid(offered: Tool, written: Mapping[str, Any]) -> list[str]:
    """What is lost of a search that the provider runs: its options, where one of them is not `written` for it."""
    return ["search_options"] if _options(offered.raw).keys() - _options(written).keys() else []


def _options(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a search says of itself, without what goes without saying."""
    found: dict[str, Any] = {}
    for name, value in raw.items():
        if name in _AROUND and isinstance(value, dict):
            found |= _options(value)
        elif name not in _PLAIN and value not in (None, "", [], {}) and (name, value) not in _USUAL:
            found[name] = value
    return found


_USUAL = (("search_context_size", "medium"), ("external_web_access", True))
"""OpenAI's own defaults."""


def speakers(conversation: Conversation) -> list[str]:
    """The name that is reported where speakers have names, and the target knows none."""
    return [called(conversation.wire, "name")] if any(turn.name for turn in conversation.turns) else []


def block(raw: Mapping[str, Any]) -> str:
    """The name of a block that only its own wire understands: its type."""
    kind = raw.get("type")
    return kind if isinstance(kind, str) and kind in THINGS else "block"


def part(lost: Part) -> str:
    """The name of a part."""
    match lost:
        case Image():
            return "image"
        case Document():
            return "document"
        case Audio():
            return "audio"
        case Opaque(raw=raw):
            return block(raw)
    return "tool_result"


def own(conversation: Conversation, target: Wire) -> list[str]:
    """Names of members that only the client's wire understands. A reader's own notes begin with an underscore."""
    if conversation.wire == target:
        return []
    return [
        name
        for name, value in conversation.own.items()
        # `background: false` asks for what is done anyway.
        if name not in SILENT and not name.startswith("_") and not (name in _REFUSED and value in (None, False))
    ]


def refuse_or_lose(dialect: Dialect, names: Iterable[str], why: str) -> list[str]:
    """Members without which the answer would be another one: refused, unless `drop_params` says to go on without."""
    names = list(names)
    if names and not dialect.drop:
        raise InvalidRequest(
            f"{', '.join(names)}: {why}",
            param=names[0],
            remedy="Leave it out, or set `drop_params: true` to have it dropped.",
        )
    return names
