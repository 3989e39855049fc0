"""Who made a stored response is known to all, for as long as the vendor keeps it, and no more than a bound."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from trunkline.state.file import HotFile
from trunkline.state.responses import KEEP, Responses
from trunkline.state.store import State

NOW = 1_800_000_000.0


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Responses]:
    file = HotFile(tmp_path, alone=True)
    yield Responses(file, most=10)
    file.close()


def test_who_made_a_response_is_known_after_a_new_start(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    state.responses.add("resp_1", "d1", NOW)
    state.close()
    again = State.open(tmp_path)
    assert again.responses.find("resp_1", NOW + 1) == ("d1", "")
    assert again.responses.find("resp_2", NOW + 1) is None
    again.close()


def test_after_the_vendors_time_nothing_is_known(room: Responses) -> None:
    room.add("resp_1", "d1", NOW)
    assert room.find("resp_1", NOW + KEEP - 1) == ("d1", "")
    assert room.find("resp_1", NOW + KEEP + 1) is None
    room.add("resp_2", "d1", NOW + KEEP + 1)
    assert room.count() == 1


def test_the_oldest_go_first_when_there_are_too_many(room: Responses) -> None:
    for nth in range(25):
        room.add(f"resp_{nth}", "d1", NOW + nth)
    assert room.count() == 10
    assert room.find("resp_14", NOW + 30) is None
    assert room.find("resp_15", NOW + 30) == ("d1", "")


def test_one_id_is_one_entry_and_the_latest_is_believed(room: Responses) -> None:
    for nth in range(25):
        room.add("resp_1", f"d{nth}", NOW + nth)
    assert room.count() == 1
    assert room.find("resp_1", NOW + 30) == ("d24", "")


@pytest.mark.parametrize("name", ["x" * 10_000, "\ud800", "", "résp ✓"])
def test_any_text_may_be_an_id(room: Responses, name: str) -> None:
    room.add(name, "d1", NOW)
    assert room.find(name, NOW) == ("d1", "")


def test_whose_key_it_was_made_with_is_kept_beside_it(room: Responses) -> None:
    room.add("resp_1", "d1", NOW, "0123456789abcdef")
    assert room.find("resp_1", NOW) == ("d1", "0123456789abcdef")
