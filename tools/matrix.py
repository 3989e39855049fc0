"""Writes the table of every client on every provider into docs/translation.md, from what the tests saw.

    python -m tools.matrix [--check] [PATH …]

Runs the tests under PATH (by default those of the matrix) and reads from their report the properties `client`,
`provider` and `ability` that each records. A cell names what works,
strikes out what failed, and leaves out what nobody tried.
`--check` writes nothing and exits 1 when the page says something else.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "translation.md"
BEGIN, END = "<!-- matrix: made by `python -m tools.matrix` -->", "<!-- end of the matrix -->"
TESTS = ("tests/property/test_matrix.py",)
WIRES = {
    "anthropic": "Anthropic",
    "openai_chat": "OpenAI Chat",
    "openai_responses": "OpenAI Responses",
    "ollama": "Ollama",
    "gemini": "Gemini",
}
ABILITIES = ("text", "stream", "thinking", "tools", "images", "structured", "usage", "errors")

Cells = dict[tuple[str, str], dict[str, bool]]
"""(client, provider) → ability → whether every test of it passed."""


def main(arguments: list[str]) -> int:
    """Runs the tests and writes the table."""
    paths = [argument for argument in arguments if not argument.startswith("-")] or list(TESTS)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--tb=short",
            "-o",
            "junit_family=xunit1",
            f"--junitxml={report}",
        ]
        subprocess.run([*command, *paths], cwd=ROOT, check=False)  # noqa: S603 - our own tests
        cells = read(report)
    if not cells:
        sys.stderr.write("matrix: no test recorded a client, a provider and an ability\n")
        return 2
    page = PAGE.read_text("utf-8")
    new = placed(page, table(cells))
    if "--check" in arguments:
        return int(new != page)
    PAGE.write_text(new, "utf-8")
    return int(not all(worked for cell in cells.values() for worked in cell.values()))


def read(report: Path) -> Cells:
    """The cells of a JUnit report."""
    cells: Cells = defaultdict(dict)
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written by the run above
        told = {one.get("name"): one.get("value") or "" for one in case.iter("property")}
        client, provider, ability = (told.get(name) or "" for name in ("client", "provider", "ability"))
        if not ability or case.find("skipped") is not None:
            continue
        worked = case.find("failure") is None and case.find("error") is None
        cell = cells[client, provider]
        cell[ability] = cell.get(ability, True) and worked
    return cells


def table(cells: Cells) -> str:
    """The table in Markdown: a row for each client, a column for each provider."""
    lines = ["| client ↓ provider → |", "| --- |"]
    lines = [
        f"{line} {' | '.join(row)} |" for line, row in zip(lines, (WIRES.values(), ["---"] * len(WIRES)), strict=True)
    ]
    for client, name in WIRES.items():
        row = (_cell(cells.get((client, provider), {})) for provider in WIRES)
        lines.append(f"| **{name}** | {' | '.join(row)} |")
    return "\n".join(lines)


def _cell(cell: dict[str, bool]) -> str:
    names: Iterable[str] = (ability if cell[ability] else f"~~{ability}~~" for ability in ABILITIES if ability in cell)
    return ", ".join(names) or "–"


def placed(page: str, made: str) -> str:
    """The page with the table between its marks; ValueError where the page has none."""
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"{PAGE.name} lacks the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
