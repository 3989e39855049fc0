"""What is counted under one name: attempts in flight, and requests and tokens of a sliding minute. Pure.

The minute is kept in buckets of five seconds, twelve whole ones and the one that is being filled. The oldest counts
whole until its last instant is a minute ago: so no minute, wherever it begins, ever holds more than the limit; at
worst, room comes back five seconds late.

A tally is an array of 64-bit numbers, which is also how it is stored: attempts in flight, the number of the newest
bucket, the sums of both minutes, a ring of requests, a ring of tokens, the tokens that attempts in flight set aside.
"""

from __future__ import annotations

from array import array

SPAN = 60.0
WIDE = 5.0
"""Seconds of a bucket."""
KEPT = 13
FLIGHTS, BUCKET, REQUESTS, TOKENS = 0, 1, 2, 3
"""Where in the array what stands; the last two are sums of the minute."""
REQUESTS_RING, TOKENS_RING = 4, 4 + KEPT
"""Where the ring of each sum begins."""
_RING = (0, 0, REQUESTS_RING, TOKENS_RING)
HELD = 4 + 2 * KEPT
"""Where in the array the tokens stand that attempts in flight set aside. They are among the minute's, too."""
FRESH = bytes(8 * (HELD + 1))
"""A tally of nothing, as it is stored."""
MOST = 10**12
"""The most that one attempt is believed to count: the sums stay far inside 64 bits."""


def bucket_of(now: float) -> int:
    """The bucket that a monotonic second falls into."""
    return int(now // WIDE)


def tally(packed: bytes | None, bucket: int) -> array[int]:
    """What stands in a bucket. A minute from another boot, whose clock ran ahead, counts nothing."""
    found = array("Q", packed or FRESH)
    turn(found, bucket)
    return found


def turn(found: array[int], bucket: int) -> None:
    """Brings what was written into the bucket that holds now."""
    if len(found) == HELD:
        found.append(0)  # from an older version
    if found[BUCKET] != bucket:
        _roll(found, bucket)


def _roll(found: array[int], bucket: int) -> None:
    gone = bucket - found[BUCKET]
    if not -KEPT < gone < KEPT:
        found[BUCKET] = bucket
        found[REQUESTS:] = array("Q", FRESH)[REQUESTS:]
    # Another process may have looked at the clock a moment later: then time stands still.
    elif gone > 0:
        for each in range(found[BUCKET] + 1, bucket + 1):
            for total in (REQUESTS, TOKENS):
                at = _RING[total] + each % KEPT
                found[total] -= found[at]
                found[at] = 0
        found[BUCKET] = bucket


def add(found: array[int], total: int, amount: int) -> None:
    """Counts so many `REQUESTS` or `TOKENS` now."""
    if amount > MOST:
        amount = MOST
    found[total] += amount
    found[_RING[total] + found[BUCKET] % KEPT] += amount


def correct(found: array[int], bucket: int, held: int, real: int) -> None:
    """Puts the tokens really used in the place of those held in a bucket. What is above them counts from now."""
    more = (real if real > 0 else 0) - (held if held < MOST else MOST)
    if more > 0:
        add(found, TOKENS, more)
    elif 0 <= found[BUCKET] - bucket < KEPT:
        at = TOKENS_RING + bucket % KEPT
        less = found[at] + more
        found[TOKENS] += more if less >= 0 else more - less
        found[at] = less if less > 0 else 0


def wait(found: array[int], total: int, need: int, now: float) -> float:
    """Seconds until so much has slid out, if nothing is added."""
    newest, ring = found[BUCKET], _RING[total]
    for each in range(max(0, newest - KEPT + 1), newest + 1):
        need -= found[ring + each % KEPT]
        if need <= 0:
            return max(0.0, (each + KEPT) * WIDE - now)
    return SPAN + WIDE


def newest(packed: bytes) -> float:
    """When the last bucket that something was counted in ends."""
    return (array("Q", packed)[BUCKET] + 1) * WIDE
