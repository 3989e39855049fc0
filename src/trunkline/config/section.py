"""Reads one mapping of a configuration: references expanded, types as people write them, a line for each doubt."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from trunkline.config.environment import Environment
from trunkline.config.mend import Mend, leaves
from trunkline.config.refuse import refusal
from trunkline.config.schema import ConfigWarning
from trunkline.config.sources import Sources
from trunkline.config.yaml_lines import Listed, Mapped
from trunkline.errors import ConfigInvalid
from trunkline.model.lengths import seconds_of

Kind = Literal["unknown", "misplaced", "unsupported", "key", "value", "note"]

LITELLM_REFERENCE = "os.environ/"
BRACED = re.compile(r"\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}")
"""`${NAME}` and `${NAME:-default}`."""
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


@dataclass(slots=True)
class Reading:
    """One reading of one configuration: its files' names, the environment, and the doubts collected on the way."""

    sources: Sources
    environment: Environment
    ignore: frozenset[str] = frozenset()
    warnings: list[ConfigWarning] = field(default_factory=list)
    mends: list[tuple[Mend, ConfigWarning]] = field(default_factory=list)
    """What would make doubts go away, for `migrate`."""
    files: list[Path] = field(default_factory=list)
    """What was opened for it."""
    braces_noted: bool = False

    def where(self, line: int) -> str:
        """`config.yaml:12`; only the name where there is no line. (A line here is a position: see `sources`.)"""
        return self.sources.where(line)

    def warn(
        self, line: int, message: str, remedy: str = "", kind: Kind = "value", *mends: Mend, where: str = ""
    ) -> None:
        """Collects one doubt, once, with what would make it go away. `where`: a place that is told as it is."""
        warning = ConfigWarning(where or self.where(line), message, remedy, kind)
        if warning not in self.warnings:
            self.warnings.append(warning)
        self.mends += [(mend, warning) for mend in mends]

    def refuse(self, line: int, what: str, remedy: str) -> ConfigInvalid:
        """What to raise for that line."""
        return refusal(self.where(line), what, remedy)

    def expand(self, text: str, line: int) -> tuple[str | None, str]:
        """A string with its references resolved, and the variable it stood for as a whole; None when that is unset."""
        bare = text.strip()
        if bare.startswith(LITELLM_REFERENCE):
            variable = bare.removeprefix(LITELLM_REFERENCE).strip()
            return self.environment.get(variable), variable
        whole = BRACED.fullmatch(bare)
        if whole:
            self._note_braces(line)
            value = self.environment.get(whole[1]) or whole[2]
            return value, whole[1]
        if LITELLM_REFERENCE in text:
            message = f"`{LITELLM_REFERENCE}` inside a text is not expanded, here or in LiteLLM."
            self.warn(line, message, "Put the whole text into a variable, and refer to that.")
        if "${" not in text:
            return text, ""
        unset = [found[1] for found in BRACED.finditer(text) if found[1] not in self.environment and not found[2]]
        if unset:
            self.warn(line, f"`${{{unset[0]}}}` is left as it is: {unset[0]} is not set.", f"Set {unset[0]}.")
            return text, ""
        if BRACED.search(text):
            self._note_braces(line)
        return BRACED.sub(lambda found: self.environment.get(found[1]) or found[2] or "", text), ""

    def _note_braces(self, line: int) -> None:
        """Said once a file: the habit is the same on every line."""
        if not self.braces_noted:
            self.braces_noted = True
            remedy = "Write `os.environ/NAME` if LiteLLM is to read this file as well."
            self.warn(line, "`${NAME}` is expanded here, but LiteLLM would leave it as it is.", remedy, "note")

    def deep(self, value: Any, line: int) -> Any:
        """A value as plain data with every reference in it resolved; what refers to nothing is left out, and said."""
        if isinstance(value, str):
            text, variable = self.expand(value, line)
            if text is None:
                self.warn(line, f"{variable} is not set, so this value is left out.", f"Set {variable}.")
            return text
        if isinstance(value, Mapping):
            lines = value.lines if isinstance(value, Mapped) else {}
            pairs = ((str(key), item, self.deep(item, lines.get(key, line))) for key, item in value.items())
            return {key: made for key, item, made in pairs if made is not None or item is None}
        if isinstance(value, list):
            lined = value.lines if isinstance(value, Listed) else [line] * len(value)
            made = [(item, self.deep(item, at)) for item, at in zip(value, lined, strict=True)]
            return [done for item, done in made if done is not None or item is None]
        return value


