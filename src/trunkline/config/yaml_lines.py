"""YAML (and so JSON) read with the line of every key, value and item. Reads text, opens no file.

Scalars follow YAML 1.1 as PyYAML's `safe_load` does, for that is what LiteLLM reads its file with; with one
exception: a date stays the text that was written, since no setting is a date and `api_version: 2024-10-21` is common.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from trunkline.config.refuse import refusal
from trunkline.errors import ConfigInvalid

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_TEXT = 4 * 1024 * 1024
"""Bytes of a configuration file."""
MAX_NODES = 200_000
"""Values, counted after aliases are expanded: a small file must not unfold into a huge one."""
MAX_DEPTH = 60

_MERGE = "tag:yaml.org,2002:merge"
_AS_WRITTEN = {_MERGE, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value"}
_PLAIN = _AS_WRITTEN | {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str")}


class Mapped(dict[str, Any]):
    """A mapping that knows where it stands: `line` is its own, `lines` that of each key; all counted from 1.

    `texts` holds what was written for values that are no strings (`3.10`), for names that happen to look like numbers.
    `origins` is only for one that was put together: the mapping that a key really stands in.
    """

    __slots__ = ("line", "lines", "origins", "texts")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.origins: dict[str, Mapped] = {}

    def take(self, key: str, source: Mapped) -> None:
        """A key of another mapping, with its line and what was written; it still stands there."""
        self[key] = source[key]
        self.lines[key] = source.line_of(key)
        self.origins[key] = source.origins.get(key, source)
        if key in source.texts:
            self.texts[key] = source.texts[key]

    def line_of(self, key: str) -> int:
        """The line of a key, or of the mapping itself when it has no such key."""
        return self.lines.get(key, self.line)


class Listed(list[Any]):
    """A list that knows its line and the line of each item."""

    __slots__ = ("line", "lines", "texts")

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []
        self.texts: list[str] = []


def read(text: str, name: str, first: int = 0) -> Mapped:
    """The mapping a configuration's text holds. Raises `ConfigInvalid` for all else; `name` is the file's name.

    `first` is added to every line that is kept: the positions of one file among several begin there.
    """
    if len(text) > MAX_TEXT:
        raise refusal(name, f"the file is larger than {MAX_TEXT // 1024 // 1024} MB.", "Is it the right file?")
    try:
        _guard_depth(text, name)
        return _Builder(text, name, first).build()
    except yaml.YAMLError as broken:
        raise _explained(broken, text, name) from None


def _guard_depth(text: str, name: str) -> None:
    """Walks the events first: composing recurses, and must not be led too deep."""
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise refusal(f"{name}:{line}", f"values are nested deeper than {MAX_DEPTH}.", "Flatten them.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """Turns a node graph into `Mapped` and `Listed`, each node once: an alias shares what its anchor built."""

    def __init__(self, text: str, name: str, first: int) -> None:
        self.name = name
        self.first = first
        self.loader = Loader(text)
        self.built: dict[int, tuple[Any, int]] = {}
        self.open: set[int] = set()

    def build(self) -> Mapped:
        try:
            root = self.loader.get_single_node()
            if root is None or (isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null")):
                raise refusal(self.name, "the file is empty.", "Give it a `model_list`, or start without a file.")
            if not isinstance(root, yaml.MappingNode):
                what = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
                where = f"{self.name}:{_line(root)}"
                raise refusal(where, f"the file holds {what}, not sections.", "Begin it with `model_list:`.")
            value, _size = self.value(root, top=True)
            assert isinstance(value, Mapped)
            return value
        finally:
            self.loader.dispose()

    def value(self, node: yaml.Node, *, top: bool = False) -> tuple[Any, int]:
        """What a node means, and how many values it unfolds to."""
        key = id(node)
        if key in self.built:
            return self.built[key]
        if key in self.open:
            raise self.refuse(node, "an alias leads back into its own anchor.", "Write that part out.")
        self.open.add(key)
        result: tuple[Any, int]
        try:
            if isinstance(node, yaml.MappingNode):
                result = self.mapping(node, top=top)
            elif isinstance(node, yaml.SequenceNode):
                result = self.sequence(node)
            else:
                result = self.scalar(node), 1
        finally:
            self.open.discard(key)
        if result[1] > MAX_NODES:
            raise self.refuse(node, f"its aliases unfold to more than {MAX_NODES} values.", "Use fewer aliases.")
        self.built[key] = result
        return result

    def scalar(self, node: yaml.Node) -> Any:
        if node.tag not in _PLAIN:
            raise self.refuse(node, f"the tag {_shown(node.tag)} is not read here.", "Write a plain value.")
        if node.tag in _AS_WRITTEN:
            return node.value
        try:
            return self.loader.construct_object(node)
        except (ValueError, OverflowError, KeyError, IndexError):
            what = f"this value is no {node.tag.rpartition(':')[2]}, though it is written as one."
            raise self.refuse(node, what, "Put it in quotes.") from None

    def sequence(self, node: yaml.SequenceNode) -> tuple[Listed, int]:
        if not node.tag.endswith(":seq"):
            raise self.refuse(node, f"the tag {_shown(node.tag)} is not read here.", "Write a plain list.")
        listed, size = Listed(self.first + _line(node)), 1
        for child in node.value:
            value, count = self.value(child)
            listed.append(value)
            listed.lines.append(self.first + _line(child))
            listed.texts.append(_written(child))
            size += count
        return listed, size

    def mapping(self, node: yaml.MappingNode, *, top: bool = False) -> tuple[Mapped, int]:
        if not node.tag.endswith(":map"):
            raise self.refuse(node, f"the tag {_shown(node.tag)} is not read here.", "Write a plain mapping.")
        mapped, size, merged = Mapped(self.first + _line(node)), 1, list[tuple[Mapped, int]]()
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged += self.merges(value_node)
                continue
            key = self.key(key_node)
            if key in mapped:
                raise self.twice(key, mapped.lines[key] - self.first, key_node, top=top)
            mapped[key], count = self.value(value_node)
            mapped.lines[key] = self.first + _line(key_node)
            if written := _written(value_node):
                mapped.texts[key] = written
            size += count
        for source, count in merged:
            size += count
            _merge(mapped, source)
        return mapped, size

    def key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.refuse(node, "a key is a list or a mapping.", "Use a plain word as the key.")
        if not node.value:
            raise self.refuse(node, "a key is empty.", "Name the key before the colon.")
        return str(node.value)

    def merges(self, node: yaml.Node) -> list[tuple[Mapped, int]]:
        """What `<<` brings in; of several, the first wins, as YAML 1.1 has it."""
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found = [self.value(part) for part in parts]
        if not all(isinstance(value, Mapped) for value, _ in found):
            raise self.refuse(node, "`<<` merges something that is no mapping.", "Point it at an anchored mapping.")
        return found

    def twice(self, key: str, first: int, node: yaml.Node, *, top: bool) -> ConfigInvalid:
        kind = "the section" if top else "the key"
        what = f"{kind} {_shown(key)} stands twice: here and at line {first}."
        return self.refuse(node, what, "Keep one of them, and move what the other holds into it.")

    def refuse(self, node: yaml.Node, what: str, remedy: str) -> ConfigInvalid:
        return refusal(f"{self.name}:{_line(node)}", what, remedy)


def _merge(mapped: Mapped, source: Mapped) -> None:
    for key, value in source.items():
        if key not in mapped:
            mapped[key] = value
            mapped.lines[key] = source.lines[key]
            if key in source.texts:
                mapped.texts[key] = source.texts[key]


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _written(node: yaml.Node) -> str:
    """What was written for a scalar that is no string; empty for all others."""
    if isinstance(node, yaml.ScalarNode) and not node.tag.endswith((":str", ":null")):
        return str(node.value)
    return ""


def _shown(word: str) -> str:
    """A key as a message may show it: short, in one line."""
    flat = " ".join(word.removeprefix("tag:yaml.org,2002:").split())
    return f"`{flat[:60]}`"


def _explained(broken: yaml.YAMLError, text: str, name: str) -> ConfigInvalid:
    """PyYAML's complaint as one sentence with its line; never with the text of a value. Of a `.json`, JSON's own."""
    if name.endswith(".json"):
        try:
            json.loads(text)
        except json.JSONDecodeError as wrong:
            what = f"this is not valid JSON: {wrong.msg[:1].lower()}{wrong.msg[1:]}."
            remedy = "Check the commas, the quotes and the brackets around that line; JSON has no comments."
            return refusal(f"{name}:{wrong.lineno}", what, remedy)
    if not isinstance(broken, yaml.MarkedYAMLError):
        position = getattr(broken, "position", 0)
        line = text.count("\n", 0, position) + 1
        return refusal(f"{name}:{line}", "a character there is not allowed in YAML.", "Remove it; save as UTF-8 text.")
    mark = broken.problem_mark or broken.context_mark
    number = mark.line + 1 if mark else 1
    where = f"{name}:{number}"
    lines = text.splitlines()
    written = lines[number - 1] if 0 < number <= len(lines) else ""
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent:
        return refusal(where, "the line is indented with a tab.", "YAML allows only spaces there; replace the tab.")
    problem = broken.problem or "it cannot be read"
    if "undefined alias" in problem:
        problem = "found an alias without an anchor"
    started = broken.context_mark.line + 1 if broken.context_mark and broken.context_mark.line + 1 != number else 0
    since = f" (in what begins at line {started})" if started else ""
    return refusal(where, f"this is not valid YAML: {problem}{since}.", _yaml_remedy(problem, written))


def _yaml_remedy(problem: str, written: str) -> str:
    if written.lstrip("- ").partition(": ")[2].startswith("*"):
        return "A value that begins with `*` must stand in quotes."
    if "single document" in problem or "document" in problem:
        return "Keep one document: remove the line `---` between them."
    if "mapping values" in problem:
        return "Check the indentation, and put a value that holds `: ` in quotes."
    if "alias" in problem:
        return "Define the anchor with `&` before it is used."
    return "Check the indentation, the quotes and the brackets around that line."
