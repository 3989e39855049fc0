"""The page about the configuration names every key that is acted on."""

from pathlib import Path

import pytest

from trunkline.config import keys

PAGE = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "table", [keys.TOP, keys.GENERAL, keys.LITELLM, keys.ROUTER, keys.TRUNKLINE, keys.LIMITS, keys.LOOP_GUARD]
)
def test_every_key_that_is_used_is_on_the_page(table: dict[str, keys.Fate]) -> None:
    missing = [key for key, fate in table.items() if fate == "used" and f"`{key}" not in PAGE and f".{key}" not in PAGE]
    assert not missing