class Section:
    """A mapping with its title. Every getter gives None (or an empty value) for a key that is absent or empty."""

    def __init__(
        self, reading: Reading, data: Mapping[str, Any], title: str, line: int = 0, parent: Section | None = None
    ) -> None:
        self.reading, self.data, self.title, self.parent = reading, data, title, parent
        self.at = data.line if isinstance(data, Mapped) else line

    def line(self, key: str) -> int:
        """The key's line, else the section's."""
        return self.data.line_of(key) if isinstance(self.data, Mapped) else self.at

    def value(self, key: str) -> Any:
        """The value with a reference resolved; lists and mappings come as they are."""
        raw = self.data.get(key)
        if not isinstance(raw, str):
            return raw
        text, variable = self.reading.expand(raw, self.line(key))
        if text is None:
            self.reading.warn(self.line(key), f"`{key}` refers to {variable}, which is not set.", f"Set {variable}.")
        return text

    def written(self, key: str) -> tuple[str, str]:
        """A string as it is, and the variable it referred to; for keys, whose absence is told elsewhere."""
        raw = self.data.get(key)
        if raw is None:
            return "", ""
        if isinstance(raw, (list, Mapping)):
            raise self.wrong(key, "one text")
        if not isinstance(raw, str):
            return self._text(key, raw), ""
        text, variable = self.reading.expand(raw, self.line(key))
        return text or "", variable

    def text(self, key: str) -> str:
        """A string, numbers taken as they were written."""
        value = self.value(key)
        if value is None:
            return ""
        if isinstance(value, (list, Mapping)):
            raise self.wrong(key, "one text")
        return value.strip() if isinstance(value, str) else self._text(key, value)

    def _text(self, key: str, value: Any) -> str:
        return (self.data.texts.get(key) if isinstance(self.data, Mapped) else None) or str(value)

    def number(self, key: str, *, least: float = 0.0) -> float | None:
        """A finite number, also when it was written as a string."""
        value = self.value(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            number = math.nan if isinstance(value, (bool, list, Mapping)) else float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number) or number < least:
            raise self.wrong(key, f"a number of at least {least:g}" if math.isfinite(least) else "a number")
        return number

    def integer(self, key: str, *, least: int = 0) -> int | None:
        """A whole number, also when it was written as a string or as `3.0`."""
        number = self.number(key, least=least)
        if number is None:
            return None
        if number != int(number):
            raise self.wrong(key, "a whole number")
        return int(number)

    def seconds(self, key: str) -> float | None:
        """A time-out: more than nothing."""
        number = self.number(key)
        if number == 0:
            raise self.wrong(key, "a number of seconds above 0")
        return number

    def length(self, key: str) -> int | None:
        """Seconds of `30d`, `12h`, ...; a bare number is seconds."""
        written = self.text(key)
        if not written:
            return None
        found = seconds_of(f"{written}s" if written.isdigit() else written)
        if found is None:
            raise self.wrong(key, "a length of time such as 30d, 12h or 1mo")
        return found

    def flag(self, key: str) -> bool | None:
        """True or false, in any of the ways people write them."""
        value = self.value(key)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if not isinstance(value, (list, Mapping)) and word in _TRUE | _FALSE:
            return word in _TRUE
        if word:
            raise self.wrong(key, "true or false")
        return None

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings; one string alone, or several with commas, is a list too."""
        value = self.value(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return tuple(word.strip() for word in value.split(",") if word.strip())
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        items = self.reading.deep(value, self.line(key))
        if not all(isinstance(item, (str, int, float)) and not isinstance(item, bool) for item in items):
            raise self.wrong(key, "a list of names")
        return tuple(str(item) for item in items)

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        """One of a few words. YAML reads a bare `off` as false, so the written word counts."""
        raw = self.data.get(key)
        word = self._text(key, raw).strip().lower() if isinstance(raw, bool) else self.text(key).lower()
        word = {"false": "off", "no": "off"}.get(word, word) if "off" in options else word
        if word and word not in options:
            raise self.wrong(key, " or ".join(f"`{option}`" for option in options))
        return word

    def mapping(self, key: str) -> Section | None:
        """A mapping below this one; None when absent or empty."""
        value = self.data.get(key)
        if value is None or value == {} or value == []:
            return None
        if not isinstance(value, Mapping):
            raise self.wrong(key, "a mapping (`name: value` lines)")
        return Section(self.reading, value, key, self.line(key), self)

    def stray(self, key: str, what: str, near: str) -> None:
        """Warns of a key that nobody knows; with `near` there is one that was most likely meant."""
        mend = Mend(self.data, key, name=near) if near else leaves(self.data, key)
        remedy = f"Did you mean `{near}`?" if near else "Remove it."
        self.reading.warn(self.line(key), f"`{key}` {what}", remedy, "unknown", mend)

    def wrong(self, key: str, wanted: str) -> ConfigInvalid:
        """What to raise for a value of a wrong type."""
        return self.reading.refuse(self.line(key), f"`{key}` of {self.title} must be {wanted}.", "Correct its value.")
