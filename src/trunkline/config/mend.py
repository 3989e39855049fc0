"""What would make a doubt go away, for whoever writes the configuration anew. Pure.

A doubt about a key says where that key stands and what becomes of it: it leaves, gets its right name, goes where it
works, or has another value. So what is told and what is mended cannot differ: both are said in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mend:
    """What becomes of one key of one mapping (or of one item of a list)."""

    data: Any
    """The mapping or list that it stands in."""
    key: str | int
    name: str = ""
    """Its key from now on; empty: it leaves."""
    section: str | None = None
    """The mapping that it goes to, below `beside`; None: it stays in its own."""
    beside: Mapping[str, Any] | None = None
    """Where that mapping is; None: at the top of the document."""
    value: Any = None
    """What stands there from now on; None: what stood there."""


def leaves(data: Any, key: str | int) -> Mend:
    """It does nothing, and goes."""
    return Mend(data, key)


def renamed(data: Any, key: str, name: str) -> Mend:
    """It gets its right name; without one it leaves."""
    return Mend(data, key, name=name)


def moved(data: Any, key: str, section: str, name: str = "", *, beside: Mapping[str, Any] | None = None) -> Mend:
    """It goes where it works."""
    return Mend(data, key, name=name or key, section=section, beside=beside)


def replaced(data: Any, key: str | int, value: Any) -> Mend:
    """It stays, with another value; with an empty one it leaves."""
    empty = value in ("", [], {}, ())
    return Mend(data, key, name="" if empty else str(key), value=None if empty else value)
