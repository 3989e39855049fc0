"""Holds, notes and rows as bytes and back. A record must never be refused for what a client or a provider put in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from trunkline.state.types import Hold, Progress, Row, Taken

_LARGE = 16 * 1024
_TEXT = 512
"""Characters that are kept of each text of a record that is larger than `_LARGE` bytes."""
_MOST = 10**15
"""The most that a number is believed: a million dollars, or a quadrillion tokens. Sums of it stay inside 64 bits."""

_COUNTED = {"b": b"b", "v": b"v"}
_encode = msgspec.msgpack.Encoder().encode
unpack_hold = msgspec.msgpack.Decoder(Hold).decode
unpack_progress = msgspec.msgpack.Decoder(Progress).decode
unpack_row = msgspec.msgpack.Decoder(Row).decode


def pack(record: Hold | Progress | Row) -> bytes:
    """The record's bytes. Half surrogates, giant numbers and giant texts, which nothing could store, are mended."""
    try:
        packed = _encode(record)
    except (UnicodeEncodeError, OverflowError):
        return _encode(_mended(record))
    return packed if len(packed) <= _LARGE else _encode(_mended(record))


def charged(funds: Sequence[Taken]) -> bytes:
    """What a row keeps of its budgets: of each, `b` (what is billed counts) or `v` (value), and its balance's key."""
    return _encode([_COUNTED[counts] + balance for balance, counts, _, _ in funds]) if funds else b""


def _mended(record: Hold | Progress | Row) -> Any:
    fields = {name: _mend(name, getattr(record, name)) for name in record.__struct_fields__}
    return type(record)(**fields)


def _mend(name: str, value: Any) -> Any:
    if isinstance(value, str):
        clean = value.encode("utf-8", "replace").decode()
        return clean if name in ("attempt", "request") else clean[:_TEXT]
    if name in ("taken", "funds"):
        return value
    if isinstance(value, tuple):
        return tuple(_mend(name, each) for each in value[: _TEXT // 8])
    if isinstance(value, int) and not isinstance(value, bool):
        return max(0, min(value, _MOST))
    return value
