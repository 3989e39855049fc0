"""Token guesses get better with every answer that tells its true count."""

from pathlib import Path

from trunkline.state.store import State
from trunkline.upstream.ratios import Ratios


def test_a_guess_approaches_what_the_provider_counts(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ratios = Ratios(state)
    assert ratios.mended("glm", 1000) == 1000
    for _ in range(40):
        ratios.learn("glm", 1000, 1400)
    assert ratios.mended("glm", 2000) == 2800
    assert ratios.mended("other", 2000) == 2000
    state.close()


def test_what_was_learned_outlives_the_process(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ratios = Ratios(state)
    ratios.learn("claude-opus-5", 1000, 500)
    ratios.keep()
    state.close()
    again = State.open(tmp_path)
    assert Ratios(again).mended("claude-opus-5", 100) == 50
    again.close()


def test_accidents_do_not_spoil_it(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    ratios = Ratios(state)
    ratios.learn("m", 4, 400)
    ratios.learn("m", 1000, 0)
    assert ratios.mended("m", 100) == 100
    ratios.learn("m", 1_000_000, 1)
    assert ratios.mended("m", 100) >= 1
    state.close()
