"""SIGHUP says one of two things: read the configuration anew (an operator), or the terminal is gone (the kernel)."""

from __future__ import annotations

import os
import signal
import sys


class Terminal:
    """The terminal that the gateway was started from, if it was. A start under `nohup`, from a service manager or in a
    container has none that could end it."""

    def __init__(self) -> None:
        self._had = sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN and _there()

    def gone(self) -> bool:
        """Whether it was closed meanwhile: then the hangup means the end."""
        return self._had and not _there()


def _there() -> bool:
    """Whether this process has a terminal (tty(4): opening `/dev/tty` fails where it has none, or no more)."""
    try:
        handle = os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0))
    except OSError:
        return False
    os.close(handle)
    return True
