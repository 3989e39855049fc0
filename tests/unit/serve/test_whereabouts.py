"""Where the gateway of a home listens."""

from __future__ import annotations

import json
from pathlib import Path

from trunkline.serve import whereabouts


def test_what_was_written_down_is_known_until_it_is_withdrawn(tmp_path: Path) -> None:
    whereabouts.publish(tmp_path, ["http://127.0.0.1:4000", "http://127.0.0.1:3000"])
    assert whereabouts.known(tmp_path) == ("http://127.0.0.1:4000", "http://127.0.0.1:3000")
    whereabouts.withdraw(tmp_path)
    assert whereabouts.known(tmp_path) == ()


def test_what_another_gateway_of_this_home_wrote_stays(tmp_path: Path) -> None:
    (tmp_path / whereabouts.NAME).write_text(json.dumps({"pid": 0, "urls": ["http://127.0.0.1:1"]}))
    whereabouts.withdraw(tmp_path)
    assert whereabouts.known(tmp_path) == ("http://127.0.0.1:1",)


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    for text in ("", "[]", '{"urls": 3}', '{"urls": [1]}'):
        (tmp_path / whereabouts.NAME).write_text(text)
        assert whereabouts.known(tmp_path) == ()
