"""Names as keys of a table: any text becomes bytes that LMDB takes."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

_LONG = 200
"""Bytes. LMDB's own limit is 511."""


@lru_cache(maxsize=4096)
def key_of(name: str) -> bytes:
    """The name's bytes; of a long one, its beginning and a digest. Half surrogates are taken as they are."""
    plain = name.encode("utf-8", "surrogatepass")
    if 0 < len(plain) <= _LONG:
        return plain
    return plain[: _LONG - 32] + blake2b(plain, digest_size=16).hexdigest().encode()
