"""What the parent of several workers and a worker say to each other of the configuration, and the worker's end of it.

    parent → worker   Offer      make ready for this edition
                      Use        the edition that was offered runs from now on
                      Told       what was read last is refused, or nothing is any more
                      Answer     what came of what you asked for
    worker → parent   Ask        read the configuration anew
                      Done       of an Offer or a Use; an Offer may have failed

So all workers run the same edition, or none does. A message is its length, four bytes, and its pickle: both ends are
one program, and nobody else holds the socket. Its end is the parent's end, or the worker's.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from trunkline.config.keeper import Edition, Refused
from trunkline.errors import Draining, Failure

_log = logging.getLogger("trunkline")

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Offer:
    """Make ready for it."""

    edition: Edition


@dataclass(frozen=True, slots=True)
class Use:
    """It runs from now on."""

    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """What is refused now."""

    refused: Refused | None


@dataclass(frozen=True, slots=True)
class Answer:
    """To the ask of that number: whether anything changed, or why it was refused."""

    ask: int
    changed: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Read anew, and answer."""

    ask: int


@dataclass(frozen=True, slots=True)
class Done:
    """An Offer or a Use of that edition is done; or why it cannot be."""

    number: int
    used: bool
    failure: Failure | None = None


Message = Offer | Use | Told | Answer | Ask | Done


class Part(Protocol):
    """What follows the configuration in one process."""

    async def ready(self, edition: Edition) -> None:
        """Gets what the edition needs, and changes nothing. Raises the `Failure` that forbids to use it."""

    def use(self, edition: Edition) -> None:
        """It runs from now on; requests that have begun keep theirs."""

    def told(self, refused: Refused | None) -> None:
        """What was read last is refused; None: nothing is any more."""

    def stop(self) -> None:
        """The gateway is to end."""


def packed(message: Message) -> bytes:
    """A message as it is sent."""
    data = pickle.dumps(message)
    return _LENGTH.pack(len(data)) + data


def unpacked(held: bytearray) -> list[Message]:
    """The messages that are whole, taken out of what came."""
    found: list[Message] = []
    while len(held) >= _LENGTH.size and len(held) >= (end := _LENGTH.size + _LENGTH.unpack_from(held)[0]):
        found.append(pickle.loads(bytes(held[_LENGTH.size : end])))  # noqa: S301 - see above
        del held[:end]
    return found


class Link:
    """The worker's end. `part` is given when it can follow; what was said before waits."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._asked: dict[int, asyncio.Future[bool]] = {}
        self._last = 0
        self._offered: Edition | None = None
        self._over = False
        self._opened = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._part: asyncio.Future[Part] | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(self, stop: Callable[[], None]) -> None:
        """Begins, inside the running loop. `stop`: the parent is gone."""
        loop = asyncio.get_running_loop()
        self._part = loop.create_future()
        self._task = loop.create_task(self._hear(stop), name="link")

    def follow(self, part: Part) -> None:
        """From now on it is told."""
        assert self._part is not None
        self._part.set_result(part)

    async def close(self) -> None:
        """Hears no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()

    async def reload(self) -> bool:
        """Has the configuration read anew: whether it changed, once all workers run it. Raises what forbids it."""
        await self._opened.wait()
        if self._over:
            raise _ending()
        self._last += 1
        number = self._last
        asked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[number] = asked
        try:
            self._say(Ask(number))
            return await asked
        finally:
            del self._asked[number]

    async def _hear(self, stop: Callable[[], None]) -> None:
        assert self._part is not None
        try:
            reader, self._writer = await asyncio.open_unix_connection(sock=self._line)
            self._opened.set()
            part = await self._part
            while True:
                (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
                message: Any = pickle.loads(await reader.readexactly(length))  # noqa: S301 - see above
                try:
                    await self._heard(part, message)
                except Exception:  # noqa: BLE001 - a defect must not make it deaf: it would outlive its parent
                    _log.exception("a worker could not follow the configuration, by a defect of Trunkline")
        except (OSError, asyncio.IncompleteReadError):
            self._over = True
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(_ending())
            stop()

    async def _heard(self, part: Part, message: Message) -> None:
        match message:
            case Offer(edition):
                self._offered = edition
                self._say(Done(edition.number, used=False, failure=await _readied(part, edition)))
            case Use(number):
                if self._offered is not None and self._offered.number == number:
                    part.use(self._offered)
                    self._offered = None
                self._say(Done(number, used=True))
            case Told(refused):
                part.told(refused)
            case Answer(ask, changed, failure):
                asked = self._asked.get(ask)
                if asked is None or asked.done():
                    return
                if failure is not None:
                    asked.set_exception(failure)
                else:
                    asked.set_result(changed)

    def _say(self, message: Message) -> None:
        assert self._writer is not None
        self._writer.write(packed(message))


def _ending() -> Draining:
    return Draining("The gateway is shutting down.", remedy="It reads its configuration when it starts.", retry_after=1)


async def _readied(part: Part, edition: Edition) -> Failure | None:
    try:
        await part.ready(edition)
    except Failure as failure:
        return failure
    return None
