"""The roster in a running gateway: the ring that requests look into, the office that changes it, a thread for both.

Every worker looks at the generation of the shared state ten times a second, a few microseconds each, and reads what
changed when it has moved. A change is answered when that time has passed: so what an answer says holds everywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from trunkline.errors import StoreDown
from trunkline.roster.counter import AT_ONCE, Act
from trunkline.roster.office import Office
from trunkline.roster.ring import Ring

_log = logging.getLogger("trunkline.roster")

LOOK = 0.1
"""Seconds between two looks at the generation."""


class Generation(Protocol):
    """The number that all workers share, which grows when something changed."""

    def generation(self) -> int: ...


class Roster:
    """One per process."""

    def __init__(self, office: Office, ring: Ring, shared: Generation, *, alone: bool = False) -> None:
        """`alone`: no other worker must learn of what this one changes."""
        self.ring, self.office, self._shared, self._alone = ring, office, shared, alone
        self._thread = ThreadPoolExecutor(1, "roster")
        self._lock = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None
        self._trouble = ""

    async def start(self) -> None:
        """Reads everything, and begins to look. Raises `StoreDown`."""
        await self._read(self._shared.generation())
        self._watch = asyncio.get_running_loop().create_task(self._looking())

    async def refreshed(self) -> bool:
        """Reads what changed since the last look; whether something had."""
        generation = self._shared.generation()
        if generation == self.ring.generation:
            return False
        await self._read(generation)
        return True

    async def ask(self, act: Act, body: Mapping[str, Any], who: str) -> Any:
        """Does what is asked, off the loop. When it is answered, every worker knows of it."""
        before = self._shared.generation()
        answer = await self._call(lambda: act(self.office, body, who))
        moved = self._shared.generation() != before
        await self.refreshed()
        if moved and not self._alone and act not in AT_ONCE:
            await asyncio.sleep(2 * LOOK)
        return answer

    async def stop(self) -> None:
        """Ends."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await asyncio.to_thread(self._thread.shutdown)
        self.office.store.close()

    async def _call(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _read(self, generation: int) -> None:
        async with self._lock:
            if generation == self.ring.generation:
                return
            store, revision = self.office.store, self.ring.revision
            self.ring.take(*await self._call(lambda: store.since(revision)))
            self.ring.generation = generation

    async def _looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.refreshed()
            except StoreDown as down:
                # What was known holds until it can be read again; said once.
                if self._trouble != down.message:
                    self._trouble = down.message
                    _log.error("%s Keys are taken as they were.", down.message)
            else:
                self._trouble = ""
