"""How several workers come to another configuration: all of them or none, whoever is slow, dies, or is just born."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.keeper import Keeper
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid
from trunkline.serve.link import Answer, Ask, Done, Message, Offer, Told, Use
from trunkline.serve.turnover import PATIENCE, Turnover


class Scene:
    """A parent with workers 1 and 2, whose configuration has as many models as `models`; None is a bad one."""

    def __init__(self) -> None:
        self.models: int | None = 1
        self.pids, self.said, self.now = {1, 2}, list[tuple[int, Message]](), 0.0
        self.keeper = Keeper(self.read, lambda: "now")
        self.turnover = Turnover(
            self.keeper, lambda pid, message: self.said.append((pid, message)), self.everyone, lambda: self.now
        )

    def everyone(self) -> set[int]:
        return self.pids

    def read(self, opened: list[Path]) -> Snapshot:
        if self.models is None:
            raise ConfigInvalid("config.yaml:3: no.", remedy="Mend it.")
        return snapshot(*(deployment(f"m{each}", model="m") for each in range(self.models)))

    def heard(self) -> list[tuple[int, str]]:
        """What was said since the last time, by its kind."""
        told = [(pid, type(message).__name__) for pid, message in self.said]
        self.said.clear()
        return told

    def done(self, *pids: int, used: bool, number: int = 2) -> None:
        for pid in pids:
            self.turnover.heard(pid, Done(number, used))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_all_are_ready_before_one_uses_it_and_all_use_it_before_it_is_answered(scene: Scene) -> None:
    scene.models = 2
    scene.turnover.heard(1, Ask(7))
    assert scene.heard() == [(1, "Offer"), (2, "Offer")]
    scene.done(1, used=False)
    assert scene.heard() == []
    assert scene.keeper.edition.number == 1
    scene.done(2, used=False)
    assert scene.heard() == [(1, "Use"), (2, "Use")]
    assert scene.keeper.edition.number == 2
    scene.done(2, used=True)
    assert scene.heard() == []
    scene.done(1, used=True)
    assert scene.said == [(1, Answer(7, changed=True))]


def test_a_bad_one_reaches_nobody_but_as_a_word(scene: Scene) -> None:
    scene.models = None
    scene.turnover.heard(2, Ask(1))
    assert [type(each) for _, each in scene.said] == [Told, Told, Answer]
    answer = scene.said[-1][1]
    assert isinstance(answer, Answer)
    assert isinstance(answer.failure, ConfigInvalid)
    assert scene.keeper.refused is not None
    assert scene.keeper.edition.number == 1


def test_one_that_a_worker_cannot_get_ready_for_is_refused_for_all(scene: Scene) -> None:
    scene.models = 2
    scene.turnover.heard(1, Ask(1))
    scene.heard()
    scene.done(1, used=False)
    scene.turnover.heard(2, Done(2, used=False, failure=ConfigInvalid("The SDK cannot be imported.")))
    assert scene.heard() == [(1, "Told"), (2, "Told"), (1, "Answer")]
    assert scene.keeper.edition.number == 1
    scene.turnover.reload()
    assert scene.heard() == [(1, "Offer"), (2, "Offer")], "the next attempt begins from the beginning"


def test_nothing_new_is_answered_at_once(scene: Scene) -> None:
    scene.turnover.heard(1, Ask(1))
    assert scene.said[-1] == (1, Answer(1, changed=False))


def test_who_asks_meanwhile_is_answered_by_a_reading_of_their_own(scene: Scene) -> None:
    scene.models = 2
    scene.turnover.heard(1, Ask(1))
    scene.models = 3
    scene.turnover.heard(2, Ask(2))
    scene.turnover.heard(2, Ask(3))
    scene.done(1, 2, used=False)
    scene.done(1, 2, used=True)
    assert [pid for pid, message in scene.said if isinstance(message, Answer)] == [1]
    scene.done(1, 2, used=False, number=3)
    scene.done(1, 2, used=True, number=3)
    assert [message.ask for _, message in scene.said if isinstance(message, Answer)] == [1, 2, 3]
    assert len(scene.keeper.edition.snapshot.groups) == 3


@pytest.mark.parametrize("used", [False, True])
def test_a_worker_that_dies_is_waited_for_no_longer(scene: Scene, used: bool) -> None:
    scene.models = 2
    scene.turnover.heard(1, Ask(1))
    if used:
        scene.done(1, 2, used=False)
    scene.done(1, used=used)
    scene.pids.discard(2)
    scene.turnover.ended(2)
    scene.done(1, used=True)
    assert scene.said[-1] == (1, Answer(1, changed=True))
    assert scene.keeper.edition.number == 2


def test_a_worker_born_meanwhile_is_offered_it_or_has_it(scene: Scene) -> None:
    scene.models = 2
    scene.turnover.reload()
    scene.heard()
    scene.pids.add(3)
    scene.turnover.began(3)
    assert scene.heard() == [(3, "Offer")]
    scene.done(1, 2, used=False)
    assert scene.heard() == [], "it is waited for as well"
    scene.done(3, used=False)
    assert scene.heard() == [(1, "Use"), (2, "Use"), (3, "Use")]
    scene.pids.add(4)
    scene.turnover.began(4)
    assert scene.heard() == [], "it was started with what is kept now"


def test_one_that_hangs_is_not_waited_for_for_ever(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.models = 2
    scene.turnover.reload()
    scene.done(1, used=False)
    scene.now = PATIENCE + 1
    scene.turnover.look()
    assert scene.keeper.edition.number == 2
    assert "worker 2 has not taken a step" in caplog.text
    scene.done(1, 2, used=True)
    scene.heard()
    scene.done(2, used=False)
    assert scene.heard() == [], "its late word is about nothing that is under way"


def test_with_no_worker_at_all_it_is_kept_for_those_to_come(scene: Scene) -> None:
    scene.pids.clear()
    scene.models = 2
    scene.turnover.reload()
    assert scene.keeper.edition.number == 2
    assert scene.heard() == []


def test_changed_files_are_read_when_they_are_due(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    due: Callable[[], bool] = lambda: True  # noqa: E731
    scene.models = 2
    scene.turnover.look()
    assert scene.heard() == []
    monkeypatch.setattr(scene.keeper, "due", due)
    scene.turnover.look()
    assert scene.heard() == [(1, "Offer"), (2, "Offer")]


def test_messages_are_of_these_kinds() -> None:
    assert {each.__name__ for each in Message.__args__} == {
        each.__name__ for each in (Offer, Use, Told, Answer, Ask, Done)
    }
