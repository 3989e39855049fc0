"""The two things the pool asks of a socket itself: to be made so that silence is noticed, and whether it was closed."""

from __future__ import annotations

import asyncio
import select
import socket
from typing import Any

_PROBES = (("TCP_KEEPIDLE", 60), ("TCP_KEEPALIVE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 5))
"""Seconds and counts. A model may think for minutes without a byte: probes keep address translators from forgetting
the connection, and tell of a peer that vanished. `TCP_KEEPALIVE` is macOS's name for the first."""


def new_socket(address: tuple[Any, ...]) -> socket.socket:
    """A TCP socket with keep-alive probes on. `address` is a row of `socket.getaddrinfo`."""
    family, kind, protocol = address[:3]
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _PROBES:
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made


def is_readable(transport: asyncio.Transport) -> bool:
    """Whether something waits to be read. On an idle connection that is its end, or bytes nobody asked for."""
    wrapped = transport.get_extra_info("socket")
    if wrapped is None:
        return True
    number = wrapped.fileno()
    if number < 0:
        return True
    if hasattr(select, "poll"):
        waiting = select.poll()
        waiting.register(number, select.POLLIN)
        return bool(waiting.poll(0))
    return bool(select.select([number], [], [], 0)[0])
