"""Every readable case comes to what stands beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.golden import cases, made


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_comes_to_what_stands_beside_it(case: Path) -> None:
    for name, text in made(case).files.items():
        assert text == (case / name).read_text("utf-8"), f"{case.name}/{name}: see `python -m tests.golden --update`"
