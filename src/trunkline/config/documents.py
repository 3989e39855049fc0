"""A configuration's file, and those that it includes, as one document. The place of this folder that opens them.

`include` does what it does in LiteLLM (`litellm/proxy/common_utils/config_includes.py`, 1.110.2): the files are taken
in order, those that they include after them; a list (`model_list`) is put behind the list that is there, and any other
section *replaces* the one that is there. A path is meant from the file that names it, else from the first file's
folder. Two things differ: what a section loses by being replaced is told, and a circle is refused where LiteLLM passes
over it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trunkline.config.refuse import refusal
from trunkline.config.schema import ConfigWarning
from trunkline.config.sources import Sources
from trunkline.config.yaml_lines import MAX_TEXT, Listed, Mapped, read

INCLUDE = "include"
MOST = 100
"""Files that one configuration may be made of."""


@dataclass(slots=True)
class Document:
    """What was read: the merged mapping, where its lines stand, the files, and what is doubtful about the merging."""

    top: Mapped
    sources: Sources
    parts: list[Path] = field(default_factory=list)
    opened: list[Path] = field(default_factory=list)
    """Is told each file before it is read."""
    doubts: list[ConfigWarning] = field(default_factory=list)

    def doubt(self, position: int, message: str, remedy: str, *, note: bool = False) -> None:
        """Collects one."""
        self.doubts.append(ConfigWarning(self.sources.where(position), message, remedy, "note" if note else "value"))


def read_document(path: Path, opened: list[Path] | None = None) -> Document:
    """The file with everything that it includes. Raises `ConfigInvalid` for what cannot be read.

    `opened` is told each file before it is read, so that those of a configuration that was refused are known, too.
    """
    document = Document(Mapped(), Sources(), opened=[] if opened is None else opened)
    document.top = _file(document, path, path.name)
    if INCLUDE in document.top:
        _include(document, path)
    return document


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file that is to be included: who names it, and whom that one is included by."""

    written: str
    position: int
    chain: tuple[Path, ...]


def _include(document: Document, root: Path) -> None:
    top = document.top
    waiting = deque(_wanted(document, top, (root.resolve(),)))
    taken = {root.resolve()}
    top = _without_include(top)
    while waiting:
        each = waiting.popleft()
        path = _found(document, each, root)
        if path.resolve() in each.chain:
            what = f"`{each.written}` includes itself, by way of {' → '.join(one.name for one in each.chain)}."
            raise refusal(document.sources.where(each.position), what, "Take one of these `include` lines out.")
        if path.resolve() in taken:
            document.doubt(each.position, f"`{each.written}` is included twice; it counts once.", "", note=True)
            continue
        if len(taken) >= MOST:
            what = f"the configuration is made of more than {MOST} files."
            raise refusal(document.sources.where(each.position), what, "Put some of them together.")
        taken.add(path.resolve())
        found = _file(document, path, each.written, each.position)
        waiting += _wanted(document, found, (*each.chain, path.resolve()))
        top = _merged(document, top, _without_include(found))
    document.top = top


def _wanted(document: Document, top: Mapped, chain: tuple[Path, ...]) -> list[_Wanted]:
    written, position = top.get(INCLUDE), top.line_of(INCLUDE)
    if isinstance(written, str) and written.strip():
        message = "`include` is a single name; LiteLLM wants a list."
        remedy = f"Write `include: [{written}]` if LiteLLM is to read this file too."
        document.doubt(position, message, remedy, note=True)
        written = [written]
    if not written:
        return []
    if not isinstance(written, list) or not all(isinstance(each, str) and each.strip() for each in written):
        remedy = "Write it as\n  include:\n    - models.yaml"
        raise refusal(document.sources.where(position), "`include` must be a list of files.", remedy)
    lines = written.lines if isinstance(written, Listed) else [position] * len(written)
    return [_Wanted(each.strip(), line, chain) for each, line in zip(written, lines, strict=True)]


def _found(document: Document, wanted: _Wanted, root: Path) -> Path:
    """Beside the file that names it, else beside the first one."""
    beside, beside_root = wanted.chain[-1].parent / wanted.written, root.parent / wanted.written
    if not beside.exists() and beside_root.exists():
        message = f"`{wanted.written}` is not beside the file that includes it; the one beside {root.name} is read."
        document.doubt(wanted.position, message, "Move it there, or write its path from there.", note=True)
        return beside_root
    return beside


def _file(document: Document, path: Path, name: str, position: int = 0) -> Mapped:
    """One file. `position` is where it is included, for the refusal of what is not there."""
    if path not in document.opened:
        document.opened.append(path)
    document.parts.append(path)
    text = _text(path, name, document.sources.where(position) if position else "")
    # YAML takes no tab before a value; in JSON a bare one can only be such a blank.
    text = text.replace("\t", " ") if path.suffix == ".json" else text
    return read(text, name, document.sources.add(name))


def _text(path: Path, name: str, named_at: str) -> str:
    where = named_at or str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_TEXT + 1)
    except FileNotFoundError:
        if named_at:
            raise refusal(where, f"it includes `{name}`, which is not there.", f"Looked for: {path}.") from None
        raise refusal(where, "there is no such file.", "Check the path given with `--config`.") from None
    except IsADirectoryError:
        remedy = "Give the file's path. (A container engine makes a folder where the file to be mounted is missing.)"
        raise refusal(where, f"{path.name if named_at else 'that'} is a folder, not a file.", remedy) from None
    except (OSError, ValueError) as failed:
        why = getattr(failed, "strerror", None) or "the path is no path"
        what = f"`{name}` cannot be read: {why}." if named_at else f"the file cannot be read: {why}."
        raise refusal(where, what, "Check its path and its permissions.") from None
    if len(raw) > MAX_TEXT:
        raise refusal(name, f"the file is larger than {MAX_TEXT // 1024 // 1024} MB.", "Is it the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        raise refusal(f"{name}:{line}", "the file is not UTF-8 text.", "Save it as UTF-8.") from None


def _without_include(top: Mapped) -> Mapped:
    made = Mapped(top.line)
    for key in top:
        if key != INCLUDE:
            made.take(key, top)
    made.origins = {}
    return made


def _merged(document: Document, base: Mapped, more: Mapped) -> Mapped:
    made = Mapped(base.line)
    for key in base:
        made.take(key, base)
    for key in more:
        if key in made and isinstance(made[key], list) and isinstance(more[key], list):
            made[key] = _joined(made[key], more[key])
            continue
        if key in made:
            _tell_lost(document, key, made, more)
        made.take(key, more)
    made.origins = {}
    return made


def _joined(first: list[Any], more: list[Any]) -> Listed:
    made = Listed(first.line if isinstance(first, Listed) else 0)
    for part in (first, more):
        assert isinstance(part, Listed)
        made += part
        made.lines += part.lines
        made.texts += part.texts
    return made


def _tell_lost(document: Document, key: str, base: Mapped, more: Mapped) -> None:
    """A section that is replaced loses what the new one does not say."""
    before, after = base[key], more[key]
    known = after if isinstance(after, dict) else {}
    lost = [name for name in before if name not in known] if isinstance(before, dict) else []
    if before == after or before in (None, {}, []) or (isinstance(before, dict) and not lost):
        return
    old = document.sources.where(base.line_of(key))
    names = ", ".join(f"`{name}`" for name in lost[:6])
    loss = f"; what that says of {names} is lost" if lost else ""
    message = f"`{key}` replaces the whole section at {old}, as in LiteLLM{loss}."
    document.doubt(more.line_of(key), message, f"Keep all of `{key}` in one file.")
