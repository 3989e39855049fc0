"""Members that are looked at undecoded, and what bytes raise that cannot be read.

msgspec reads no `Raw | None`: absence has a value of its own.
"""

from __future__ import annotations

import msgspec

UNREADABLE = (ValueError, RecursionError)
"""What reading JSON may raise: msgspec's `DecodeError` is a `ValueError`, and so is `UnicodeDecodeError`.

Bytes that are no UTF-8 and JSON nested without end come from providers like any others."""

ABSENT = msgspec.Raw(b"")


def there(value: msgspec.Raw) -> bool:
    """Whether a member is present and not null."""
    return bytes(memoryview(value)[:5]) not in (b"", b"null")
