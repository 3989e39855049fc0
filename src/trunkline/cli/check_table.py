"""What `trunkline check` shows in a terminal: a row for each deployment, then what is to be mended."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trunkline.cli.table import console
from trunkline.config.check import Row, doubts, in_order, rows
from trunkline.config.found import BUILT_IN
from trunkline.config.schema import ConfigWarning, Snapshot


def show(snapshot: Snapshot) -> None:
    """Prints it on standard output, as wide as the terminal; without one, each doubt is one line."""
    out = console()
    out.print(_models(snapshot))
    for line in _around(snapshot):
        out.print(escape(line), soft_wrap=not out.is_terminal)
    counted = doubts(snapshot)
    for warning in in_order(snapshot):
        _doubt(out, warning, counts=warning in counted)
    if not counted:
        out.print("[green]Nothing to mend.[/]")
        return
    how = " `trunkline check --migrate` writes the file anew." if snapshot.file else ""
    out.print(f"[yellow]{len(counted)} to mend.[/]{how}")


def _models(snapshot: Snapshot) -> Table:
    """A name is told once, with its fallbacks below it, beside its first deployment."""
    made = Table(show_edge=False, pad_edge=False, header_style="bold")
    for title in ("model", "goes to", "key", "$ per million", "from"):
        made.add_column(title, overflow="fold", no_wrap=title[0] == "$")
    last, alone = "", f"{snapshot.file.name}:" if snapshot.file and len(snapshot.parts) < 2 else ""
    for row in rows(snapshot):
        if row.where != BUILT_IN:
            made.add_row(*_cells(row, alone, first=row.name != last))
            last = row.name
    return made


def _cells(row: Row, alone: str, *, first: bool) -> Iterator[Text]:
    """`alone`: the name of the only file, which need not be repeated."""
    name = Text(row.name if first else "", style="bold")
    if first and row.fallbacks:
        name.append("\nelse " + ", ".join(row.fallbacks), style="not bold dim")
    yield name
    yield _two(f"{row.provider}/{row.model}", row.doors[0][1] if row.doors else "")
    key = row.key.removeprefix("key from ")
    yield Text("in the file" if alone and key.startswith(alone) else key, style="red" if key == "no key" else "")
    yield _two(row.price, row.limits, "yellow" if row.price == "unknown" else "")
    yield Text(f"line {row.where.removeprefix(alone)}" if alone and row.where.startswith(alone) else row.where, "dim")


def _two(upper: str, lower: str, style: str = "") -> Text:
    made = Text(upper, style=style)
    return made.append(f"\n{lower}", style="dim") if lower else made


def _around(snapshot: Snapshot) -> Iterator[str]:
    yield ""
    if len(snapshot.parts) > 1:
        yield f"Made of {', '.join(path.name for path in snapshot.parts)}."
    if snapshot.dialect != "litellm":
        yield f"Read as a file of the shape `{snapshot.dialect}`."
    for alias, name in snapshot.aliases.items():
        yield f"{alias} is another name of {name}."
    for name, among in snapshot.cheapest.items():
        yield f"{name} is the cheapest of {', '.join(among)} that can be asked."
    for name, chain in snapshot.fallbacks.items():
        if name not in snapshot.groups:
            yield f"{name}: else {', '.join(chain) or 'nothing'}."
    if "demo/echo" in snapshot.groups:
        yield "demo/echo and demo/* are built in."
    if keys := [key.source for key in (snapshot.master_key, snapshot.client_key) if key]:
        yield f"Clients need the key from {' or '.join(keys)}."
    else:
        yield "No key is asked for."
    yield ""


def _doubt(out: Console, warning: ConfigWarning, *, counts: bool) -> None:
    """Place, what is wrong, and what to do; a long one goes on below its first word, where there is a terminal."""
    text = Text.assemble(
        ("warning " if counts else "note ", "yellow" if counts else "dim"),
        (f"{warning.where}:", "bold" if counts else "dim"),
        f" {warning.message} ",
        (warning.remedy, "cyan" if counts else "dim"),
    )
    text.rstrip()
    if not out.is_terminal:
        out.print(text, soft_wrap=True)
        return
    for number, line in enumerate(text.wrap(out, out.width - 2)):
        line.rstrip()
        out.print("  " if number else "", line, sep="")
