"""The configuration that runs, and the next one. One process of a gateway keeps it, and is the only one that reads it.

Whatever asks for another reading (a changed file, a signal, a page) comes to `next`, which changes nothing: it gives
an edition that can be taken whole, or raises what is wrong with it. What it was made from is watched.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trunkline.config.differences import told
from trunkline.config.files import Watch
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid, Failure

_log = logging.getLogger("trunkline.config")

Read = Callable[[list[Path]], Snapshot]
"""Reads and checks a configuration, and tells the list each file that it opens. Raises `ConfigInvalid`."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One configuration, as it was taken into use."""

    number: int
    """1 for the one that the gateway started with."""
    snapshot: Snapshot
    since: str
    """RFC 3339, UTC."""
    restart: tuple[str, ...] = ()
    """Settings that are not in effect: they were changed, and are bound at the start."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A configuration that was read last and is not used."""

    at: str
    """RFC 3339, UTC."""
    message: str
    remedy: str


class Keeper:
    """One per gateway."""

    def __init__(
        self, read: Read, now: Callable[[], str], bound: Callable[[Snapshot], Mapping[str, object]] = lambda _: {}
    ) -> None:
        """Reads the first one; raises `ConfigInvalid`. `now` is the present as text. `bound` names what is bound at the
        start, and what it is bound to."""
        self._read, self._now, self._bound = read, now, bound
        self._watch = Watch()
        snapshot = self._next()
        self._first = bound(snapshot)
        self.edition = Edition(1, snapshot, now())
        self.refused: Refused | None = None
        """Why the configuration is not the one that the files hold."""

    def due(self) -> bool:
        """Whether the files have changed and stand still. To be asked once a second; touches the disk."""
        return self._watch.due()

    def next(self) -> Edition | None:
        """The edition that the files make now; None where it is the one that runs. Raises `ConfigInvalid`."""
        snapshot = self._next()
        if snapshot == self.edition.snapshot:
            return None
        bound = self._bound(snapshot)
        changed = tuple(name for name in bound if bound[name] != self._first.get(name))
        return Edition(self.edition.number + 1, snapshot, self._now(), changed)

    def take(self, edition: Edition) -> None:
        """That one runs from now on."""
        old, new = self.edition, edition
        self.edition, self.refused = new, None
        _log.info("configuration %s is in use. %s", new.snapshot.version, told(old.snapshot, new.snapshot))
        known = {(each.message, each.remedy) for each in old.snapshot.warnings}
        for warning in new.snapshot.warnings:
            if (warning.message, warning.remedy) not in known:
                _log.warning("%s", warning)
        if added := [name for name in new.restart if name not in old.restart]:
            _log.warning("changed, and in effect only after a restart: %s", ", ".join(added))

    def same(self) -> None:
        """The files hold what runs."""
        if self.refused is not None:
            _log.info("the configuration is again the one in use, %s", self.edition.snapshot.version)
        self.refused = None

    def refuse(self, failure: Failure) -> None:
        """The next one cannot be used; the one that runs goes on."""
        self.refused = Refused(self._now(), failure.message, failure.remedy)
        _log.error(
            "the changed configuration is refused, and the one in use since %s goes on: %s",
            self.edition.since,
            failure.sentence,
        )

    def _next(self) -> Snapshot:
        opened: list[Path] = []
        whole = False
        self._watch.begin()
        try:
            snapshot = self._read(opened)
            whole = True
        except Failure:
            raise
        except Exception as defect:
            _log.exception("reading the configuration failed by a defect of Trunkline")
            raise ConfigInvalid(
                f"Trunkline failed at reading the configuration ({type(defect).__name__}); its log tells why.",
                remedy="Please report it with what the log says.",
            ) from defect
        finally:
            self._watch.end(opened, whole=whole)
        return snapshot
