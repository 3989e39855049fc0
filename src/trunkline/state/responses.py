"""Which deployment made a response that its provider keeps: what comes back with its id must go there again.

Bounded twice: OpenAI keeps a response for 30 days (developers.openai.com, 2026-11), and beyond `MOST` of them the
oldest are forgotten first. Each step is a jump in a tree, never a walk; one write a response. What the machine lost in
a power failure is not known any more, and then the provider decides.
"""

from __future__ import annotations

import hashlib

import lmdb

from trunkline.state.file import HotFile

KEEP = 30 * 24 * 3600.0
"""Seconds."""
MOST = 200_000
"""Entries: some 30 MB of the file."""

_AT_ONCE = 4
"""Old entries that one write takes away: more than it adds, so that the room shrinks to its bounds by itself."""


class Responses:
    """The room of one process; all processes of a host see the same. Times are unix seconds."""

    def __init__(self, file: HotFile, most: int = MOST) -> None:
        self._file, self._most = file, most
        self._made = file.table(b"responses")
        """digest of the id → time it was written + deployment + zero + owner"""
        self._ages = file.table(b"responses_by_age")
        """time + digest → nothing"""

    def add(self, name: str, deployment: str, now: float, owner: str = "") -> None:
        """Writes down who made a response, and for whom. Raises `StoreDown`."""
        digest, at = _digest(name), _stamp(now)
        value = at + deployment.encode(errors="replace") + (b"\0" + owner.encode(errors="replace") if owner else b"")

        def put(transaction: lmdb.Transaction[bytes]) -> None:
            before = transaction.get(digest, db=self._made)
            if before is not None:
                transaction.delete(before[:8] + digest, db=self._ages)
            transaction.put(digest, value, db=self._made)
            transaction.put(at + digest, b"", db=self._ages)
            self._forget(transaction, _stamp(now - KEEP))

        self._file.write(put)

    def _forget(self, transaction: lmdb.Transaction[bytes], until: bytes) -> None:
        """Takes away the oldest few that are too old or too many."""
        count = transaction.stat(self._ages)["entries"]
        with transaction.cursor(db=self._ages) as cursor:
            for _ in range(_AT_ONCE):
                if not cursor.first() or (count <= self._most and cursor.key() >= until):
                    return
                transaction.delete(cursor.key()[8:], db=self._made)
                cursor.delete()
                count -= 1

    def find(self, name: str, now: float) -> tuple[str, str] | None:
        """The id of the deployment that made a response, and whose key it was made with; None when it is not known
        here. Raises `StoreDown`."""
        digest = _digest(name)
        value = self._file.read(lambda transaction: transaction.get(digest, db=self._made))
        if value is None or value[:8] < _stamp(now - KEEP):
            return None
        deployment, _, owner = value[8:].decode(errors="replace").partition("\0")
        return deployment, owner

    def count(self) -> int:
        """How many are known."""
        return self._file.read(lambda transaction: transaction.stat(self._made)["entries"])


def _digest(name: str) -> bytes:
    """Sixteen bytes, however long a provider makes its ids."""
    return hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=16).digest()


def _stamp(now: float) -> bytes:
    """Unix time in milliseconds, in an order that bytes have, too."""
    return max(0, int(now * 1000)).to_bytes(8, "big")
