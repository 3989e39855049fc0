"""Asking for a provider's key at a terminal, and keeping it in the person's own folder with mode 0600."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import PROVIDERS
from trunkline.cli import places
from trunkline.cli.launch import write_private
from trunkline.cli.providers import FIRST, known, recognise, usable, verify
from trunkline.config.secrets import clean, fault
from trunkline.errors import ConfigInvalid

HEAD = "# Keys that Trunkline asked for. Only you can read this file. Delete a line to be asked again.\n"


def kept(environ: Mapping[str, str]) -> dict[str, str]:
    """The keys that were kept, by variable. Raises ConfigInvalid when the file cannot be read."""
    path = places.keys_file(environ)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ConfigInvalid(f"{path} cannot be read: {unreadable}.", remedy="Mend or delete it.") from unreadable
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs if value.strip()}


def keep(environ: Mapping[str, str], variable: str, value: str) -> None:
    """Adds a key to the file, or replaces it there. Raises ConfigInvalid when it cannot be written."""
    path = places.keys_file(environ)
    values = {**kept(environ), variable: value}
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        write_private(path, HEAD + "".join(f"{name}={held}\n" for name, held in values.items()))
    except OSError as unwritable:
        remedy = f"Set {variable} in the environment instead."
        raise ConfigInvalid(f"{path} cannot be written: {unwritable}.", remedy=remedy) from unwritable


def instruction() -> str:
    """What somebody without a terminal must do, in a few lines."""
    lines = "".join(f"  export {row.key_names[0]}=…   {row.key_page}\n" for row in map(known, FIRST))
    return (
        "no provider key was found, and there is no terminal to ask for one. Set one of\n"
        f"{lines}"
        "or run it with --demo, which needs no key, or point it at a running gateway with --url."
    )


def ensure(environ: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """The kept keys, after asking for one if there is none anywhere. Raises UsageError without a terminal.

    An empty answer means: try the demo, for this run only.
    """
    held = kept(environ)
    if demo or usable(environ, held) or places.own_config(environ).exists():
        return held
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(instruction())
    click.echo("No provider key was found. Trunkline can reach, among others:", err=True)
    for row in map(known, FIRST):
        click.echo(f"  {row.name:<11}{row.key_page}", err=True)
    while True:
        pasted = click.prompt(
            "Paste a key (it is not shown; Enter alone tries the demo)",
            default="",
            hide_input=True,
            show_default=False,
            err=True,
        )
        pasted = clean(pasted)  # fmt: skip
        if not pasted:
            click.echo("The demo answers by itself, without any provider.", err=True)
            return held
        if taken := _take(pasted, environ):
            return {**held, taken: pasted}


def _take(pasted: str, environ: Mapping[str, str]) -> str | None:
    """Tries a key and keeps it; the variable it is kept under, or None when another must be asked for."""
    if (wrong := fault(pasted)) or any(sign.isspace() for sign in pasted):
        click.echo(f"That is no key: it {wrong or 'has blanks in it'}.", err=True)
        return None
    row = recognise(pasted) or _which()
    verdict, why = verify(row, pasted, environ)
    if verdict == "wrong":
        click.echo(f"{why}. Keys are at {row.key_page}.", err=True)
        return None
    variable = row.key_names[0]
    keep(environ, variable, pasted)
    doubt = f"Warning: {why}. " if verdict == "unknown" else f"{why}. "
    click.echo(f"{doubt}Kept as {variable} in {places.keys_file(environ)}, which only you can read.", err=True)
    return variable


def _which() -> Provider:
    names = [row.name for row in PROVIDERS if row.needs_key and row.key_names]
    return known(click.prompt("Whose key is it?", type=click.Choice(names), default="zai", err=True))
