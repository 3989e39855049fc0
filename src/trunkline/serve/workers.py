"""Several workers on the same sockets: a parent that starts them, starts them again, and ends with them. POSIX only.

The parent also keeps the configuration: it alone reads it, and a worker that it starts has the one that is kept.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence

from trunkline.config.keeper import Keeper
from trunkline.errors import Failure
from trunkline.serve.alone import LOOK
from trunkline.serve.crew import Crew
from trunkline.serve.hangup import Terminal
from trunkline.serve.turnover import Turnover

_log = logging.getLogger("trunkline")

_QUICK = 2.0
"""A worker that ends sooner than this, seconds, after its start was not able to start."""
_QUICK_MOST = 5
"""So many quick ends in a row, and the parent gives up."""


class Workers:
    """`run` is what a worker does: it gets its end of the link to the parent."""

    def __init__(
        self, count: int, run: Callable[[socket.socket], int], drain: float, keeper: Keeper, terminal: Terminal
    ) -> None:
        self._count, self._run, self._drain, self._terminal = count, run, drain, terminal
        self._born: dict[int, float] = {}
        self._quick = 0
        self._stop = self._hangup = False
        self._crew = Crew()
        self._turnover = Turnover(keeper, self._crew.say, self._crew.pids, time.monotonic)
        self._looked = time.monotonic()
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)

    def supervise(self) -> int:
        """Blocks until stopped by SIGTERM or SIGINT; the exit code."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, self._on_hangup)
        for _ in range(self._count):
            self._start()
        while not self._stop:
            self._wait(LOOK, self._crew.readers(), self._crew.writers())
            self._reap()
            if self._quick >= _QUICK_MOST:
                _log.error("workers end as soon as they start; giving up. What they said stands above.")
                self._end()
                return 3
            while not self._stop and len(self._born) < self._count:
                self._start()
            self._configure()
        self._end()
        return 0

    def _on_stop(self, *_: object) -> None:
        self._stop = True

    def _on_hangup(self, *_: object) -> None:
        self._hangup = True

    def _start(self) -> None:
        own, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            # A worker of its own from here: nothing of the parent's may run in it again.
            code = 70
            try:
                signal.set_wakeup_fd(-1)
                for name in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                    signal.signal(name, signal.SIG_DFL)
                # A terminal tells all of its processes of its end: the parent decides what follows.
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                own.close()
                self._crew.forget()
                for end in (self._wake_read, self._wake_write):
                    os.close(end)
                code = self._run(theirs)
            except KeyboardInterrupt:
                code = 0
            except Failure as failure:
                _log.error("%s", failure.sentence)
                code = 3
            except BaseException:  # noqa: BLE001 - the last frame of a process: whatever it was is logged
                _log.exception("a worker ended by a defect of Trunkline")
            finally:
                os._exit(code)
        theirs.close()
        self._born[pid] = time.monotonic()
        self._crew.join(pid, own)
        self._turnover.began(pid)

    def _wait(
        self, seconds: float, readers: Sequence[socket.socket] = (), writers: Sequence[socket.socket] = ()
    ) -> None:
        """Until a signal comes, or one of these can be read or written."""
        waited: list[socket.socket | int] = [self._wake_read, *readers]
        select.select(waited, writers, [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _configure(self) -> None:
        """Whatever asks for another configuration, or is part of a change to one."""
        for pid, message in self._crew.hear():
            self._turnover.heard(pid, message)
        if self._hangup:
            self._hangup = False
            if self._terminal.gone():
                self._stop = True
                return
            self._turnover.reload()
        if time.monotonic() - self._looked >= LOOK:
            self._looked = time.monotonic()
            self._turnover.look()

    def _reap(self) -> None:
        for pid in list(self._born):
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done:
                continue
            lived = time.monotonic() - self._born.pop(pid)
            self._crew.leave(pid)
            self._turnover.ended(pid)
            if self._stop:
                continue
            self._quick = self._quick + 1 if lived < _QUICK else 0
            how = os.waitstatus_to_exitcode(status)
            _log.warning("worker %d ended (%s) after %.1f s; starting another", pid, how, lived)
            if lived < _QUICK:
                self._wait(0.2 * self._quick)

    def _end(self) -> None:
        """Tells the workers to drain, waits a little longer than they may take, and ends what is left."""
        for pid in self._born:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        self._stop = True
        self._crew.forget()
        until = time.monotonic() + self._drain + 1.5
        while self._born and time.monotonic() < until:
            self._wait(0.1)
            self._reap()
        for pid in self._born:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in self._born:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
