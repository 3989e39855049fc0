"""A sliding minute: sums in buckets of five seconds, twelve whole ones and the one that is being filled. Pure.

The oldest bucket counts whole until its last instant is a minute ago: so no minute, wherever it begins, ever holds more
than the limit; at worst, room comes back five seconds late. A window is a list: the number of the newest bucket, then a
ring of sums.
"""

from __future__ import annotations

from struct import Struct

SPAN = 60.0
WIDE = 5.0
"""Seconds of a bucket."""
KEPT = 13
_LAYOUT = Struct("<14Q")
_TOP = (1 << 62) - 1

Window = list[int]


def bucket_of(now: float) -> int:
    """The number of the bucket that an instant falls into."""
    return int(now // WIDE)


def rolled(packed: bytes | None, now: float) -> Window:
    """The window as it stands now. One from another boot of the machine, whose clock ran ahead, counts nothing."""
    bucket = int(now // WIDE)
    if packed is None:
        return [bucket, *(0,) * KEPT]
    window = list(_LAYOUT.unpack(packed))
    gone = bucket - window[0]
    if gone == 0:
        return window
    if not -KEPT < gone < KEPT:
        return [bucket, *(0,) * KEPT]
    # Another process may have looked at the clock a moment later: then time stands still.
    for each in range(window[0] + 1, bucket + 1):
        window[1 + each % KEPT] = 0
    window[0] = max(bucket, window[0])
    return window


def packed(window: Window) -> bytes:
    """Its bytes."""
    return _LAYOUT.pack(*window)


def used(window: Window) -> int:
    """What counts now."""
    return sum(window) - window[0]


def add(window: Window, amount: int) -> None:
    """Counts something now."""
    at = 1 + window[0] % KEPT
    window[at] = min(window[at] + amount, _TOP)


def correct(window: Window, bucket: int, held: int, real: int) -> None:
    """Puts what was really used in the place of what was held in a bucket. More than that counts from now."""
    if real > held:
        add(window, real - held)
    elif 0 <= window[0] - bucket < KEPT:
        at = 1 + bucket % KEPT
        window[at] = max(0, window[at] - held + real)


def wait(window: Window, need: int, now: float) -> float:
    """Seconds until so much has slid out, if nothing is added."""
    newest = window[0]
    for each in range(newest - KEPT + 1, newest + 1):
        need -= window[1 + each % KEPT]
        if need <= 0:
            return max(0.0, (each + KEPT) * WIDE - now)
    return SPAN + WIDE


def newest(packed: bytes) -> float:
    """When something was last counted, at the latest."""
    return (int.from_bytes(packed[:8], "little") + 1) * WIDE
