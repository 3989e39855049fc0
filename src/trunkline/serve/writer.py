"""The ledger's writer: a process of its own, for a gateway with much to write.

A thread that writes thousands of rows takes the interpreter from the event loop just when it wants it, and the slowest
requests of each second are those that came meanwhile. The process that was busiest with the ledger starts this one and
gives it the lock, so that there is never a moment without an owner; whoever starts it is its parent, and ends it by
closing its input. When it dies, its parent takes the work back.

    parent  →  writer   by its standard input: a line a change of how long rows are kept, seconds or `null`; its end
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from trunkline.errors import Failure
from trunkline.ledger.fold import Folder
from trunkline.observe.lines import set_up_logging
from trunkline.state.lock import FileLock
from trunkline.state.store import State

_log = logging.getLogger("trunkline.ledger")

_MAIN = (
    "import sys; sys.path.append(sys.argv[1]); from trunkline.serve.writer import main; sys.exit(main(*sys.argv[2:]))"
)
_PACKAGES = str(Path(__file__).parents[2])
"""Where this package was found: a parent's search path is not its children's."""
_NICE = 10
"""A step back behind whoever answers requests, and still a tenth of a core where all are busy."""


class Writer:
    """The parent's hold on it. Raises `OSError` when it cannot be started."""

    def __init__(self, home: Path, lock: FileLock, keep: float | None) -> None:
        """`lock` goes over to the writer; the caller lets go of it. On Windows, the writer waits for that."""
        handle = lock.handle if sys.platform != "win32" else None
        level = logging.getLevelName(logging.getLogger().level)
        # Not from this folder: a program of the user's may lie there, named as a module of Python's is.
        given = [_PACKAGES, str(home), str(-1 if handle is None else handle), level]
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and words of ours
            [sys.executable, "-P", "-c", _MAIN, *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=() if handle is None else (handle,),
        )
        assert self._process.stdin is not None
        self._input = self._process.stdin
        self.pid = self._process.pid
        self.tell(keep)

    def ended(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""
        code = self._process.poll()
        if code is not None:
            self._input.close()
        return code

    def tell(self, keep: float | None) -> None:
        """Seconds after which rows are pruned; None keeps all."""
        # One that has died takes nothing; `ended` tells.
        with contextlib.suppress(OSError):
            self._input.write(json.dumps(keep).encode() + b"\n")

    def stop(self, within: float) -> None:
        """Lets it empty the outbox and end; kills one that takes longer."""
        self._input.close()
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main(folder: str, handle: str, level: str) -> int:
    """The process. `folder`: TRUNKLINE_HOME; `handle`: the lock's, or -1; `level`: its log's."""
    home = Path(folder)
    # A terminal, and whoever ends all processes of a service, tells each: its parent decides when the last row is in.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    set_up_logging(level)
    lock = FileLock(home / "fold.lock")
    if int(handle) >= 0:
        lock.adopt(int(handle))
    try:
        _write(home, lock)
    except Failure as failure:
        _log.error("%s", failure.sentence)
        return 3
    return 0


def _write(home: Path, lock: FileLock) -> None:
    """Until the parent closes the input, and what waits then is written."""
    state = State.open(home)
    try:
        folder = Folder(state, home, lock=lock)
        folder.start()
        for line in sys.stdin.buffer:
            folder.keep = json.loads(line)
        folder.stop()
    finally:
        state.close()
