"""Content encodings of an answer, one flushed piece after another: gzip, deflate, zstd and br."""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard


class Encoder(Protocol):
    def piece(self, data: bytes) -> bytes: ...

    def end(self) -> bytes: ...


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._inner = zlib.compressobj(wbits=wbits)

    def piece(self, data: bytes) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._inner.flush()


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstandard.ZstdCompressor().compressobj()

    def piece(self, data: bytes) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._inner.flush()


class _StoredBrotli:
    """Valid brotli without compression: RFC 7932's uncompressed meta-blocks, so no library is needed."""

    def __init__(self) -> None:
        self._begun = False

    def piece(self, data: bytes) -> bytes:
        return b"".join(self._block(data[at : at + 65536]) for at in range(0, len(data), 65536))

    def _block(self, data: bytes) -> bytes:
        # Bits from the lowest: ISLAST 0, MNIBBLES 00 (four), MLEN - 1 in 16 bits, ISUNCOMPRESSED 1.
        bits = (len(data) - 1) << 3 | 1 << 19
        return self._window(bits).to_bytes(3, "little") + data

    def _window(self, bits: int) -> int:
        """The very first bit of the stream says that the window is 64 KB."""
        if self._begun:
            return bits
        self._begun = True
        return bits << 1

    def end(self) -> bytes:
        # ISLAST 1, ISLASTEMPTY 1.
        return bytes([self._window(0b11)])


class _Identity:
    def piece(self, data: bytes) -> bytes:
        return data

    def end(self) -> bytes:
        return b""


def encoder(name: str | None) -> Encoder:
    """An encoder for a content-encoding; ValueError for one that is unknown."""
    if name is None or name == "identity":
        return _Identity()
    if name == "gzip":
        return _Zlib(31)
    if name == "deflate":
        return _Zlib(15)
    if name == "zstd":
        return _Zstd()
    if name == "br":
        return _StoredBrotli()
    raise ValueError(f"unknown content encoding {name!r}: gzip, deflate, zstd and br are known")
