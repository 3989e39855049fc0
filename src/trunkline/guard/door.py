"""A gateway without a key, at its door: only this machine's own programs may come in.

Anybody who can reach an unprotected port spends its owner's money; a web page can reach loopback, too, by a plain
form post or by a name that resolves to 127.0.0.1. So: loopback `Host` names, JSON bodies, no foreign `Origin`.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import urlsplit

from trunkline.errors import NotAllowed, WrongContentType

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
"""Addresses that are near each other."""

_LOCAL_NAMES = frozenset({"localhost", "ip6-localhost"})


def check_unlocked(
    headers: dict[bytes, bytes],
    peer: str,
    *,
    has_body: bool,
    neighbours: tuple[Network, ...] | None = None,
    insecure: bool = False,
    named: bool = False,
) -> None:
    """Raises `NotAllowed` or `WrongContentType` when a request may not use a gateway that has no key.

    `neighbours`: inside the image, the networks that may come in; names without a dot and bare addresses are then the
    compose network's own.
    `insecure`: the operator insisted; hosts and peers are not looked at, origins and content types still are.
    `named`: the configuration names the origin as one whose pages may come in.
    """
    host = headers.get(b"host", b"").decode("latin-1")
    if not insecure and not is_local_host(host) and not (neighbours is not None and _is_network_name(host)):
        raise NotAllowed(
            f"This gateway has no key, so it answers only to this machine's own names, not to host {host[:80]!r}.",
            remedy="Use http://127.0.0.1 or http://localhost, or set LITELLM_MASTER_KEY and send it.",
        )
    if not insecure and peer and not _is_loopback(peer) and not _is_near(peer, neighbours or ()):
        here = "start with --insecure" if neighbours is None else f"put {peer} into TRUNKLINE_ALLOWED_IPS"
        raise NotAllowed(
            f"This gateway has no key, so it does not answer {peer}.",
            remedy=f"Set LITELLM_MASTER_KEY and send it, or {here}.",
        )
    origin = headers[b"origin"].decode("latin-1") if b"origin" in headers else None
    if origin is not None and not is_local_origin(origin) and not named:
        raise NotAllowed(
            f"This gateway has no key, so pages of {origin[:120]!r} may not use it.",
            remedy="Set LITELLM_MASTER_KEY, name that origin in `cors_origins`, or open the page from localhost.",
        )
    if has_body and not _is_json(headers.get(b"content-type", b"")):
        raise WrongContentType(
            "This gateway has no key, so it reads JSON bodies only (a web page could send any other).",
            remedy="Send `content-type: application/json`, or set LITELLM_MASTER_KEY and send it.",
        )


@lru_cache(maxsize=256)
def is_local_host(host: str) -> bool:
    """Whether a `Host` header, with or without a port, names this machine's loopback."""
    name = _name(host)
    return bool(name) and (name in _LOCAL_NAMES or name.endswith(".localhost") or _is_loopback(name))


def is_local_origin(origin: str) -> bool:
    """Whether a page comes from this machine. `null` (a file, a sandboxed frame) does not count."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_local_host(parts.netloc)


def _name(host: str) -> str:
    """The name in a `Host` header, in lower case; empty for what is none."""
    try:
        return urlsplit("//" + host).hostname or ""
    except ValueError:
        return ""


def _is_network_name(host: str) -> bool:
    name = _name(host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return bool(name) and "." not in name
    return True


@lru_cache(maxsize=1024)
def _is_loopback(name: str) -> bool:
    address = _address(name)
    return address is not None and address.is_loopback


@lru_cache(maxsize=1024)
def _is_near(peer: str, neighbours: tuple[Network, ...]) -> bool:
    address = _address(peer)
    return address is not None and any(address in network for network in neighbours)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, an IPv4 one out of its IPv6 wrapping; None for what is none."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_json(content_type: bytes) -> bool:
    kind = content_type.split(b";", 1)[0].strip().lower()
    return kind == b"application/json" or (kind.startswith(b"application/") and kind.endswith(b"+json"))
