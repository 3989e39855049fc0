"""Which configuration is read where none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.cli import config_path


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ...]:
    found = tuple(tmp_path / place.name for place in config_path.MOUNTED)
    monkeypatch.setattr(config_path, "MOUNTED", found)
    monkeypatch.setenv("TRUNKLINE_IN_IMAGE", "1")
    return found


def test_inside_the_image_the_first_that_is_mounted_is_read(places: tuple[Path, ...]) -> None:
    assert [place.name for place in places][:2] == ["config.yaml", "config.json"]
    assert config_path.mounted() is None
    for place in reversed(places):
        place.write_text("{}")
        assert config_path.mounted() == place


def test_elsewhere_no_such_file_is_looked_for(places: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    places[0].write_text("{}")
    monkeypatch.delenv("TRUNKLINE_IN_IMAGE")
    assert config_path.mounted() is None
