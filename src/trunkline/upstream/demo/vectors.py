"""The demo's embeddings: deterministic unit vectors in which texts that share words lie near each other. Pure."""

from __future__ import annotations

import hashlib
import math
import sys
from array import array

from trunkline.errors import InvalidRequest

DIMENSIONS = 256
_MOST_DIMENSIONS = 4096
_MOST_NUMBERS = 2**19
_FAINT = 1e-3


def size_of(wanted: int | None) -> int:
    """How many dimensions a vector gets. Raises InvalidRequest beyond 1 to 4096."""
    if wanted is None:
        return DIMENSIONS
    if not 1 <= wanted <= _MOST_DIMENSIONS:
        raise InvalidRequest(f"dimensions must be from 1 to {_MOST_DIMENSIONS}.", param="dimensions")
    return wanted


def vectors(texts: list[str], size: int) -> list[array[float]]:
    """A vector for each text. Raises InvalidRequest when they would be more numbers than a demo should give."""
    if len(texts) * size > _MOST_NUMBERS:
        raise InvalidRequest(
            f"The demo model gives {_MOST_NUMBERS // size} vectors of {size} at a time.", param="input"
        )
    return [vector(text, size) for text in texts]


def vector(text: str, size: int) -> array[float]:
    """A vector of 32-bit floats and length 1: each word adds to four places, the whole text faintly to one."""
    sums = [0.0] * size
    whole = hashlib.blake2b(text.encode(), digest_size=8).digest()
    sums[int.from_bytes(whole, "little") % size] += _FAINT
    for word in text.lower().split():
        mark = hashlib.blake2b(word.encode(), digest_size=20).digest()
        for at in range(0, 20, 5):
            sums[int.from_bytes(mark[at : at + 4], "little") % size] += 1.0 if mark[at + 4] & 1 else -1.0
    length = math.sqrt(sum(one * one for one in sums))
    if length == 0.0:
        return array("f", [1.0] + [0.0] * (size - 1))
    return array("f", (one / length for one in sums))


def little_endian(values: array[float]) -> bytes:
    """The vector as little-endian 32-bit floats, whatever this machine's order is."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()
