"""Whose request is it? Finds the key in the headers that clients put keys in, and compares it in constant time.

Six headers carry keys, each with or without `Bearer`. A key of the gateway authenticates wherever it stands; what
else stands beside it is a credential of somebody's for something else: it is never forwarded, and is named in
`x-trunkline-ignored`, unless the configuration lets clients bring provider keys.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from trunkline.config.schema import Snapshot
from trunkline.errors import KeyMissing
from trunkline.guard.grant import Grant

KEY_HEADERS = (
    b"authorization",
    b"x-api-key",
    b"api-key",
    b"x-goog-api-key",
    b"ocp-apim-subscription-key",
    b"x-litellm-api-key",
)

_KEY_HEADERS = frozenset(KEY_HEADERS)
_OWN_KEY = b"x-litellm-api-key"
"""Where a caller puts a provider key of their own, for this call."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `key` is what logs and the ledger call them: `master`, or empty on a gateway without keys."""

    key: str = ""
    admin: bool = False
    ignored: tuple[str, ...] = ()
    """Names of headers that held another credential."""
    provider_key: str = field(default="", repr=False)
    """The caller's own provider key, where `trunkline.client_keys: allow` lets it be used."""
    grant: Grant | None = None
    """What a virtual key may do; None for the master key, and on a gateway without keys."""


_ANYBODY = Caller()


def identify(snapshot: Snapshot, headers: dict[bytes, bytes], repeated: Sequence[tuple[bytes, bytes]] = ()) -> Caller:
    """The caller. Raises `KeyMissing` when the gateway has keys and none of them came.

    `repeated` holds all headers where one stands twice: the table knows only the last of it.
    """
    master = snapshot.master_key
    own = snapshot.client_keys == "allow"
    if master is None:
        # Agents need some word for a key and send any: only the header that means nothing else counts here.
        brought = bare(headers.get(_OWN_KEY, b"")) if own else b""
        return Caller(provider_key=brought.decode("latin-1")) if brought else _ANYBODY
    expected = master.value.encode()
    found = False
    others: list[bytes] = []
    for name, value in repeated or headers.items():
        if name not in _KEY_HEADERS:
            continue
        key = bare(value)
        if hmac.compare_digest(key, expected):
            found = True
        elif key and name not in others:
            others.append(name)
    if found and own and others:
        name = _OWN_KEY if _OWN_KEY in others else others[0]
        rest = tuple(other.decode() for other in others if other != name)
        return Caller("master", True, rest, bare(headers[name]).decode("latin-1"))
    if found:
        return Caller("master", True, tuple(name.decode() for name in others))
    raise _missing(headers, others)


def bare(value: bytes) -> bytes:
    """A header's value without the word `Bearer`, in any case, and without the spaces around."""
    value = value.strip()
    if value[:7].lower() == b"bearer ":
        value = value[7:].lstrip()
    return value


def fingerprint(key: str) -> str:
    """A short hash that names a key in a log without telling it."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def _missing(headers: dict[bytes, bytes], others: list[bytes]) -> KeyMissing:
    # Not a word of the other header: Claude Code takes an error that names it for its own login's (2.1, 2026-11).
    remedy = "Send this gateway's key as `Authorization: Bearer KEY`."
    if not others:
        return KeyMissing("No gateway key came with the request.", remedy=remedy)
    return KeyMissing(f"The key in {others[0].decode()} is not a key of this gateway.", remedy=remedy)
