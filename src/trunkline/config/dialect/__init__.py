"""Other shapes of configuration files. Each is recognised by what stands in it and rewritten into LiteLLM's own shape.

What LiteLLM has no word for is written under `trunkline:`. So a dialect can say nothing that has no native spelling,
and the rewritten document is the file that its writer could have today. Lines stay those of the file that was read.
"""

from __future__ import annotations

from types import ModuleType
from typing import Protocol

from trunkline.config.dialect import browser, chain, providers
from trunkline.config.section import Reading
from trunkline.config.yaml_lines import Mapped

LITELLM = "litellm"


class Dialect(Protocol):
    """What a module of this folder has."""

    NAME: str

    def matches(self, top: Mapped) -> bool:
        """Whether a parsed document has this shape."""

    def translate(self, reading: Reading, top: Mapped) -> Mapped:
        """The same in LiteLLM's shape; its doubts go to `reading`. Raises `ConfigInvalid` for what cannot be run."""


_KNOWN: tuple[ModuleType, ...] = (browser, chain, providers)


def native(reading: Reading, top: Mapped) -> tuple[str, Mapped]:
    """The name of the dialect that a document is written in, and the document in LiteLLM's shape."""
    for dialect in _KNOWN:
        if dialect.matches(top):
            return dialect.NAME, dialect.translate(reading, top)
    return LITELLM, top
