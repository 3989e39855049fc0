"""How much is logged: the words that people write for it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

LEVELS: Mapping[str, str] = {
    "critical": "error",
    "fatal": "error",
    "error": "error",
    "warn": "warning",
    "warning": "warning",
    "info": "info",
    "debug": "debug",
    "trace": "debug",
}
VARIABLES = ("LITELLM_LOG", "LITELLM_LOG_LEVEL")
"""Environment names that hold one, the first that is set counts."""


def level_of(word: str) -> str:
    """`debug`, `info`, `warning` or `error`; empty for what is no level."""
    return LEVELS.get(word.strip().lower(), "")


def doubt(source: str, word: str) -> str:
    """The sentence about a word that is none."""
    return f"{source}: {word!r} is no level. Known are debug, info, warning and error; info is used."
