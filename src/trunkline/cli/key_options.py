"""What `trunkline keys`, `users` and `teams` have in common: where they ask, what can be said, how it is shown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from trunkline.cli.key_desk import KeyDesk
    from trunkline.roster.records import Kind

F = TypeVar("F", bound=Callable[..., Any])

WHERE = (
    click.option("--url", envvar="TRUNKLINE_URL", help="A gateway elsewhere; without it, this machine's own files."),
    click.option("--master-key", "master", help="Its master key, for --url; else LITELLM_MASTER_KEY."),
    click.option("--json", "as_data", is_flag=True, help="Print it as JSON, as the gateway's pages answer."),
)
ALLOWANCE = (
    click.option("--model", "models", multiple=True, help="A model that may be used, or a pattern with *; repeat it."),
    click.option("--max-budget", type=float, help="Dollars that may be spent."),
    click.option("--soft-budget", type=float, help="Dollars at which it is told."),
    click.option("--budget-duration", help="When the budget begins anew: 1d, 7d, 1mo."),
    click.option("--rpm", "rpm_limit", type=click.IntRange(0), help="Requests a minute."),
    click.option("--tpm", "tpm_limit", type=click.IntRange(0), help="Tokens a minute."),
    click.option("--parallel", "max_parallel_requests", type=click.IntRange(0), help="Calls at a time."),
    click.option("--metadata", help="A JSON object."),
)
CLEAR = click.option("--clear", multiple=True, metavar="FIELD", help="Take away what was said: max_budget, models, …")


def put(options: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    def put_all(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return put_all


def desk_of(url: str | None, master: str | None, config: Path | None = None) -> KeyDesk:
    from trunkline.cli.key_desk import desk_at

    return desk_at(url, master, os.environ, config)


def body_of(said: dict[str, Any]) -> dict[str, Any]:
    """What was said on the command line, as the pages' body."""
    body: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
    body = {name: value for name, value in body.items() if value not in (None, [])}
    if "metadata" in body:
        try:
            body["metadata"] = json.loads(body["metadata"])
        except ValueError as broken:
            raise click.UsageError(f"--metadata is no JSON: {broken}.") from broken
    return body


def show_json(told: Any) -> None:
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


def show_remarks(told: dict[str, Any]) -> None:
    for remark in told.get("warnings", ()):
        click.echo(f"trunkline: {remark}", err=True)


def bring(kind: Kind, table: str, note: str = "") -> click.Command:
    """The command `import` of a sort: what LiteLLM's table of that name holds."""

    @click.command(
        "import", help=f"Take over LiteLLM's {kind}s: FILE is its table {table}, exported as CSV or JSON.\n\n{note}"
    )
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @click.option("--dry-run", is_flag=True, help="Tell what would be taken over, and change nothing.")
    @click.option("--json", "as_data", is_flag=True, help="Print it as JSON.")
    def command(file: Path, dry_run: bool, as_data: bool) -> int:
        from trunkline.cli.key_desk import Local
        from trunkline.roster.bring import bring as take

        with Local(os.environ) as desk:
            told = take(desk.office, kind, file, who=desk.who, dry=dry_run)
        if as_data:
            show_json(told)
        else:
            word = "would be" if dry_run else "were"
            click.echo(f"{told['taken']} {kind}s {word} taken over, {told['known']} are here already.")
            for remark in told["remarks"]:
                click.echo(f"  {remark}", err=True)
        return 1 if told["failed"] else 0

    return command
