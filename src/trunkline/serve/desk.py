"""What the door of the gateway works with: the running configuration, the engine, and whether it is closing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trunkline.cache.answers import Answers
from trunkline.config.keeper import Edition, Refused
from trunkline.config.schema import Snapshot
from trunkline.guard.door import Network
from trunkline.observe.board import Board
from trunkline.observe.log import RequestLog
from trunkline.observe.story import Story
from trunkline.roster.room import Roster
from trunkline.state.types import Circuit
from trunkline.upstream.engine import Engine


@dataclass(slots=True)
class Desk:
    """One per process. `snapshot` is swapped whole; a request keeps the one it began with."""

    edition: Edition
    """Which configuration runs, and since when."""
    snapshot: Snapshot
    """The edition's."""
    reload: Callable[[], Awaitable[bool]]
    """Has the configuration read anew: whether it changed. Raises the `Failure` that forbids it."""
    engine: Engine
    log: RequestLog
    board: Board
    """Counts, and the page of those of all workers."""
    find: Callable[[str], Story | None]
    """What became of a request, by its id. Blocking: for a thread."""
    circuits: Callable[[], Mapping[str, Circuit]]
    """How deployments and keys do."""
    roster: Roster
    """Keys, users, teams and end users."""
    home: Path
    """Where the ledger is."""
    key_ids: Callable[[str], tuple[str, ...]] = lambda key: ()
    """What the ledger may call a key that is given whole or by a hash of it, LiteLLM's or the stored one."""
    answers: Answers = field(default_factory=Answers)
    """Kept answers, and those that several wait for."""
    secret: bytes = field(default=b"", repr=False)
    """Proves to a launcher of the same user that this process is a Trunkline."""
    refused: Refused | None = None
    """What was read last, and is not used."""
    neighbours: tuple[Network, ...] | None = None
    """Inside the image: who may use a gateway that has no key."""
    insecure: bool = False
    draining: bool = False
    in_flight: int = 0
    calls: int = 0
    """Those of the requests in flight that are for a model."""
