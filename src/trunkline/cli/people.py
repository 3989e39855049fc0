"""What `trunkline users` and `trunkline teams` do alike: made, listed, shown, changed, deleted, taken over."""

from __future__ import annotations

from typing import Any, Literal

import click

from trunkline.cli.key_options import ALLOWANCE, CLEAR, WHERE, body_of, bring, desk_of, put, show_json, show_remarks

_TABLES = {"user": "LiteLLM_UserTable", "team": "LiteLLM_TeamTable"}


def group(kind: Literal["user", "team"], about: str, *own: Any) -> click.Group:
    """The verb. `own`: the options that only this sort has."""
    named = f"{kind}_id"
    said = (click.option("--alias", f"{kind}_alias", help="How a person calls it."), *own, *ALLOWANCE)
    verb = click.Group(f"{kind}s", help=about)

    @verb.command("create", help=f"Make a {kind}. NAME is its {named}.")
    @click.argument("name")
    @put(said)
    @put(WHERE)
    def create(name: str, url: str | None, master: str | None, as_data: bool, **more: Any) -> int:
        body = {named: name, **body_of(more)}
        if kind == "user":
            body["auto_create_key"] = False
        return _done(f"/{kind}/new", body, url, master, as_data, f"{name} is made.")

    @verb.command("list", help=f"Show all {kind}s.")
    @put(WHERE)
    def listed(url: str | None, master: str | None, as_data: bool) -> int:
        found = _all(kind, url, master)
        if as_data:
            show_json(found)
        elif not found:
            click.echo(f"There are no {kind}s. `trunkline {kind}s create NAME` makes one.")
        else:
            from trunkline.cli.key_table import people_table

            people_table(kind, found)
        return 0

    @verb.command("show", help=f"Show one {kind}, what it has spent, and its keys.")
    @click.argument("name")
    @put(WHERE)
    def show(name: str, url: str | None, master: str | None, as_data: bool) -> int:
        with desk_of(url, master) as desk:
            told = desk.ask(f"/{kind}/info", {named: name})
            history = desk.history(name, kind)
        if as_data:
            show_json({**told, "history": history} if history is not None else told)
            return 0
        from trunkline.cli.key_table import key_page, keys_table

        key_page(told[f"{kind}_info"], history)
        if told["keys"]:
            keys_table(told["keys"])
        return 0

    @verb.command("update", help=f"Change a {kind}; what is not said stays.")
    @click.argument("name")
    @put(said)
    @CLEAR
    @click.option(
        "--block/--unblock", "blocked", default=None, help="Take none of its keys any more, or take them again."
    )
    @put(WHERE)
    def update(
        name: str, clear: tuple[str, ...], url: str | None, master: str | None, as_data: bool, **more: Any
    ) -> int:
        body = {**body_of(more), **dict.fromkeys(clear)}
        if not body:
            raise click.UsageError("Nothing is to be changed: give an option.")
        return _done(f"/{kind}/update", {named: name, **body}, url, master, as_data, f"{name} is changed.")

    @verb.command("delete", help=f"Delete {kind}s with all their keys, for ever: all of them, or none.")
    @click.argument("names", nargs=-1, required=True, metavar="NAME...")
    @put(WHERE)
    def delete(names: tuple[str, ...], url: str | None, master: str | None, as_data: bool) -> int:
        return _done(f"/{kind}/delete", {f"{named}s": list(names)}, url, master, as_data, f"{len(names)} deleted.")

    verb.add_command(bring(kind, _TABLES[kind], "What is here already and bounded stays as it is."))
    return verb


def _done(path: str, body: dict[str, Any], url: str | None, master: str | None, as_data: bool, said: str) -> int:
    with desk_of(url, master) as desk:
        told = desk.ask(path, body)
    if as_data:
        show_json(told)
    else:
        click.echo(said)
        show_remarks(told)
    return 0


def _all(kind: Literal["user", "team"], url: str | None, master: str | None) -> list[dict[str, Any]]:
    with desk_of(url, master) as desk:
        if kind == "team":
            return list(desk.ask("/team/list", {}))
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            told = desk.ask("/user/list", {"page": page, "page_size": 500})
            found += told["users"]
            page += 1
            if page > told["total_pages"]:
                return found
