"""Tables on stdout. `rich` is imported here and nowhere at the top of a verb, so that other verbs stay quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def console() -> Console:
    """As wide as the terminal; 110 columns where there is none."""
    from rich.console import Console

    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=110)


def table(*columns: str) -> Table:
    """A plain table; the first column is never broken."""
    from rich.table import Table

    made = Table(show_edge=False, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        made.add_column(column, no_wrap=number == 0, overflow="fold")
    return made
