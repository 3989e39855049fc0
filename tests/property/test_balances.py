"""Balances against a naive model, in any order of holds, settlements and deaths; and never over the cap."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from tests.unit.state.making import hold, row
from trunkline.ledger.balances import opening
from trunkline.ledger.fold import Folder
from trunkline.state.store import HoldRef, Spent, State, Unopened
from trunkline.state.types import Cap, Hold, Progress

LIMITS = {"team:t": 100, "user:a": 60, "end:b": 50, "session:s": 30}
"""Names whose budgets begin with nothing, whatever was spent before."""
NAMES = st.lists(st.sampled_from(sorted(LIMITS)), min_size=1, max_size=4, unique=True)


def _priced(_hold: Hold, _progress: Progress) -> tuple[int, int, bool]:
    return 10**6, 10**6, True


class Balanced(RuleBasedStateMachine):
    """One worker after another in one home; the naive model is a list of attempts."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="trunkline-test-")
        self.home = Path(self.folder.name)
        self.state = State.open(self.home)
        self.live: dict[str, tuple[list[str], int]] = {}
        self.spent: dict[str, int] = dict.fromkeys(LIMITS, 0)
        self.number = 0

    def caps(self, names: list[str], amount: int) -> list[Cap]:
        return [Cap(name, "", 0, 0, LIMITS[name], amount) for name in names]

    def free(self, name: str) -> int:
        return LIMITS[name] - self.spent[name] - sum(worst for names, worst in self.live.values() if name in names)

    @rule(target=held, names=NAMES, amount=st.integers(1, 40))
    def take(self, names: list[str], amount: int) -> tuple[str, HoldRef] | None:
        self.number += 1
        attempt = f"r{self.number}-0"
        state, caps = self.state, self.caps(names, amount)
        made = hold(attempt, worst=amount)
        fits = all(self.free(name) >= amount for name in names)
        try:
            try:
                ref = state.hold(made, (), caps)
            except Unopened as new:
                state.open_balances(opening(self.home, new.budgets))
                ref = state.hold(made, (), caps)
        except Spent as spent:
            assert not fits
            assert self.free(spent.budget.name) < amount
            return None
        assert fits
        self.live[attempt] = names, amount
        return attempt, ref

    @rule(taken=held, part=st.floats(0, 1))
    def settle(self, taken: tuple[str, HoldRef] | None, part: float) -> None:
        if taken is None or taken[0] not in self.live:
            return
        names, worst = self.live.pop(taken[0])
        cost = int(worst * part)
        self.state.settle(taken[1], row(taken[0], billed=cost, value=cost))
        for name in names:
            self.spent[name] += cost

    @rule()
    def die(self) -> None:
        """The worker goes without settling: the next one settles for it, at what was held."""
        self.state._file.close()
        self.state._lock.release()
        self.state = State.open(self.home)
        assert self.state.reap(_priced, 5.0) == len(self.live)
        for names, worst in self.live.values():
            for name in names:
                self.spent[name] += worst
        self.live.clear()

    @rule()
    def lose(self) -> None:
        """Everything is folded, and with nobody under way the hot file is lost."""
        folder = Folder(self.state, self.home, _priced)
        folder.once()
        folder._disconnect()
        folder._lock.release()
        if self.live:
            return
        self.state._file.close()
        self.state._lock.release(delete=True)
        for found in self.home.glob("hot.lmdb*"):
            found.unlink()
        self.state = State.open(self.home)

    @invariant()
    def agree(self) -> None:
        told = self.state.balances(self.caps(sorted(LIMITS), 0))
        for name, found in zip(sorted(LIMITS), told, strict=True):
            if found is not None:
                assert found == (self.spent[name], LIMITS[name] - self.spent[name] - self.free(name))
                assert sum(found) <= LIMITS[name]

    def teardown(self) -> None:
        self.state.close()
        self.folder.cleanup()


TestBalanced = Balanced.TestCase
TestBalanced.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
