"""Tool names that Gemini takes, and the way back to the client's own.

A letter or `_` first, then letters, digits, `_`, `.`, `:` and `-`, 64 at most. Source: `FunctionDeclaration.name`,
ai.google.dev/api/caching (2026-11).
"""

from __future__ import annotations

import hashlib
import re

_FIT = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}\Z")
_UNFIT = re.compile(r"[^A-Za-z0-9_.:-]")


class Names:
    """The names of one request. `back` is sent name → the client's, for those that had to be changed."""

    def __init__(self) -> None:
        self.back: dict[str, str] = {}

    def sent(self, name: str) -> str:
        """How a tool is called there: the same whenever the same name is asked for."""
        if _FIT.match(name):
            return name
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
        made = f"{_UNFIT.sub('_', name)[:54]}_{digest}"
        if not _FIT.match(made):
            made = f"_{made}"
        self.back[made] = name
        return made
