"""What is written into a page of `docs/` by a tool: it stands between two markers that name the tool.

    <!-- losses: written by tools/losses.py -->
    …
    <!-- /losses -->

`.venv/bin/python -m tools.pages` writes all of them but the matrix (`tools/matrix.py`), which takes a run of tests;
with `--check` it writes nothing and ends with 1 when a page says something else.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
TOOLS = ("losses", "settings", "errors", "cli", "providers", "litellm_pages")
"""Each has `PAGE`, the name of its page, and `parts()`: the name of a part → its text."""


def markers(name: str, tool: str) -> tuple[str, str]:
    """What stands before a part and behind it."""
    return f"<!-- {name}: written by tools/{tool}.py -->", f"<!-- /{name} -->"


def part(page: str, name: str, tool: str) -> str:
    """The text between the markers. Raises ValueError when they are not there."""
    begin, end = markers(name, tool)
    _, found, rest = page.partition(begin)
    inside, closed, _ = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page has no {begin} … {end}")
    return inside.strip("\n") + "\n"


def put(page: str, name: str, tool: str, fresh: str) -> str:
    """The page with a fresh text between the markers. Raises ValueError when they are not there."""
    part(page, name, tool)
    begin, end = markers(name, tool)
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n\n{fresh.strip()}\n\n{end}{rest.partition(end)[2]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown. A bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(words: Iterable[str], between: str = ", ") -> str:
    """Words as code, one after another."""
    return between.join(f"`{word}`" for word in words)


def fresh(tool: str) -> tuple[Path, str]:
    """The page of a tool, and the text that it should have."""
    module = importlib.import_module(f"tools.{tool}")
    path: Path = DOCS / module.PAGE
    parts: Callable[[], Mapping[str, str]] = module.parts
    text = path.read_text(encoding="utf-8")
    for name, its in parts().items():
        text = put(text, name, tool, its)
    return path, text


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    wrong = 0
    for tool in TOOLS:
        path, text = fresh(tool)
        if text == path.read_text(encoding="utf-8"):
            continue
        if "--check" in arguments:
            print(f"{path.name} is not what tools/{tool}.py writes: python -m tools.pages", file=sys.stderr)
            wrong = 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{path.name} written")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
