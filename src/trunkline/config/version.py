"""A short digest of a snapshot, to tell two configurations apart in logs and in readiness. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from typing import Any

from trunkline.config.schema import Secret, Snapshot

_NO_MATTER = frozenset({"file", "files", "warnings", "variables", "version", "where", "key_where"})
"""Fields that say where something was written, or what is thought of it. `variables` count where they are used."""
_SECRET = frozenset({"headers", "sdk"})
"""Fields whose values may be secrets."""


def version_of(snapshot: Snapshot) -> str:
    """Twelve digits that differ when anything that matters differs.

    Long secrets take part as their hashes; of short ones only the length does, since a published hash of a guessable
    key could be guessed back.
    """
    digest = hashlib.sha256()
    for piece in _told(snapshot):
        digest.update(piece.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:12]


def _told(value: Any) -> Iterator[str]:
    """All that a value says, piece by piece, the same in every process."""
    if isinstance(value, Secret):
        yield from (value.source, _sealed(value.value))
    elif is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__
        for each in fields(value):
            if each.name not in _NO_MATTER:
                yield each.name
                inner = getattr(value, each.name)
                yield from map(_sealed, _told(inner)) if each.name in _SECRET else _told(inner)
    elif isinstance(value, Mapping):
        yield f"mapping of {len(value)}"
        for name, item in value.items():
            yield str(name)
            yield from _told(item)
    elif isinstance(value, Set):
        yield from (f"set of {len(value)}", *sorted(map(repr, value)))
    elif isinstance(value, tuple | list):
        yield f"list of {len(value)}"
        for item in value:
            yield from _told(item)
    else:
        yield repr(value)


def _sealed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if len(text) >= 24 else str(len(text))
