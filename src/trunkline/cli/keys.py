"""`trunkline keys`: virtual keys, made and changed on this machine's files, or at a gateway elsewhere with `--url`.

A running gateway sees what is changed in its files within a moment: all its workers look.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trunkline.cli.config_path import CONFIG

if TYPE_CHECKING:
    from trunkline.cli.key_desk import KeyDesk

F = TypeVar("F", bound=Callable[..., Any])

_WHERE = (
    click.option("--url", envvar="TRUNKLINE_URL", help="A gateway elsewhere; without it, this machine's own files."),
    click.option("--master-key", "master", help="Its master key, for --url; else LITELLM_MASTER_KEY."),
    click.option("--json", "as_data", is_flag=True, help="Print it as JSON, as the gateway's pages answer."),
)
_SAID = (
    click.option("--alias", "key_alias", help="A name for it, once in use."),
    click.option("--model", "models", multiple=True, help="A model it may use, or a pattern with *; repeat it."),
    click.option("--user", "user_id", help="Whose it is."),
    click.option("--team", "team_id", help="Which team's it is."),
    click.option("--max-budget", type=float, help="Dollars it may spend."),
    click.option("--soft-budget", type=float, help="Dollars from which it is told."),
    click.option("--budget-duration", help="When the budget begins anew: 1d, 7d, 1mo."),
    click.option("--rpm", "rpm_limit", type=click.IntRange(0), help="Requests a minute."),
    click.option("--tpm", "tpm_limit", type=click.IntRange(0), help="Tokens a minute."),
    click.option("--parallel", "max_parallel_requests", type=click.IntRange(0), help="Calls at a time."),
    click.option("--duration", help="How long it lives: 30d."),
    click.option("--tag", "tags", multiple=True, help="Put on every call made with it; repeat it."),
    click.option("--metadata", help="A JSON object."),
)


def _with(options: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    def put(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return put


@click.group("keys")
def verb() -> None:
    """Virtual keys: what a caller may use, how much and until when. KEY is a key, its id, its hash or its alias."""


@verb.command("create")
@_with(_SAID)
@click.option("--own", is_flag=True, help="Read the key itself from the input, instead of having one made.")
@click.option("--config", **CONFIG, help="Whose rules for keys hold.")
@_with(_WHERE)
def create(url: str | None, master: str | None, as_data: bool, own: bool, config: Path | None, **said: Any) -> int:
    """Make a key. It is shown now and never again."""
    body = _body(said)
    if own:
        body["key"] = click.prompt("Key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
        body["key"] = body["key"].strip()
    with _desk(url, master, config) as desk:
        made = desk.ask("/key/generate", body)
    if as_data:
        _print(made)
        return 0
    click.echo(made["key"])
    click.echo(f"Its id is {made['id']}. Keep the key: it is not shown again.", err=True)
    _remarks(made)
    return 0


@verb.command("list")
@click.option("--user", "user_id", help="Of this user.")
@click.option("--team", "team_id", help="Of this team.")
@_with(_WHERE)
def listed(url: str | None, master: str | None, as_data: bool, **said: Any) -> int:
    """Show all keys."""
    found: list[dict[str, Any]] = []
    page = 1
    with _desk(url, master) as desk:
        while True:
            told = desk.ask("/key/list", {**_body(said), "return_full_object": "true", "page": page, "size": 500})
            found += told["keys"]
            page += 1
            if page > told["total_pages"]:
                break
    if as_data:
        _print(found)
    elif not found:
        click.echo("There are no keys. `trunkline keys create` makes one.")
    else:
        from trunkline.cli.key_table import keys_table

        keys_table(found)
    return 0


@verb.command("show")
@click.argument("key")
@_with(_WHERE)
def show(key: str, url: str | None, master: str | None, as_data: bool) -> int:
    """Show one key, what it has spent, and who changed it."""
    with _desk(url, master) as desk:
        info = desk.ask("/key/info", {"key": desk.named(key)})["info"]
        history = desk.history(info["token"])
    if as_data:
        _print({**info, "history": history} if history is not None else info)
        return 0
    from trunkline.cli.key_table import key_page

    key_page(info, history)
    return 0


@verb.command("update")
@click.argument("key")
@_with(_SAID)
@click.option("--clear", multiple=True, metavar="FIELD", help="Take away what was said: max_budget, models, duration.")
@_with(_WHERE)
def update(key: str, clear: tuple[str, ...], url: str | None, master: str | None, as_data: bool, **said: Any) -> int:
    """Change a key; what is not said stays."""
    body = {**_body(said), **dict.fromkeys(clear)}
    if not body:
        raise click.UsageError("Nothing is to be changed: give an option.")
    with _desk(url, master) as desk:
        told = desk.ask("/key/update", {"key": desk.named(key), **body})
    if as_data:
        _print(told)
        return 0
    click.echo(f"{told['id']} is changed.")
    _remarks(told)
    return 0


@verb.command("block")
@click.argument("key")
@_with(_WHERE)
def block(key: str, url: str | None, master: str | None, as_data: bool) -> int:
    """Take a key no more, until it is unblocked."""
    return _simple("/key/block", key, url, master, as_data, "is blocked.")


@verb.command("unblock")
@click.argument("key")
@_with(_WHERE)
def unblock(key: str, url: str | None, master: str | None, as_data: bool) -> int:
    """Take a blocked key again."""
    return _simple("/key/unblock", key, url, master, as_data, "is taken again.")


@verb.command("delete")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@_with(_WHERE)
def delete(keys: tuple[str, ...], url: str | None, master: str | None, as_data: bool) -> int:
    """Delete keys for ever: all of them, or none."""
    with _desk(url, master) as desk:
        named = [desk.named(key) for key in keys]
        told = desk.ask("/key/delete", {"keys": named})
    if as_data:
        _print(told)
    else:
        click.echo(f"{len(named)} deleted.")
    return 0


@verb.command("regenerate")
@click.argument("key")
@click.option("--duration", help="How long the new one lives.")
@_with(_WHERE)
def regenerate(key: str, duration: str | None, url: str | None, master: str | None, as_data: bool) -> int:
    """Make another key with the same rights; the old one is none from now on."""
    with _desk(url, master) as desk:
        told = desk.ask("/key/regenerate", {"key": desk.named(key), **_body({"duration": duration})})
    if as_data:
        _print(told)
        return 0
    click.echo(told["key"])
    click.echo(f"Its id is {told['id']}. Keep the key: it is not shown again.", err=True)
    return 0


@verb.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Tell what would be taken over, and change nothing.")
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON.")
def bring(file: Path, dry_run: bool, as_data: bool) -> int:
    """Take over LiteLLM's keys: FILE is its table LiteLLM_VerificationToken, exported as CSV or JSON.

    The table holds hashes, not keys: whoever has a key goes on using it.
    """
    from trunkline.cli.key_desk import Local
    from trunkline.roster.bring import bring as take

    with Local(os.environ) as desk:
        told = take(desk.office, file, who=desk.who, dry=dry_run)
    if as_data:
        _print(told)
    else:
        word = "would be" if dry_run else "were"
        click.echo(f"{told['taken']} keys {word} taken over, {told['known']} are here already.")
        for remark in told["remarks"]:
            click.echo(f"  {remark}", err=True)
    return 1 if told["failed"] else 0


def _simple(path: str, key: str, url: str | None, master: str | None, as_data: bool, said: str) -> int:
    with _desk(url, master) as desk:
        told = desk.ask(path, {"key": desk.named(key)})
    if as_data:
        _print(told)
    else:
        click.echo(f"{told['id']} {said}")
    return 0


def _desk(url: str | None, master: str | None, config: Path | None = None) -> KeyDesk:
    from trunkline.cli.key_desk import desk_at

    return desk_at(url, master, os.environ, config)


def _body(said: dict[str, Any]) -> dict[str, Any]:
    """What was said on the command line, as the pages' body."""
    body: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
    body = {name: value for name, value in body.items() if value not in (None, [])}
    if "metadata" in body:
        try:
            body["metadata"] = json.loads(body["metadata"])
        except ValueError as broken:
            raise click.UsageError(f"--metadata is no JSON: {broken}.") from broken
    return body


def _print(told: Any) -> None:
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


def _remarks(told: dict[str, Any]) -> None:
    for remark in told.get("warnings", ()):
        click.echo(f"trunkline: {remark}", err=True)
