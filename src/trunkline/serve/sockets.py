"""Binds what the gateway listens on, once, before any worker exists: a second gateway on a port is refused."""

from __future__ import annotations

import errno
import ipaddress
import socket

from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid

BACKLOG = 2048


def bind(host: str, ports: tuple[int, ...]) -> list[socket.socket]:
    """A listening socket for each port. Raises `ConfigInvalid` that names the port or the host."""
    sockets: list[socket.socket] = []
    try:
        for port in ports:
            sockets.append(_bind_one(host, port))
    except BaseException:
        for each in sockets:
            each.close()
        raise
    return sockets


def _bind_one(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ConfigInvalid(f"Port {port} is out of range.", remedy="Use one from 1 to 65535.")
    try:
        rows = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigInvalid(
            f"--host {host!r} is no address of this machine: {error}.", remedy="Use 127.0.0.1."
        ) from None
    family, kind, protocol, _, address = rows[0]
    made = socket.socket(family, kind, protocol)
    try:
        # On POSIX this only lets a restarted gateway take the port back from its own closed connections.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
        made.setblocking(False)
        made.set_inheritable(True)
    except OSError as error:
        made.close()
        raise _cannot(host, port, error) from None
    return made


def _cannot(host: str, port: int, error: OSError) -> ConfigInvalid:
    if error.errno == errno.EADDRINUSE:
        return ConfigInvalid(
            f"Port {port} on {host} is in use.",
            remedy=f"Stop what listens there, or choose another port: --port {port + 1 if port < 65535 else 4000}.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ConfigInvalid(
            f"Port {port} may not be used by this user.", remedy="Choose one above 1023, for example --port 4000."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return ConfigInvalid(f"--host {host!r} is no address of this machine.", remedy="Use 127.0.0.1.")
    return ConfigInvalid(f"Port {port} on {host} cannot be listened on: {error.strerror}.", remedy="Choose another.")


def check_reach(host: str, snapshot: Snapshot, *, insecure: bool, container: bool) -> None:
    """Refuses to listen beyond this machine without a key. Raises `ConfigInvalid`."""
    if snapshot.locked or insecure or container or is_loopback(host):
        return
    raise ConfigInvalid(
        f"--host {host} can be reached from other machines, and this gateway has no key.",
        remedy="Set LITELLM_MASTER_KEY, use --host 127.0.0.1, or insist with --insecure.",
    )


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def urls(host: str, sockets: list[socket.socket], *, tls: bool) -> list[str]:
    """How a person on this machine reaches each socket."""
    shown = []
    for each in sockets:
        port = each.getsockname()[1]
        name = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound
        shown.append(f"{'https' if tls else 'http'}://{f'[{name}]' if ':' in name else name}:{port}")
    return shown
