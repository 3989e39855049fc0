"""The networks that a container stands in: who may use a gateway in the image that has no key.

Linux's own tables of routes are read: what is reached without a router is near. Docker's published ports let another
machine's address through, or hide it behind the bridge's, by the engine's choice: so this is best effort.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path

from trunkline.errors import ConfigInvalid
from trunkline.guard.door import Network

ALLOWED = "TRUNKLINE_ALLOWED_IPS"
_UP, _GATEWAY = 0x1, 0x2
"""Flags of a route, from Linux's `route.h`."""


def neighbours(environ: Mapping[str, str], proc: Path = Path("/proc/net")) -> tuple[Network, ...]:
    """The container's own subnets, and what `TRUNKLINE_ALLOWED_IPS` names. Raises `ConfigInvalid` for what is none."""
    near = (*_routes(_text(proc / "route")), *_routes_6(_text(proc / "ipv6_route")))
    return tuple(dict.fromkeys((*near, *allowed(environ))))


def allowed(environ: Mapping[str, str]) -> Iterator[Network]:
    """Addresses and networks, with commas or blanks between them. Raises `ConfigInvalid`."""
    for word in environ.get(ALLOWED, "").replace(",", " ").split():
        try:
            yield ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise ConfigInvalid(
                f"{ALLOWED}: {word[:60]!r} is no address and no network.",
                remedy="Write it as 192.168.1.0/24, several with commas between them.",
            ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""  # no such protocol here


def _routes(table: str) -> Iterator[Network]:
    """`/proc/net/route`: addresses are hexadecimal, in the machine's (little-endian) order."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        flags = int(fields[3], 16)
        address, mask = (int.from_bytes(bytes.fromhex(fields[at]), "little") for at in (1, 7))
        if flags & _UP and not flags & _GATEWAY and mask:
            yield ipaddress.IPv4Network((address, mask.bit_count()))


def _routes_6(table: str) -> Iterator[Network]:
    """`/proc/net/ipv6_route`: addresses as 32 digits. Multicast and the loopback device are nobody's neighbours."""
    for line in table.splitlines():
        fields = line.split()
        flags = int(fields[8], 16)
        network = ipaddress.IPv6Network((bytes.fromhex(fields[0]), int(fields[1], 16)), strict=False)
        near = flags & _UP and not flags & _GATEWAY and network.prefixlen
        if near and fields[9] != "lo" and not network.is_multicast:
            yield network
