"""The configuration of a gateway that is one process: looked at each second, read anew by signal and on request."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable

from trunkline.config.keeper import Edition, Keeper
from trunkline.errors import Failure
from trunkline.serve.hangup import Terminal
from trunkline.serve.link import Part

_log = logging.getLogger("trunkline")

LOOK = 1.0
"""Seconds between two looks at the files."""


class Alone:
    """Stands where a worker of several has its link to the parent."""

    def __init__(self, keeper: Keeper, terminal: Terminal) -> None:
        self._keeper, self._terminal = keeper, terminal
        self._hangup = asyncio.Event()
        self._lock = asyncio.Lock()
        self._part: Part | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(self, stop: Callable[[], None]) -> None:
        """Takes the signal, inside the running loop. `stop` ends the gateway, as its terminal's end does."""

        def hung_up() -> None:
            if self._terminal.gone():
                stop()
            else:
                self._hangup.set()

        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up)

    def follow(self, part: Part) -> None:
        """From now on it is told."""
        self._part = part
        self._task = asyncio.get_running_loop().create_task(self._look(), name="configuration")

    async def close(self) -> None:
        """Looks no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def reload(self) -> bool:
        """Reads the configuration anew: whether it changed. Raises what forbids it."""
        # What has begun ends, also where whoever asked for it goes away.
        return await asyncio.shield(asyncio.ensure_future(self._reload()))

    async def _reload(self) -> bool:
        assert self._part is not None
        async with self._lock:
            try:
                edition = await self._next()
            except Failure as failure:
                self._keeper.refuse(failure)
                self._part.told(self._keeper.refused)
                raise
            if edition is None:
                self._keeper.same()
                self._part.told(None)
                return False
            self._keeper.take(edition)
            self._part.use(edition)
            return True

    async def _next(self) -> Edition | None:
        assert self._part is not None
        edition = await asyncio.to_thread(self._keeper.next)
        if edition is not None:
            await self._part.ready(edition)
        return edition

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._hangup.wait()
            asked = self._hangup.is_set()
            self._hangup.clear()
            if asked or await self._due():
                try:
                    await self.reload()
                except Failure:
                    pass  # the keeper has told it
                except Exception:  # noqa: BLE001 - a defect must not end the looks
                    _log.exception("the configuration could not be followed, by a defect of Trunkline")

    async def _due(self) -> bool:
        async with self._lock:
            return await asyncio.to_thread(self._keeper.due)
