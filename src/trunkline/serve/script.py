"""The client for pages, as this gateway serves it: an ES module and its types, from the package's own files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent / "client"
FILES = {"client.js": b"text/javascript; charset=utf-8", "client.d.ts": b"text/plain; charset=utf-8"}
"""Name → content type."""


@cache
def text(name: str) -> bytes:
    """One of the files; read once."""
    return (_HERE / name).read_bytes()
