"""Content codings of answers. We ask for none; some providers send one all the same, and bytes must be read."""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard

from trunkline.errors import ProviderGarbage


class Decoder(Protocol):
    """Undoes a coding piece by piece."""

    def decompress(self, data: bytes, /) -> bytes: ...


class _Gzip:
    """Gzip of one member or of several (RFC 1952, 2.2)."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def decompress(self, data: bytes, /) -> bytes:
        pieces = [self._inner.decompress(data)]
        while self._inner.eof and self._inner.unused_data:
            data = self._inner.unused_data
            self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
            pieces.append(self._inner.decompress(data))
        return b"".join(pieces)


class _Deflate:
    """`deflate` means zlib to the standard and raw deflate to some servers: the first byte tells."""

    def __init__(self) -> None:
        self._inner: Decoder | None = None

    def decompress(self, data: bytes, /) -> bytes:
        if self._inner is None:
            if not data:
                return b""
            self._inner = zlib.decompressobj() if data[0] & 0x0F == 8 else zlib.decompressobj(-zlib.MAX_WBITS)
        return self._inner.decompress(data)


def decoder(coding: str) -> Decoder | None:
    """What undoes a `content-encoding`; None when there is nothing to undo. Raises `ProviderGarbage`."""
    match coding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Gzip()
        case "deflate":
            return _Deflate()
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj()
    raise ProviderGarbage(
        f"The provider answered in the coding {coding[:40]!r}, though none was asked for.",
        remedy="A proxy between here and the provider may be adding it.",
    )


def undo(coder: Decoder, piece: bytes) -> bytes:
    """One piece decoded. Raises `ProviderGarbage` when it is not what the header says."""
    try:
        return coder.decompress(piece)
    except (zlib.error, zstandard.ZstdError) as error:
        raise ProviderGarbage(f"The provider's compressed answer cannot be decoded: {error}.") from None
