"""docs/cli.md: what `--help` says of every verb, and LiteLLM's flags that change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from tools import pages
from trunkline.cli.flags import PARSED
from trunkline.cli.group import VERBS, trunkline

PAGE = "cli.md"
WIDTH = 108
"""Characters of a line, as any terminal of 110 or more has them (`max_content_width`, less click's own margin)."""


def parts() -> Mapping[str, str]:
    """The generated parts of the page."""
    return {
        "verbs": pages.table(("verb", "what it does"), map(_line, VERBS)),
        "help": "\n\n".join(f"## {' '.join(path[1:])}\n\n```text\n{told}\n```" for path, told in helps()),
        "flags": pages.table(("flag", "why"), ((f"`--{flag.name}`", flag.why) for flag in PARSED)),
    }


def helps() -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of each command, with what `--help` prints of it."""
    for verb in VERBS:
        yield from _helps(_command(verb), _context(trunkline, None, "trunkline"), verb)


def _helps(command: click.Command, above: click.Context, name: str) -> Iterator[tuple[tuple[str, ...], str]]:
    context = _context(command, above, name)
    yield tuple(context.command_path.split()), command.get_help(context)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            if below is not None and not below.hidden:
                yield from _helps(below, context, each)


def _context(command: click.Command, above: click.Context | None, name: str) -> click.Context:
    return click.Context(
        command, parent=above, info_name=name, terminal_width=WIDTH, help_option_names=["--help", "-h"]
    )


def _command(verb: str) -> click.Command:
    command = trunkline.get_command(click.Context(trunkline), verb)
    assert command is not None
    return command


def _line(verb: str) -> tuple[str, str]:
    return f"[`trunkline {verb}`](#{verb})", _command(verb).get_short_help_str(200)
