"""`trunkline keys`: virtual keys, made and changed on this machine's files, or at a gateway elsewhere with `--url`.

A running gateway sees what is changed in its files within a moment: all its workers look.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from trunkline.cli.config_path import CONFIG
from trunkline.cli.key_options import ALLOWANCE, CLEAR, WHERE, body_of, bring, desk_of, put, show_json, show_remarks

_SAID = (
    click.option("--alias", "key_alias", help="A name for it, once in use."),
    click.option("--user", "user_id", help="Whose it is."),
    click.option("--team", "team_id", help="Which team's it is."),
    *ALLOWANCE,
    click.option("--duration", help="How long it lives: 30d."),
    click.option("--tag", "tags", multiple=True, help="Put on every call made with it; repeat it."),
)


@click.group("keys")
def verb() -> None:
    """Virtual keys: what a caller may use, how much and until when. KEY is a key, its id, its hash or its alias."""


@verb.command("create")
@put(_SAID)
@click.option("--own", is_flag=True, help="Read the key itself from the input, instead of having one made.")
@click.option("--config", **CONFIG, help="Whose rules for keys hold.")
@put(WHERE)
def create(url: str | None, master: str | None, as_data: bool, own: bool, config: Path | None, **said: Any) -> int:
    """Make a key. It is shown now and never again."""
    body = body_of(said)
    if own:
        body["key"] = click.prompt("Key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
        body["key"] = body["key"].strip()
    with desk_of(url, master, config) as desk:
        made = desk.ask("/key/generate", body)
    if as_data:
        show_json(made)
        return 0
    click.echo(made["key"])
    click.echo(f"Its id is {made['id']}. Keep the key: it is not shown again.", err=True)
    show_remarks(made)
    return 0


@verb.command("list")
@click.option("--user", "user_id", help="Of this user.")
@click.option("--team", "team_id", help="Of this team.")
@put(WHERE)
def listed(url: str | None, master: str | None, as_data: bool, **said: Any) -> int:
    """Show all keys."""
    found: list[dict[str, Any]] = []
    page = 1
    with desk_of(url, master) as desk:
        while True:
            told = desk.ask("/key/list", {**body_of(said), "return_full_object": "true", "page": page, "size": 500})
            found += told["keys"]
            page += 1
            if page > told["total_pages"]:
                break
    if as_data:
        show_json(found)
    elif not found:
        click.echo("There are no keys. `trunkline keys create` makes one.")
    else:
        from trunkline.cli.key_table import keys_table

        keys_table(found)
    return 0


@verb.command("show")
@click.argument("key")
@put(WHERE)
def show(key: str, url: str | None, master: str | None, as_data: bool) -> int:
    """Show one key, what it has spent, and who changed it."""
    with desk_of(url, master) as desk:
        info = desk.ask("/key/info", {"key": desk.named(key)})["info"]
        history = desk.history(info["id"])
    if as_data:
        show_json({**info, "history": history} if history is not None else info)
        return 0
    from trunkline.cli.key_table import key_page

    key_page(info, history)
    return 0


@verb.command("update")
@click.argument("key")
@put(_SAID)
@CLEAR
@put(WHERE)
def update(key: str, clear: tuple[str, ...], url: str | None, master: str | None, as_data: bool, **said: Any) -> int:
    """Change a key; what is not said stays."""
    body = {**body_of(said), **dict.fromkeys(clear)}
    if not body:
        raise click.UsageError("Nothing is to be changed: give an option.")
    with desk_of(url, master) as desk:
        told = desk.ask("/key/update", {"key": desk.named(key), **body})
    if as_data:
        show_json(told)
        return 0
    click.echo(f"{told['id']} is changed.")
    show_remarks(told)
    return 0


@verb.command("block")
@click.argument("key")
@put(WHERE)
def block(key: str, url: str | None, master: str | None, as_data: bool) -> int:
    """Take a key no more, until it is unblocked."""
    return _simple("/key/block", key, url, master, as_data, "is blocked.")


@verb.command("unblock")
@click.argument("key")
@put(WHERE)
def unblock(key: str, url: str | None, master: str | None, as_data: bool) -> int:
    """Take a blocked key again."""
    return _simple("/key/unblock", key, url, master, as_data, "is taken again.")


@verb.command("delete")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@put(WHERE)
def delete(keys: tuple[str, ...], url: str | None, master: str | None, as_data: bool) -> int:
    """Delete keys for ever: all of them, or none."""
    with desk_of(url, master) as desk:
        named = [desk.named(key) for key in keys]
        told = desk.ask("/key/delete", {"keys": named})
    if as_data:
        show_json(told)
    else:
        click.echo(f"{len(named)} deleted.")
    return 0


@verb.command("regenerate")
@click.argument("key")
@click.option("--duration", help="How long the new one lives.")
@put(WHERE)
def regenerate(key: str, duration: str | None, url: str | None, master: str | None, as_data: bool) -> int:
    """Make another key with the same rights; the old one is none from now on."""
    with desk_of(url, master) as desk:
        told = desk.ask("/key/regenerate", {"key": desk.named(key), **body_of({"duration": duration})})
    if as_data:
        show_json(told)
        return 0
    click.echo(told["key"])
    click.echo(f"Its id is {told['id']}. Keep the key: it is not shown again.", err=True)
    return 0


verb.add_command(
    bring("key", "LiteLLM_VerificationToken", "The table holds hashes, not keys: whoever has a key goes on using it.")
)


def _simple(path: str, key: str, url: str | None, master: str | None, as_data: bool, said: str) -> int:
    with desk_of(url, master) as desk:
        told = desk.ask(path, {"key": desk.named(key)})
    if as_data:
        show_json(told)
    else:
        click.echo(f"{told['id']} {said}")
    return 0
