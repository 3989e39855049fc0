"""What a picture is, told by its first bytes: Ollama's `images` are bare base64, other wires want a media type."""

from __future__ import annotations

import base64
import binascii

_HEAD = 32
"""Characters of base64 that hold every mark below: 24 bytes."""

_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypavif", "image/avif"),
)
"""(offset, bytes, media type). Sound is among them: Ollama takes it in `images` too (openai/openai.go, 2026-08)."""


def media_type(data: str) -> str:
    """The media type of base64 `data`; empty when it is not base64, or nothing that is known."""
    try:
        head = base64.b64decode(data[:_HEAD], validate=True)
    except (binascii.Error, ValueError):
        return ""
    for offset, mark, kind in _MARKS:
        if head.startswith(mark, offset):
            return kind
    return ""
