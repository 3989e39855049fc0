"""The table of names in docs/translation.md: everything that `x-trunkline-lost` may say, from `wire/losses.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from tools import pages
from trunkline.wire.losses import MEMBERS, OWN, THINGS, Loss

PAGE = "translation.md"

_FATES = {
    ("named",): "left out",
    ("refused",): "refused; with `drop_params` left out",
    ("named", "refused"): "left out or refused, as the table above says",
    ("silent",): "left out without a word, and never named",
}


def parts() -> Mapping[str, str]:
    """The generated part of the page. Rows that say the same are one."""
    rows = [row for rows_of in (MEMBERS.values(), OWN.values(), THINGS.values()) for row in _rows(rows_of)]
    rows.append(("any other member of a request, as the client wrote it", "what no row knows", "left out"))
    return {"losses": pages.table(("name", "what", "what happens"), rows)}


def _rows(losses: Iterable[Loss]) -> Iterable[tuple[str, str, str]]:
    for (what, fates), same in groupby(losses, lambda row: (row.what, row.fates)):
        names = [name for row in same for name in (row.name, *sorted(row.names - {row.name}))]
        yield pages.code(names), what, _FATES[fates]
