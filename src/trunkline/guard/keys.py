"""Whose request is it? Finds the key in the headers that clients put keys in, and compares it in constant time.

Six headers carry keys, each with or without `Bearer`. A key of the gateway authenticates wherever it stands; what
else stands beside it is a credential of somebody's for something else: it is never forwarded, and is named in
`x-trunkline-ignored`, unless the configuration lets clients bring provider keys.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from trunkline.config.schema import Snapshot
from trunkline.errors import KeyMissing, NotAllowed
from trunkline.guard.grant import Grant

Find = Callable[[bytes], Grant | None]
"""What the holder of a virtual key may do; None for what is none."""

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
    """Who asks. `key` is what logs and the ledger call them: the id of a virtual key, `master`, or empty on a gateway
    without keys."""

    key: str = ""
    admin: bool = False
    ignored: tuple[str, ...] = ()
    """Names of headers that held another credential."""
    provider_key: str = field(default="", repr=False)
    """The caller's own provider key, where `trunkline.client_keys` lets it be used."""
    grant: Grant | None = None
    """What a virtual key may do; None for the master key, and on a gateway without keys."""
    alone: bool = False
    """Has no key of the gateway, only their own at a provider: nobody else's may be used for them."""

    @property
    def label(self) -> str:
        """What metrics call them: all who are alone together, since anybody can be many."""
        return "own" if self.alone else self.key


_ANYBODY = Caller()
_CLIENT = Grant(key="client", alias="client")
"""What the holder of `trunkline.client_key` may do: ask any model, administer nothing."""


def nobody(key: bytes) -> Grant | None:
    """Where there are no virtual keys."""
    return None


def identify(
    snapshot: Snapshot,
    headers: dict[bytes, bytes],
    repeated: Sequence[tuple[bytes, bytes]] = (),
    find: Find = nobody,
    now: float = 0.0,
) -> Caller:
    """The caller. Raises `KeyMissing` when the gateway has keys and none of them came, or one that has expired;
    `NotAllowed` for one that is blocked.

    `repeated` holds all headers where one stands twice: the table knows only the last of it. `find` knows the virtual
    keys; `now` is unix time. With `client_keys: allow` a key that is none of the gateway's is taken for one of a
    provider's, and needs none beside it.
    """
    master, client = snapshot.master_key, snapshot.client_key
    own = snapshot.client_keys != "deny"
    if master is None and client is None:
        # Agents need some word for a key and send any: only the header that means nothing else counts here.
        brought = bare(headers.get(_OWN_KEY, b"")) if own else b""
        return Caller(provider_key=brought.decode("latin-1")) if brought else _ANYBODY
    expected = master.value.encode() if master is not None else None
    for_clients = client.value.encode() if client is not None else None
    found = False
    others: dict[bytes, bytes] = {}
    grant: Grant | None = None
    for name, value in repeated or headers.items():
        if name not in _KEY_HEADERS:
            continue
        key = bare(value)
        if expected is not None and hmac.compare_digest(key, expected):
            found = True
        elif for_clients is not None and hmac.compare_digest(key, for_clients):
            grant = _CLIENT
        elif key and name not in others:
            others[name] = key
    if found:
        grant = None
    elif grant is None:
        for name, key in others.items():
            if (grant := find(key)) is not None:
                del others[name]
                break
        else:
            if snapshot.client_keys == "allow" and others:
                return _alone(others)
            raise _missing(headers, list(others))
        if others:  # the same key may stand in several headers
            others = {name: other for name, other in others.items() if other != key}
        check(grant, now)
        if not others:
            return Caller(grant.key, grant=grant)
    who, admin = ("master", True) if grant is None else (grant.key, False)
    if own and others:
        name = _OWN_KEY if _OWN_KEY in others else next(iter(others))
        rest = tuple(other.decode() for other in others if other != name)
        return Caller(who, admin, rest, others[name].decode("latin-1"), grant)
    return Caller(who, admin, tuple(name.decode() for name in others), "", grant)


def _alone(others: dict[bytes, bytes]) -> Caller:
    """Somebody with a provider's key and none of the gateway's. The ledger knows them by a digest of it."""
    name = _OWN_KEY if _OWN_KEY in others else next(iter(others))
    key = others[name].decode("latin-1")
    rest = tuple(other.decode() for other, value in others.items() if value != others[name])
    called = f"own-{fingerprint(key)}"
    return Caller(called, ignored=rest, provider_key=key, grant=Grant(key=called), alone=True)


def check(grant: Grant, now: float) -> None:
    """Raises `KeyMissing` for a key that has expired, `NotAllowed` for one that is blocked."""
    if grant.blocked:
        whose = "is blocked" if grant.closed == "key" else f"is not taken: it belongs to the {grant.closed}"
        blocked = "" if grant.closed == "key" or "deleted" in grant.closed else ", and that is blocked"
        raise NotAllowed(f"{grant.called} {whose}{blocked}.", remedy="Ask whoever gave it to you.", code="key_blocked")
    if grant.expires and now >= grant.expires:
        when = datetime.fromtimestamp(grant.expires, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        raise KeyMissing(f"{grant.called} expired at {when}.", remedy="Ask for a new one.", code="expired_key")


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
