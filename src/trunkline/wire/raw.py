"""Members that are looked at undecoded. msgspec reads no `Raw | None`: absence has a value of its own."""

from __future__ import annotations

import msgspec

ABSENT = msgspec.Raw(b"")


def there(value: msgspec.Raw) -> bool:
    """Whether a member is present and not null."""
    return bytes(memoryview(value)[:5]) not in (b"", b"null")
