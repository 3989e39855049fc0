"""When Python looks for garbage."""

from __future__ import annotations

import gc

from trunkline import garbage


def test_a_start_is_not_interrupted_and_service_goes_on_as_usual() -> None:
    usual = gc.get_threshold()
    try:
        garbage.starting()
        assert gc.get_threshold() == (50_000, *usual[1:])
        kept: list[list[int]] = [[] for _ in range(1000)]
        garbage.started()
        assert gc.get_threshold() == usual
        assert gc.get_freeze_count() > len(kept)
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
