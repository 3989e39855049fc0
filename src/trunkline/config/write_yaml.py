"""Writes a document as YAML that people like to read: blocks, short lists in one line, remarks as comments. Pure.

What it writes, `yaml_lines` reads back as the same values.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from trunkline.config.yaml_lines import Mapped

WIDTH = 110
Remarks = Callable[[Any], list[str]]
"""What is to be said at the head of a mapping or list."""


def write(top: Mapping[str, Any], remarks: Remarks, head: list[str]) -> str:
    """The text of a document; `head` is said before everything."""
    blocks = ["\n".join(_comments([*head, *remarks(top)], 0))]
    blocks += ["\n".join(_member(top, key, 0, remarks)) for key in top]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _member(mapping: Mapping[str, Any], key: str, indent: int, remarks: Remarks) -> Iterator[str]:
    value, lead = mapping[key], f"{' ' * indent}{_scalar(key)}:"
    short = _short(value, remarks, WIDTH - len(lead))
    if not isinstance(value, (Mapping, list)) or short:
        text = mapping.texts.get(key) if isinstance(mapping, Mapped) else None
        yield f"{lead} {text or short}"
        return
    yield lead
    yield from _block(value, indent + 2, remarks)


def _block(value: Any, indent: int, remarks: Remarks) -> Iterator[str]:
    yield from _comments(remarks(value), indent)
    if isinstance(value, Mapping):
        for key in value:
            yield from _member(value, key, indent, remarks)
        return
    for item in value:
        short = _short(item, remarks, WIDTH - indent - 2)
        if short:
            yield f"{' ' * indent}- {short}"
            continue
        lines = list(_block(item, indent + 2, remarks))
        first = next((number for number, line in enumerate(lines) if not line.lstrip().startswith("#")), 0)
        yield from (line.removeprefix("  ") for line in lines[:first])
        yield f"{' ' * indent}- {lines[first].lstrip()}"
        yield from lines[first + 1 :]


def _short(value: Any, remarks: Remarks, room: int) -> str:
    """A scalar; an empty or flat list; a small flat mapping inside a list stays a block. Empty: it is to be a block."""
    if isinstance(value, Mapping):
        return "" if value else "{}"
    if isinstance(value, list):
        if any(isinstance(item, (Mapping, list)) for item in value) or remarks(value):
            return ""
        line = f"[{', '.join(map(_item, value))}]"
        return line if len(line) <= room else ""
    return _scalar(value)


def _item(value: Any) -> str:
    return yaml.safe_dump([value], default_flow_style=True, width=1 << 30)[1:-2] if _plain(value) else _scalar(value)


def _scalar(value: Any) -> str:
    if not _plain(value):
        return yaml.safe_dump(value, default_style='"', width=1 << 30, allow_unicode=True).rstrip("\n")
    return yaml.safe_dump(value, width=1 << 30, allow_unicode=True).removesuffix("\n").removesuffix("\n...")


def _plain(value: Any) -> bool:
    """Whether it may stand without double quotes: a text of one line that can be printed."""
    return not isinstance(value, str) or value.isprintable()


def _comments(lines: list[str], indent: int) -> Iterator[str]:
    for line in lines:
        lead = f"{' ' * indent}# "
        yield from textwrap.wrap(line, WIDTH, initial_indent=lead, subsequent_indent=f"{lead}  ") or [lead.rstrip()]
