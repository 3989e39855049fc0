"""Signatures of thinking across wires: ours for thinking that has none, and foreign ones carried in our wrapping.

Clients that require a signature keep thinking in their tool loop only if it has one, so a provider that signs nothing
gets a mark of ours. What another wire signed travels inside it and comes back to its own provider byte for byte. Blocks
that carry a mark are never shown to a provider that would check them.
"""

from __future__ import annotations

import base64
import binascii
from typing import get_args

from trunkline.model.wires import Wire

PREFIX = "dHJ1bmtsaW5l"
"""How every mark begins: `trunkline` in base64."""

_WIRES = frozenset(get_args(Wire))


def seal(origin: Wire | str, signature: str = "") -> str:
    """A mark around a signature of `origin`; without one, only the mark."""
    return base64.b64encode(f"trunkline:1:{origin}:{signature}".encode(errors="surrogatepass")).decode()


def is_mark(signature: str) -> bool:
    """Whether a signature is ours."""
    return signature.startswith(PREFIX)


def unseal(mark: str) -> tuple[Wire | None, str]:
    """(origin, signature) of a mark; (None, "") for one that holds nothing or cannot be read."""
    try:
        text = base64.b64decode(mark, validate=True).decode(errors="surrogatepass")
    except (binascii.Error, ValueError):
        return None, ""
    parts = text.split(":", 3)
    if len(parts) != 4 or parts[2] not in _WIRES or not parts[3]:
        return None, ""
    return parts[2], parts[3]  # type: ignore[return-value]
