"""The house itself: imports point one way, rooms stay small, and importing costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "trunkline"

RANK = {
    "errors": 0,
    "exceptions": 0,
    "garbage": 0,
    "model": 1,
    "wire": 2,
    "catalog": 2,
    "state": 2,
    "config": 3,
    "ledger": 3,
    "route": 4,
    "guard": 4,
    "upstream": 5,
    "roster": 5,
    "cache": 6,
    "observe": 6,
    "serve": 7,
    "app": 8,
    "sdk": 9,
    "litellm": 10,
    "shim": 11,
    "cli": 9,
    "client": 9,
    "__main__": 10,
}
"""A room may import from rooms of a lower rank, and from itself."""

FILES = sorted(SRC.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The rooms of ours that a file names, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "trunkline" and len(parts) > 1:
                yield parts[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_imports_point_one_way(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        assert not list(imports(path))
        return
    for other in imports(path):
        assert other == own or RANK[other] < RANK[own], f"{own} may not import {other}"


def test_every_room_has_a_place_in_the_order() -> None:
    assert {room(path) for path in FILES} - {"__init__"} == RANK.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_a_file_says_what_it_is_for_and_fits_in_a_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < 20_000
    if path.name != "__init__.py" or text:
        assert ast.get_docstring(ast.parse(text)), "its first lines say what it is for"


def test_importing_the_package_brings_nothing_along() -> None:
    script = "import sys; before = set(sys.modules); import trunkline; print(len(set(sys.modules) - before))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(told.stdout) <= 3


def test_the_command_line_is_quick_to_say_its_version() -> None:
    script = (
        "import sys, trunkline.cli.main; print([n for n in ('aiohttp', 'rich', 'uvicorn', 'lmdb') if n in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
