"""Writes the table of names in docs/translation.md: everything that `x-trunkline-lost` may say, from `wire/losses.py`.

python -m tools.losses                 write the table
python -m tools.losses --check         write nothing; ends with 1 when the page says something else
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby

from tools.matrix import PAGE
from trunkline.wire.losses import MEMBERS, OWN, THINGS, Loss

BEGIN = "<!-- losses: written by tools/losses.py -->"
END = "<!-- /losses -->"

_FATES = {
    ("named",): "left out",
    ("refused",): "refused; with `drop_params` left out",
    ("named", "refused"): "left out or refused, as the table above says",
    ("silent",): "left out without a word, and never named",
}


def table() -> str:
    """The generated part of the page, without its markers. Rows that say the same are one."""
    rows = ["| name | what | what happens |", "| --- | --- | --- |"]
    for rows_of in (MEMBERS.values(), OWN.values(), THINGS.values()):
        rows += _rows(rows_of)
    rows.append("| any other member of a request, as the client wrote it | what no row knows | left out |")
    return "\n".join(rows)


def _rows(losses: Iterable[Loss]) -> Iterable[str]:
    for (what, fates), same in groupby(losses, lambda row: (row.what, row.fates)):
        names = [name for row in same for name in (row.name, *sorted(row.names - {row.name}))]
        yield f"| {', '.join(f'`{name}`' for name in names)} | {what} | {_FATES[fates]} |"


def replaced(page: str) -> str:
    """The page with a fresh table. Raises ValueError when its markers are not there."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    page = PAGE.read_text(encoding="utf-8")
    fresh = replaced(page)
    if fresh == page:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.name} does not say what the table says; write it with: python -m tools.losses", file=sys.stderr)
        return 1
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
