"""A configuration of any shape, written anew as the clean LiteLLM file that says the same.

It is read as it is read for serving, and each doubt that says what would make it go away is acted on, until none is
left. So what works after it is what the checks say would work; what does nothing is left out, and a comment says so.
References stay references.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trunkline.config.conceal import Concealer, references
from trunkline.config.dialect import LITELLM, native
from trunkline.config.documents import read_document
from trunkline.config.environment import Environment, dotenv
from trunkline.config.load import understood
from trunkline.config.mend import Mend
from trunkline.config.schema import ConfigWarning, Secret
from trunkline.config.section import BRACED, LITELLM_REFERENCE, Reading
from trunkline.config.write_yaml import write
from trunkline.config.yaml_lines import Listed, Mapped
from trunkline.errors import ConfigInvalid

ROUNDS = 50
"""Readings at most: a key that was moved may have something wrong with it in its new place."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The new file, and the keys that stood in the old one: each is to be set in the environment under its name."""

    text: str
    secrets: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(slots=True)
class _Remarks:
    """What is said at the head of mappings and lists; they are told apart by identity, and kept alive."""

    said: dict[int, tuple[Any, list[str]]] = field(default_factory=dict)

    def say(self, at: Any, text: str) -> None:
        _, lines = self.said.setdefault(id(at), (at, []))
        if text not in lines:
            lines.append(text)

    def of(self, at: Any) -> list[str]:
        return self.said.get(id(at), (at, []))[1]


def migrate(path: Path, environ: Mapping[str, str], *, ignore: frozenset[str] = frozenset()) -> Migrated:
    """The file as it should have been written. Raises `ConfigInvalid` for what no change of place or name can mend."""
    document = read_document(path)
    layer, _ = dotenv(path.parent / ".env")
    environment, remarks = layer.under(environ), _Remarks()
    dialect, top = native(Reading(document.sources, environment, ignore), document.top)
    for _ in range(ROUNDS):
        reading = Reading(document.sources, _with_master_key(environment, top), ignore)
        refused: ConfigInvalid | None = None
        try:
            understood(reading, top, path)
        except ConfigInvalid as invalid:
            refused = invalid
        if not _mended(reading.mends, top, remarks):
            break
    if refused is not None:
        raise refused
    _without_braces(top)
    concealer = Concealer(document.sources, dict.fromkeys(references(top), "") | dict(environment), remarks.say)
    concealer.document(top)
    _prune(top, remarks)
    shape = "" if dialect == LITELLM else f" (of the shape `{dialect}`)"
    head = f"Written by `trunkline check --migrate` from {path.name}{shape}. Its own comments are not carried over."
    return Migrated(write(top, remarks.of, [head]), concealer.hidden)


def _with_master_key(environment: Environment, top: Mapped) -> Environment:
    """A file may be migrated where its master key is not known: what it is called is all that is needed."""
    general = top.get("general_settings")
    named = references(general.get("master_key")) if isinstance(general, Mapped) else set()
    unset = {name: "sk-of-nobody-0123456789" for name in named if not environment.get(name)}
    return environment.over(unset, {})


def _mended(mends: list[tuple[Mend, ConfigWarning]], top: Mapped, remarks: _Remarks) -> bool:
    """Acts on them; whether anything changed. What leaves a list leaves it last, so that numbers stay right."""
    changed, leaving = False, list[tuple[Mend, ConfigWarning]]()
    for mend, doubt in mends:
        if isinstance(mend.data, Listed):
            leaving.append((mend, doubt))
        elif isinstance(mend.data, Mapped) and isinstance(mend.key, str):
            changed |= _mend_key(mend, mend.key, doubt, top, remarks)
    gone: set[tuple[int, int]] = set()
    for mend, doubt in sorted(leaving, key=lambda each: -int(each[0].key)):
        number, items = int(mend.key), mend.data
        if (id(items), number) not in gone:
            gone.add((id(items), number))
            del items[number], items.lines[number], items.texts[number]
            remarks.say(items, f"Left out: {_told(doubt)}")
    return changed or bool(gone)


def _mend_key(mend: Mend, key: str, doubt: ConfigWarning, top: Mapped, remarks: _Remarks) -> bool:
    data: Mapped = mend.data
    owner = data.origins.get(key, data)
    if key not in owner or (mend.name == key and mend.section is None and owner[key] == mend.value):
        return False
    value, line, text = owner.pop(key), owner.lines.get(key, 0), owner.texts.pop(key, "")
    if not mend.name:
        remarks.say(owner, f"Left out: {_told(doubt)}")
        return True
    target = owner if mend.section is None else _section(mend, mend.section, top, line)
    already = target.get(mend.name)
    if isinstance(already, Mapped) and isinstance(value, Mapped):
        _pour(value, already)
        remarks.say(target, f"Mended: {_told(doubt)}")
        return True
    if already is not None:
        remarks.say(owner, f"Left out: {_told(doubt)} `{mend.name}` is said already.")
        return True
    target[mend.name] = value if mend.value is None else mend.value
    target.lines[mend.name] = line
    if text and mend.value is None:
        target.texts[mend.name] = text
    remarks.say(target, f"Mended: {_told(doubt)}")
    return True


def _pour(source: Mapped, target: Mapped) -> None:
    """What a mapping says that the other does not."""
    for key in source:
        if key not in target:
            target.take(key, source)
            del target.origins[key]


def _section(mend: Mend, name: str, top: Mapped, line: int) -> Mapped:
    holder = mend.beside if isinstance(mend.beside, Mapped) else top
    if not isinstance(holder.get(name), Mapped):
        holder[name] = Mapped(line)
        holder.lines[name] = line
    found: Mapped = holder[name]
    return found


def _told(doubt: ConfigWarning) -> str:
    return f"{doubt.message} ({doubt.where})"


def _without_braces(value: Any) -> None:
    """`${NAME}` becomes `os.environ/NAME`, which LiteLLM reads too. With a default, or inside a text, it stays."""
    keys = list(value) if isinstance(value, Mapped) else range(len(value)) if isinstance(value, Listed) else ()
    for key in keys:
        item = value[key]
        if isinstance(item, str):
            whole = BRACED.fullmatch(item.strip())
            if whole and not whole[2]:
                value[key] = LITELLM_REFERENCE + whole[1]
        else:
            _without_braces(item)


def _prune(value: Mapped | Listed, remarks: _Remarks) -> None:
    """What was emptied goes, and what was said of it is said of what it stood in."""
    keys: list[Any] = list(value) if isinstance(value, Mapped) else list(range(len(value) - 1, -1, -1))
    for key in keys:
        item = value[key]
        if not isinstance(item, (Mapped, Listed)):
            continue
        _prune(item, remarks)
        if not item and remarks.of(item):
            for line in remarks.of(item):
                remarks.say(value, line)
            del value[key]
