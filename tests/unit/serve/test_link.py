"""The two ends of a link between the parent and a worker, over a real socket."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.keeper import Edition, Refused
from trunkline.errors import ConfigInvalid, Draining
from trunkline.serve.crew import Crew
from trunkline.serve.link import Answer, Ask, Done, Link, Message, Offer, Told, Use

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="several workers need fork")


class Worker:
    """Writes down what happens to it."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.trouble: ConfigInvalid | None = None

    async def ready(self, edition: Edition) -> None:
        self.log.append(f"ready {edition.number}")
        if self.trouble is not None:
            raise self.trouble

    def use(self, edition: Edition) -> None:
        self.log.append(f"use {edition.number} of {len(edition.snapshot.groups)}")

    def told(self, refused: Refused | None) -> None:
        self.log.append(f"told {refused.message if refused else None}")

    def stop(self) -> None:
        self.log.append("stop")


def edition(number: int, models: int = 1) -> Edition:
    return Edition(number, snapshot(*(deployment(f"m{each}", model="m") for each in range(models))), "now")


def between(talk: Callable[[Crew, Link, Worker], Awaitable[None]]) -> None:
    async def run() -> None:
        ours, theirs = socket.socketpair()
        crew, link, worker = Crew(), Link(theirs), Worker()
        crew.join(1, ours)
        link.listen(worker.stop)
        link.follow(worker)
        try:
            await talk(crew, link, worker)
        finally:
            await link.close()
            crew.forget()

    asyncio.run(run())


async def hear(crew: Crew, count: int = 1) -> list[Message]:
    """That many messages of the worker."""
    heard: list[Message] = []
    async with asyncio.timeout(20):
        while len(heard) < count:
            await asyncio.sleep(0.005)
            heard += [message for _, message in crew.hear()]
    return heard


def test_an_edition_of_any_size_is_offered_and_used() -> None:
    async def talk(crew: Crew, link: Link, worker: Worker) -> None:
        crew.say(1, Offer(edition(2, 20_000)))
        assert crew.writers(), "more than a socket holds: the parent does not wait for it"
        assert await hear(crew) == [Done(2, used=False)]
        assert not crew.writers()
        crew.say(1, Use(2))
        assert await hear(crew) == [Done(2, used=True)]
        assert worker.log == ["ready 2", "use 2 of 20000"]

    between(talk)


def test_what_it_cannot_be_ready_for_is_said() -> None:
    async def talk(crew: Crew, link: Link, worker: Worker) -> None:
        worker.trouble = ConfigInvalid("No SDK.", remedy="Install it.")
        crew.say(1, Offer(edition(2)))
        (done,) = await hear(crew)
        assert isinstance(done, Done)
        assert done.failure is not None
        assert (type(done.failure), done.failure.sentence) == (ConfigInvalid, "No SDK. Install it.")
        worker.trouble = None
        crew.say(1, Told(Refused("now", "No SDK.", "")))
        crew.say(1, Told(None))
        crew.say(1, Offer(edition(2, 3)))
        await hear(crew)
        crew.say(1, Use(2))
        await hear(crew)
        assert worker.log == ["ready 2", "told No SDK.", "told None", "ready 2", "use 2 of 3"]

    between(talk)


def test_several_ask_and_each_has_its_own_answer() -> None:
    async def talk(crew: Crew, link: Link, worker: Worker) -> None:
        asking = [asyncio.ensure_future(link.reload()) for _ in range(4)]
        assert await hear(crew, 4) == [Ask(1), Ask(2), Ask(3), Ask(4)]
        asking[1].cancel()
        await asyncio.sleep(0)
        for ask, answer in ((4, Answer(4, True)), (2, Answer(2)), (3, Answer(3, failure=ConfigInvalid("bad")))):
            assert answer.ask == ask
            crew.say(1, answer)
        assert await asking[3] is True
        with pytest.raises(ConfigInvalid, match="bad"):
            await asking[2]
        crew.say(1, Answer(1))
        assert await asking[0] is False
        assert asking[1].cancelled()

    between(talk)


def test_the_end_of_the_parent_is_the_end_of_the_worker() -> None:
    async def talk(crew: Crew, link: Link, worker: Worker) -> None:
        asking = asyncio.ensure_future(link.reload())
        await hear(crew)
        crew.forget()
        for each in (asking, link.reload()):
            with pytest.raises(Draining):
                await each
        async with asyncio.timeout(10):
            while worker.log != ["stop"]:
                await asyncio.sleep(0.005)

    between(talk)


def test_a_worker_that_closes_its_end_is_not_listened_to_and_not_waited_for() -> None:
    async def talk(crew: Crew, link: Link, worker: Worker) -> None:
        await asyncio.sleep(0.05)
        await link.close()
        async with asyncio.timeout(10):
            while crew.readers():
                await asyncio.sleep(0.005)
                assert crew.hear() == []
        crew.say(1, Offer(edition(2)))
        crew.hear()
        assert not crew.writers()
        crew.leave(1)
        assert not crew.pids()
        crew.say(1, Use(2))

    between(talk)
