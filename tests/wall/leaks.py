"""What a running gateway holds, seen from outside: the same after a fault as before it, or something leaks.

Touches its page of metrics and what the system tells of its process, nothing else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, fields

import psutil

from tests.harness import Gateway
from tests.wall.asking import ask
from tests.wall.scenes import KEY
from trunkline.upstream.pool import IDLE_SECONDS

PLAIN_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
"""For a gateway's environment: glibc gives what was freed back to the system at once (`man mallopt`), so that memory
that stays is memory that is held."""

_GAUGES = {
    "requests": "trunkline_requests_in_flight",
    "attempts": "trunkline_attempts_in_flight",
    "places": "trunkline_places_taken",
    "waiting": "trunkline_queue_waiting",
    "tasks": "trunkline_tasks",
}
_PAGE = "/metrics?" + "&".join(f"name[]={name}" for name in _GAUGES.values())


@dataclass(frozen=True, slots=True)
class Held:
    """`attempts` are holds. `files` are all descriptors, sockets among them. `memory`: bytes that are no file's."""

    requests: int
    attempts: int
    places: int
    waiting: int
    tasks: int
    files: int
    memory: int


def held(gateway: Gateway) -> Held:
    """What one worker holds now, with the task and the socket that answer this question."""
    reply = ask(gateway.url, _PAGE, headers=KEY)
    assert reply.status == 200, reply.body
    told = [line.rpartition(" ") for line in reply.body.decode().splitlines() if not line.startswith("#")]
    gauges = {
        field: int(sum(float(number) for name, _, number in told if name.partition("{")[0] == gauge))
        for field, gauge in _GAUGES.items()
    }
    assert gauges["tasks"] > 0, "tasks are not counted"
    process = psutil.Process(gateway.pid)
    memory = process.memory_info()
    return Held(**gauges, files=process.num_fds(), memory=memory.rss - getattr(memory, "shared", 0))


class Quiet:
    """Remembers what a gateway holds that is warm and asked nothing. `slack`: bytes of memory that may come and go."""

    def __init__(self, gateway: Gateway, *, slack: int) -> None:
        self._gateway, self._slack = gateway, slack
        looks = []
        for _ in range(10):
            looks.append(held(gateway))
            time.sleep(0.03)
        # The least of several looks: what only passes by is no part of the measure.
        self.before = Held(*(min(getattr(look, field.name) for look in looks) for field in fields(Held)))
        under_way = (self.before.requests, self.before.attempts, self.before.places, self.before.waiting)
        assert under_way == (0, 0, 0, 0), f"what has ended is under way still: {self.before}"

    def _kept(self, now: Held) -> list[str]:
        """What there is more of than before."""
        most = {field.name: getattr(self.before, field.name) for field in fields(Held)}
        most["memory"] += self._slack
        return [
            f"{name}: {getattr(now, name)}, of at most {value}"
            for name, value in most.items()
            if getattr(now, name) > value
        ]

    def kept(self, *, within: float) -> list[str]:
        """What is held that was not before, and still is in `within` seconds; empty as soon as nothing is."""
        end, pause = time.monotonic() + within, 0.02
        while (kept := self._kept(held(self._gateway))) and time.monotonic() < end:
            time.sleep(pause)
            # To be asked takes memory, too: not often, where it lasts.
            pause = min(0.5, 1.2 * pause)
        return kept

    def check(self) -> None:
        """Waits until nothing is held that was not before. AssertionError, when it outlives all that may.

        A provider may be left with one more idle connection than before, which is kept for `IDLE_SECONDS`: a call that
        came before the last one's was free again made it.
        """
        kept = self.kept(within=IDLE_SECONDS + 10)
        assert not kept, f"the gateway still keeps what ended a minute ago; {'; '.join(kept)}"
