"""Circuits that all workers share: one entry for each deployment or key that failed lately, none for a healthy one.

    circuits   name → the circuit, its name, and the life that tries it out

What a failure does to a circuit is the caller's to say, as a function: here it is stored. Nearly always the table is
empty, and looking at an empty table must cost nothing: that it was empty is believed for 20 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import lmdb
import msgspec

from trunkline.state.file import HotFile
from trunkline.state.names import key_of
from trunkline.state.sweep import Broom
from trunkline.state.types import Circuit

PROBE = 60.0
"""Seconds after which a probe that nobody ended is forgotten."""
MOST = 4096
"""Circuits that are kept: clients invent model names, and each that fails would be one."""
_UNUSED = 3600.0
_BELIEVED = 0.02
_SAID = 500
"""Characters of a failure's sentence that are kept."""

Change = Callable[[Circuit | None], Circuit | None]


class _Kept(msgspec.Struct, array_like=True):
    circuit: Circuit
    name: bytes
    """May hold half surrogates."""
    holder: bytes = b""
    """The life that the probe is of."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Kept).decode


class Circuits:
    """The table."""

    def __init__(self, file: HotFile, life: bytes) -> None:
        self._file, self._life = file, life
        self._table = file.table(b"circuits")
        self._broom = Broom(file, self._table)
        self._empty_until = 0.0

    def found(self, names: Sequence[str]) -> dict[str, Circuit]:
        """Those of the names that have a circuit. One moment of all; an empty table is up to 20 ms old."""
        if monotonic() < self._empty_until:
            return {}

        def read(transaction: lmdb.Transaction[bytes]) -> dict[str, Circuit]:
            circuits: dict[str, Circuit] = {}
            for name in names:
                packed = transaction.get(key_of(name), db=self._table)
                if packed is not None:
                    circuits[name] = _decode(packed).circuit
            if not circuits and not transaction.stat(self._table)["entries"]:
                self._empty_until = monotonic() + _BELIEVED
            return circuits

        return self._file.read(read)

    def every(self) -> dict[str, Circuit]:
        """All there are."""

        def read(transaction: lmdb.Transaction[bytes]) -> list[bytes]:
            with transaction.cursor(db=self._table) as cursor:
                return [packed for _, packed in cursor]

        kept = [_decode(packed) for packed in self._file.read(read)]
        return {each.name.decode("utf-8", "surrogatepass"): each.circuit for each in kept}

    def mend(self, name: str, change: Change) -> tuple[Circuit | None, Circuit | None]:
        """Reads, changes, writes, as one: before and after. `change` may be called twice; None deletes.

        A change that changes nothing, as most successes do, writes nothing.
        """
        key = key_of(name)
        packed = None
        if monotonic() >= self._empty_until:
            packed = self._file.read(lambda transaction: transaction.get(key, db=self._table))
        before = None if packed is None else _decode(packed).circuit
        after = change(None if packed is None else _decode(packed).circuit)
        if after == before:
            return before, after

        def write(transaction: lmdb.Transaction[bytes]) -> tuple[Circuit | None, Circuit | None]:
            packed = transaction.get(key, db=self._table)
            if packed is None:
                before, holder = None, b""
            else:
                kept = _decode(packed)
                before, holder = kept.circuit, kept.holder
            after = change(None if packed is None else _decode(packed).circuit)
            if after is None:
                transaction.delete(key, db=self._table)
            elif after != before:
                if packed is None:
                    self._make_room(transaction, key)
                probing = before is not None and after.probe == before.probe
                self._put(transaction, key, name, after, holder if probing else self._life)
            return before, after

        told = self._file.write(write)
        self._empty_until = 0.0
        return told

    def _put(
        self, transaction: lmdb.Transaction[bytes], key: bytes, name: str, circuit: Circuit, holder: bytes
    ) -> None:
        circuit.said = circuit.said[:_SAID].encode("utf-8", "replace").decode()
        kept = _Kept(circuit, name.encode("utf-8", "surrogatepass"), holder if circuit.probe else b"")
        transaction.put(key, _encode(kept), db=self._table)

    def _make_room(self, transaction: lmdb.Transaction[bytes], key: bytes) -> None:
        """A full table loses the next entry after the new one."""
        if transaction.stat(self._table)["entries"] < MOST:
            return
        with transaction.cursor(db=self._table) as cursor:
            if cursor.set_range(key) or cursor.first():
                cursor.delete()

    def probe(self, name: str, now: float) -> bool:
        """Takes the single probe: whether the caller may try the circuit out. So it may where none is any more."""
        key = key_of(name)

        def write(transaction: lmdb.Transaction[bytes]) -> bool:
            packed = transaction.get(key, db=self._table)
            if packed is None:
                return True
            circuit = _decode(packed).circuit
            # One in the future is from before the clock was set back.
            if circuit.probe and circuit.probe <= now < circuit.probe + PROBE:
                return False
            circuit.probe = now
            self._put(transaction, key, name, circuit, self._life)
            return True

        return self._file.write(write)

    def unprobe(self, name: str, now: float) -> None:
        """Gives a probe back that came to no verdict: its client left, say. `now` is what it was taken with."""

        def back(circuit: Circuit | None) -> Circuit | None:
            if circuit is not None and circuit.probe == now:
                circuit.probe = 0.0
            return circuit

        self.mend(name, back)

    def bury(self, transaction: lmdb.Transaction[bytes], life: bytes) -> None:
        """Probes of a dead life are free again."""
        with transaction.cursor(db=self._table) as cursor:
            held = [kept for kept in (_decode(packed) for _, packed in cursor) if kept.holder == life]
        for kept in held:
            name = kept.name.decode("utf-8", "surrogatepass")
            kept.circuit.probe = 0.0
            self._put(transaction, key_of(name), name, kept.circuit, b"")

    def sweep(self, now: float) -> None:
        """Forgets some whose last failure and rest are an hour ago, or lie in a future that was taken back."""

        def stale(_: bytes, packed: bytes) -> bool:
            circuit = _decode(packed).circuit
            return max(circuit.since, circuit.until) < now - _UNUSED or circuit.since > now + PROBE

        self._broom.sweep(stale)
