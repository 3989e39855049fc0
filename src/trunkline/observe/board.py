"""The page of metrics of all workers: this one's counts, the others' as they last wrote them, and what is so now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from urllib.parse import urlsplit, urlunsplit

from trunkline.config.schema import Deployment, Snapshot
from trunkline.observe.facts import Facts, Place
from trunkline.observe.metrics import Metrics, summed
from trunkline.route.health import standing
from trunkline.state.store import State
from trunkline.upstream.checkup import circuit_of, deployments


class Board:
    """Made once per process."""

    def __init__(self, metrics: Metrics, state: State) -> None:
        self.metrics = metrics
        self._state = state

    async def page(self, snapshot: Snapshot, accept: str = "", names: Collection[str] = ()) -> tuple[bytes, str]:
        """The page and its content type; of `names` alone, where there are any. Raises `StoreDown`.

        Written in a thread: it may have thousands of lines.
        """
        return await asyncio.to_thread(self._page, self.metrics.packed(), snapshot, accept, names)

    def _page(self, own: bytes, snapshot: Snapshot, accept: str, names: Collection[str]) -> tuple[bytes, str]:
        from trunkline.observe.exposition import page

        past, others = self._state.tallies.others()
        return page(summed(own, past, others), self._facts(snapshot), accept, names)

    def _facts(self, snapshot: Snapshot) -> Facts:
        now, circuits = time.time(), self._state.all_circuits()
        places = tuple(
            Place(
                each.id,
                each.provider.name,
                each.model,
                each.group,
                _base(each),
                standing(circuits.get(circuit_of(each)), now),
            )
            for each in deployments(snapshot)
        )
        return Facts(
            places=places,
            pending=self._state.pending(),
            live=self._state.live(),
            taken=self._state.lines.taken(),
            waiting=self._state.lines.waiting(),
            circuits={name: (standing(each, now), each.kind) for name, each in circuits.items()},
        )


def _base(deployment: Deployment) -> str:
    """Where it is asked first, without what may stand before the host's name."""
    door = next(iter(deployment.doors.values()), None)
    if door is None:
        return ""
    parts = urlsplit(door.base)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
