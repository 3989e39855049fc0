"""The parent's ends of the links to its workers. Never waits: what a worker does not take yet is kept for it."""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass, field

from trunkline.serve.link import Message, packed, unpacked


@dataclass(slots=True)
class _End:
    line: socket.socket
    came: bytearray = field(default_factory=bytearray)
    goes: bytearray = field(default_factory=bytearray)
    over: bool = False
    """It says no more: it ends, and will be reaped."""


class Crew:
    """Workers that live, by their pids."""

    def __init__(self) -> None:
        self._ends: dict[int, _End] = {}

    def join(self, pid: int, line: socket.socket) -> None:
        """A worker and the parent's end of its link."""
        line.setblocking(False)
        self._ends[pid] = _End(line)

    def leave(self, pid: int) -> None:
        """A worker is dead."""
        end = self._ends.pop(pid, None)
        if end is not None:
            end.line.close()

    def forget(self) -> None:
        """Closes all ends: in a parent that ends, so that workers hear it, and in what it forked, which is none."""
        for end in self._ends.values():
            end.line.close()
        self._ends.clear()

    def pids(self) -> Collection[int]:
        """Who lives."""
        return self._ends.keys()

    def readers(self) -> list[socket.socket]:
        """What to wait for."""
        return [end.line for end in self._ends.values() if not end.over]

    def writers(self) -> list[socket.socket]:
        """What to wait for until it takes more."""
        return [end.line for end in self._ends.values() if end.goes]

    def say(self, pid: int, message: Message) -> None:
        """Tells a worker something; one that is gone hears nothing."""
        end = self._ends.get(pid)
        if end is not None:
            end.goes += packed(message)
            _flush(end)

    def hear(self) -> list[tuple[int, Message]]:
        """Sends what waits and gives what came."""
        heard: list[tuple[int, Message]] = []
        for pid, end in self._ends.items():
            _flush(end)
            _take(end)
            heard += [(pid, message) for message in unpacked(end.came)]
        return heard


def _flush(end: _End) -> None:
    try:
        while end.goes:
            del end.goes[: end.line.send(end.goes)]
    except BlockingIOError:
        pass
    except OSError:
        end.goes.clear()


def _take(end: _End) -> None:
    try:
        while piece := end.line.recv(65536):
            end.came += piece
        end.over = True
    except BlockingIOError:
        pass
    except OSError:
        end.over = True
