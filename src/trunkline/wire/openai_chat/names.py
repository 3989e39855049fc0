"""Names and ids as this wire's providers accept them: pure functions, so that the same call is always sent the same."""

from __future__ import annotations

import hashlib
import re

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_NINE = re.compile(r"[A-Za-z0-9]{9}\Z")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def sent_name(name: str, namespace: str = "") -> str:
    """The name that a tool is sent by: its own where it fits (letters, digits, `_`, `-`, at most 64 characters).

    A namespace stands before it. What has to be changed gets a few characters of its hash, so that two names never
    become one.
    """
    told = f"{namespace}__{name}" if namespace else name
    if _NAME.match(told):
        return told
    return f"{_UNFIT.sub('_', told)[:55]}_{_digest(told).hex()[:8]}"


def sent_id(told: str, nth: int = 0, *, nine: bool = False) -> str:
    """The id that a call and its result are sent by: its own where it fits (at most 40 characters; Mistral: nine).

    `nth` tells calls of one message apart that have the same id.
    """
    if nine:
        if _NINE.match(told) and not nth:
            return told
        number = int.from_bytes(_digest(f"{told}\0{nth}")[:8], "big")
        return "".join(_ALPHABET[number // 62**place % 62] for place in range(9))
    if told and len(told) <= 40 and told.isprintable() and not nth:
        return told
    return f"call_{_digest(f'{told}{chr(0)}{nth}').hex()[:24]}"


def key(told: str, most: int = 64) -> str:
    """A key that names somebody or something to a provider: as it is where it fits, else its hash."""
    return told if len(told) <= most else _digest(told).hex()[:32]


def hashed(told: str) -> str:
    """A person's id that is nobody else's business, as 32 characters that stay the same."""
    return _digest(told).hex()[:32]
