"""A document in LiteLLM's shape that is being written: every key keeps the line that it was read from. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trunkline.config.keys import TOP
from trunkline.config.yaml_lines import Listed, Mapped


def listed(items: Iterable[Any], line: int) -> Listed:
    """A list all of whose items stand at one line."""
    made = Listed(line)
    made += items
    made.lines, made.texts = [line] * len(made), [""] * len(made)
    return made


def mapped(items: Mapping[str, Any], line: int) -> Mapped:
    """A mapping all of whose keys stand at one line."""
    made = Mapped(line)
    made.update(items)
    made.lines = dict.fromkeys(made, line)
    return made


class Draft:
    """Begins with the sections of LiteLLM's shape that a document has; what they say is never overwritten."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        at = source.line if isinstance(source, Mapped) else 0
        self._top = Mapped(at)
        for key, value in source.items():
            if key in TOP:
                line = source.line_of(key) if isinstance(source, Mapped) else at
                self.top(key, _copied(value, line), line)

    def top(self, key: str, value: Any, line: int) -> None:
        """A section, or `model_list`."""
        self._top[key] = value
        self._top.lines[key] = line

    def put(self, section: str, key: str, value: Any, line: int) -> None:
        """A setting of a section, unless it is there."""
        self._put(self._below(self._top, section, line), key, value, line)

    def put_below(self, section: str, key: str, name: str, value: Any, line: int) -> None:
        """A setting in a mapping of a section, unless it is there."""
        self._put(self._below(self._below(self._top, section, line), key, line), name, value, line)

    def model(self, name: str, params: Mapping[str, tuple[Any, int]], line: int) -> Mapped:
        """An entry of `model_list`; each parameter with the line that it comes from."""
        below = mapped({key: value for key, (value, _) in params.items()}, line)
        below.lines = {key: at for key, (_, at) in params.items()}
        return mapped({"model_name": name, "litellm_params": below}, line)

    def chain(self, key: str, name: str, after: Iterable[str], line: int) -> None:
        """An entry of `fallbacks` or its kin, under `litellm_settings`, unless that name has one."""
        section = self._below(self._top, "litellm_settings", line)
        chains = section.setdefault(key, listed((), line))
        section.lines.setdefault(key, line)
        if isinstance(chains, Listed) and not any(isinstance(each, Mapping) and name in each for each in chains):
            chains.append(mapped({name: listed(after, line)}, line))
            chains.lines.append(line)
            chains.texts.append("")

    def done(self) -> Mapped:
        """What was written."""
        return self._top

    def _below(self, above: Mapped, key: str, line: int) -> Mapped:
        found = above.get(key)
        if not isinstance(found, Mapped):
            found = above[key] = Mapped(line)
            above.lines[key] = line
        return found

    def _put(self, section: Mapped, key: str, value: Any, line: int) -> None:
        if key in section:
            return
        if isinstance(value, Mapping) and not isinstance(value, Mapped):
            value = mapped(value, line)
        elif isinstance(value, (list, tuple)) and not isinstance(value, Listed):
            value = listed(value, line)
        section[key] = value
        section.lines[key] = line


def _copied(value: Any, line: int) -> Any:
    """A section that may be written into; what has no keys is left for its reader to refuse."""
    if not isinstance(value, Mapping):
        return value
    made = mapped(value, line)
    if isinstance(value, Mapped):
        made.line, made.lines, made.texts = value.line, dict(value.lines), dict(value.texts)
    return made
