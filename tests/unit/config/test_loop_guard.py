"""`trunkline.loop_guard`: what is read, and what is doubted."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.config.schema import LoopGuard
from trunkline.errors import ConfigInvalid


@pytest.mark.parametrize(
    ("written", "guard"),
    [
        ("{}", LoopGuard("header", 5, 0)),
        ("{action: off}", LoopGuard("off", 5, 0)),
        ("{action: answer, repeats: 8, max_usd_per_hour: '2.5'}", LoopGuard("answer", 8, 2_500_000_000)),
    ],
)
def test_it_is_read(loaded: Loaded, written: str, guard: LoopGuard) -> None:
    assert loaded(f"trunkline: {{loop_guard: {written}}}\n").extras.loop_guard == guard


@pytest.mark.parametrize("written", ["{repeats: 1}", "{action: stop}", "{max_usd_per_hour: much}", "yes"])
def test_a_wrong_value_is_refused(loaded: Loaded, written: str) -> None:
    with pytest.raises(ConfigInvalid):
        loaded(f"trunkline: {{loop_guard: {written}}}\n")


def test_an_unknown_setting_is_warned_of_with_the_nearest(loaded: Loaded) -> None:
    warning = loaded("trunkline:\n  loop_guard:\n    repeat: 3\n").warnings[0]
    assert "`repeat` is no setting of `loop_guard`" in warning.message
    assert "`repeats`" in warning.remedy
