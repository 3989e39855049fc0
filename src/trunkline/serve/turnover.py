"""How the workers of one gateway come to another configuration: all of them, or none. Touches no socket and no clock.

    read ──▶ offered to all ──▶ all are ready ──▶ kept, and used by all ──▶ answered
      │            │
      └─ refused ◀─┘

A worker that begins meanwhile begins with what is kept; one that ends is waited for no longer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from trunkline.config.keeper import Edition, Keeper
from trunkline.errors import Failure
from trunkline.serve.link import Answer, Ask, Done, Message, Offer, Told, Use

_log = logging.getLogger("trunkline")

PATIENCE = 60.0
"""Seconds that a worker may take for a step. Most is needed for the import of LiteLLM's SDK."""

Asker = tuple[int, int]
"""Which worker asked, and the number of its ask."""


@dataclass(slots=True)
class _Step:
    edition: Edition
    used: bool
    waiting: set[int]
    until: float


class Turnover:
    """The parent's side. `send` says something to a worker; `everyone` are those that live, by their pids."""

    def __init__(
        self,
        keeper: Keeper,
        send: Callable[[int, Message], None],
        everyone: Callable[[], Collection[int]],
        now: Callable[[], float],
    ) -> None:
        self._keeper, self._send, self._everyone, self._now = keeper, send, everyone, now
        self._step: _Step | None = None
        self._askers: list[Asker] = []
        """Whom the turnover that is under way is for."""
        self._later: list[Asker] = []
        self._again = False

    def reload(self, asker: Asker | None = None) -> None:
        """Reads the configuration anew; after the turnover that is under way, since that may have read too early."""
        if self._step is not None:
            self._again = True
            self._later += [asker] if asker is not None else []
            return
        self._askers = [asker] if asker is not None else []
        self._read()

    def look(self) -> None:
        """Once a second: have the files changed, is somebody late?"""
        if self._step is None:
            if self._keeper.due():
                self.reload()
        elif self._now() > self._step.until:
            late = ", ".join(map(str, sorted(self._step.waiting)))
            _log.error("worker %s has not taken a step to the next configuration in %.0f s", late, PATIENCE)
            self._step.waiting.clear()
            self._go_on()

    def heard(self, pid: int, message: Message) -> None:
        """A worker said something."""
        match message:
            case Ask(ask):
                self.reload((pid, ask))
            case Done(number, used, failure):
                step = self._step
                if step is None or (step.edition.number, step.used) != (number, used):
                    return
                if failure is not None:
                    self._refuse(failure)
                    return
                step.waiting.discard(pid)
                self._go_on()

    def began(self, pid: int) -> None:
        """A worker was started, with what the keeper holds."""
        if self._step is not None and not self._step.used:
            self._step.waiting.add(pid)
            self._send(pid, Offer(self._step.edition))

    def ended(self, pid: int) -> None:
        """A worker is gone."""
        if self._step is not None:
            self._step.waiting.discard(pid)
            self._go_on()

    def _read(self) -> None:
        try:
            edition = self._keeper.next()
        except Failure as failure:
            self._refuse(failure)
            return
        if edition is not None:
            self._begin(edition, used=False)
            return
        self._keeper.same()
        self._tell(Told(None))
        self._end(changed=False)

    def _begin(self, edition: Edition, *, used: bool) -> None:
        self._step = _Step(edition, used, set(self._everyone()), self._now() + PATIENCE)
        self._tell(Use(edition.number) if used else Offer(edition))
        self._go_on()

    def _go_on(self) -> None:
        step = self._step
        if step is None or step.waiting:
            return
        if step.used:
            self._end(changed=True)
        else:
            self._keeper.take(step.edition)
            self._begin(step.edition, used=True)

    def _refuse(self, failure: Failure) -> None:
        self._keeper.refuse(failure)
        self._tell(Told(self._keeper.refused))
        self._end(failure=failure)

    def _end(self, *, changed: bool = False, failure: Failure | None = None) -> None:
        self._step = None
        askers, self._askers = self._askers, []
        for pid, ask in askers:
            if pid in self._everyone():
                self._send(pid, Answer(ask, changed, failure))
        if self._again:
            self._again, self._askers, self._later = False, self._later, []
            self._read()

    def _tell(self, message: Message) -> None:
        for pid in self._everyone():
            self._send(pid, message)
