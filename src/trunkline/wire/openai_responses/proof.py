"""What proves a reasoning item, as one string: its `encrypted_content` with the item's id before it, or a mark of ours.

The vendor ties the encrypted content to the id of its item and refuses the one without the other ("Encrypted content
item_id did not match the target item id", seen through 2026), but other wires have room for a signature only. So the
two travel together: `rs_…:…`. Ids that this gateway made up begin with `rs_tl_` and are never worth carrying.
"""

from __future__ import annotations

import hashlib
import re

from trunkline.model.wires import Wire
from trunkline.wire import marks

WIRE: Wire = "openai_responses"
OURS = "rs_tl_"
"""How ids of reasoning items begin that no provider gave."""

_JOINED = re.compile(r"(rs_[A-Za-z0-9_-]{1,96}):(.+)", re.DOTALL)
_ID = re.compile(r"rs_[A-Za-z0-9_-]{1,96}\Z")
_REDACTED = "redacted:"
"""Stands before a sealed signature of thinking that never had words: its own wire must be given it as such again."""


def join(item: str, encrypted: str) -> str:
    """The signature of a reasoning item."""
    return f"{item}:{encrypted}" if _ID.match(item) and not item.startswith(OURS) else encrypted


def split(signature: str) -> tuple[str, str]:
    """(item id, encrypted content); the id is empty when it was never told."""
    found = _JOINED.match(signature)
    return (found[1], found[2]) if found else ("", signature)


def item_id(signature: str, told: str = "") -> str:
    """The id to send a reasoning item with: its own, the one that is told, or one made from what it holds."""
    found, encrypted = split(signature)
    if found or _ID.match(told):
        return found or told
    return OURS + hashlib.sha256(encrypted.encode(errors="surrogatepass")).hexdigest()[:24]


def shown(signature: str, origin: str, *, redacted: bool) -> str:
    """`encrypted_content` for a client: the vendor's own as it was, another wire's in a mark, else an empty mark."""
    if not signature:
        return marks.seal("")
    if origin == WIRE:
        return split(signature)[1]
    return marks.seal(origin, _REDACTED + signature if redacted else signature)


def told(item: str, encrypted: str) -> tuple[str, Wire | None, bool]:
    """(signature, origin, redacted) of what a client sends back."""
    if not encrypted:
        return "", None, False
    if not marks.is_mark(encrypted):
        return join(item, encrypted), WIRE, False
    origin, signature = marks.unseal(encrypted)
    if signature.startswith(_REDACTED):
        return signature.removeprefix(_REDACTED), origin, True
    return signature, origin, False
