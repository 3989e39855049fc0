"""How a configuration is refused: one sentence what, one sentence remedy, the place in front. No I/O, no secrets."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from trunkline.errors import ConfigInvalid


def refusal(where: str, what: str, remedy: str) -> ConfigInvalid:
    """A `ConfigInvalid` whose message begins with `file:line` and whose remedy is a sentence of its own."""
    return ConfigInvalid(f"{where}: {what}", remedy=remedy)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that a person most likely meant, or an empty string when none is near.

    Case, hyphens and underscores do not count as differences.
    """
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(_fold(candidate), candidate)
    close = get_close_matches(_fold(name), folded, n=1, cutoff=0.78)
    return folded[close[0]] if close else ""


def _fold(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
