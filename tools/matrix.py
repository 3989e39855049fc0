"""Writes the table of docs/translation.md from what the conformance tests find: every client with every provider.

    python -m tools.matrix                 run tests/conformance/test_matrix.py and write the table
    python -m tools.matrix --check         run it, write nothing; ends with 1 when the page says something else
    python -m tools.matrix --results x     take a JUnit file of an earlier run instead

A run in which a cell was skipped or is missing proves nothing: then nothing is written, and it ends with 2.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from tests.conformance.matrix_cells import CLIENTS, FEATURES, LOSSES, PROVIDERS, cells, name_of

from tools import pages

ROOT = Path(__file__).resolve().parent.parent
PAGE = pages.DOCS / "translation.md"
TESTS = "tests/conformance/test_matrix.py"
_ID = re.compile(r"test_cell\[(.+)\]$")

Results = Mapping[str, bool]
"""The id of a cell's test → whether it passed."""


def run(report: Path) -> None:
    """Run the tests; how they end is in the report."""
    command = [sys.executable, "-m", "pytest", TESTS, "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 (our own tests)


def results(report: Path) -> dict[str, bool]:
    """What a JUnit report says of the cells; skipped ones are left out."""
    found: dict[str, bool] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (our own run wrote it)
        kinds = {child.tag for child in case}
        named = _ID.match(case.get("name", ""))
        if named and "skipped" not in kinds:
            found[named[1]] = not kinds & {"failure", "error"}
    return found


def unproved(found: Results) -> list[str]:
    """The cells that a run says nothing about."""
    names = (name_of(client, provider.name, feature) for client, provider, feature in cells())
    return [name for name in names if name not in found]


def table(found: Results) -> str:
    """The generated part of the page, without its markers. A cell without a result counts as failed."""
    rows = [
        [title, *(_cell(client, one.name, found) for one in PROVIDERS)] for client, (title, _, _) in CLIENTS.items()
    ]
    proved = "\n".join(f"- **{name}**: {words}" for name, words in FEATURES.items())
    cells_of_all = pages.table(["client \\ provider", *(one.title for one in PROVIDERS)], rows)
    return f"{cells_of_all}\n\nA ✓ means that all of this was seen to work:\n\n{proved}\n"


def _cell(client: str, provider: str, found: Results) -> str:
    missing = [name for name in FEATURES if not found.get(name_of(client, provider, name))]
    if missing:
        return f"not: {', '.join(missing)}"
    lost = sorted({name for feature in FEATURES for name in LOSSES.get((client, provider, feature), ())})
    return f"✓ without {', '.join(f'`{name}`' for name in lost)}" if lost else "✓"


def generated(page: str) -> str:
    """The part of a page between the markers. Raises ValueError when they are not there."""
    return pages.part(page, "matrix", "matrix")


def replaced(page: str, fresh: str) -> str:
    """The page with a fresh table between its markers."""
    return pages.put(page, "matrix", "matrix", fresh)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--results", type=Path, help="a JUnit file of an earlier run")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report = chosen.results or Path(folder) / "report.xml"
        if chosen.results is None:
            run(report)
        if not report.is_file():
            print(f"no report: {report}", file=sys.stderr)
            return 2
        found = results(report)
    if open_ := unproved(found):
        print(f"{len(open_)} cells have no result, among them {', '.join(open_[:5])}", file=sys.stderr)
        return 2
    page = PAGE.read_text(encoding="utf-8")
    fresh = replaced(page, table(found))
    if fresh == page:
        return 0
    if chosen.check:
        print(f"{PAGE.name} does not say what the tests find; write it with: python -m tools.matrix", file=sys.stderr)
        return 1
    PAGE.write_text(fresh, encoding="utf-8")
    print(f"{PAGE.name}: {sum(found.values())} of {len(found)} cells pass")
    return 0


if __name__ == "__main__":
    sys.exit(main())
