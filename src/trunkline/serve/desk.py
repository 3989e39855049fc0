"""What the door of the gateway works with: the running configuration, the engine, and whether it is closing."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.config.schema import Snapshot
from trunkline.observe.counts import Counts
from trunkline.observe.log import RequestLog
from trunkline.upstream.engine import Engine


@dataclass(slots=True)
class Desk:
    """One per process. `snapshot` is swapped whole; a request keeps the one it began with."""

    snapshot: Snapshot
    engine: Engine
    log: RequestLog
    counts: Counts = field(default_factory=Counts)
    secret: bytes = field(default=b"", repr=False)
    """Proves to a launcher of the same user that this process is a Trunkline."""
    since: str = ""
    """When this snapshot began to be used."""
    container: bool = False
    insecure: bool = False
    draining: bool = False
    in_flight: int = 0
