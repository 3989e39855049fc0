"""`trunkline teams`: several users that share a budget."""

from __future__ import annotations

import click

from trunkline.cli.key_options import WHERE, body_of, desk_of, put, show_json
from trunkline.cli.people import group

verb = group("team", "Teams: what all keys of several people together may use. NAME is a team_id.")


@verb.command("add")
@click.argument("team")
@click.argument("users", nargs=-1, required=True, metavar="USER...")
@click.option("--admin", is_flag=True, help="Kept and shown; it changes nothing.")
@click.option("--max-budget", "max_budget_in_team", type=float, help="Dollars of the team's that each may spend.")
@put(WHERE)
def add(
    team: str,
    users: tuple[str, ...],
    admin: bool,
    max_budget_in_team: float | None,
    url: str | None,
    master: str | None,
    as_data: bool,
) -> int:
    """Put users into a team. Those that are not there yet are made."""
    members = [{"user_id": each, "role": "admin" if admin else "user"} for each in users]
    body = {"team_id": team, "member": members, **body_of({"max_budget_in_team": max_budget_in_team})}
    with desk_of(url, master) as desk:
        told = desk.ask("/team/member_add", body)
    if as_data:
        show_json(told)
    else:
        click.echo(f"{team} has {len(told['members'])} members.")
    return 0


@verb.command("remove")
@click.argument("team")
@click.argument("user")
@put(WHERE)
def remove(team: str, user: str, url: str | None, master: str | None, as_data: bool) -> int:
    """Take a user out of a team. Their keys of the team stay: they are the team's."""
    with desk_of(url, master) as desk:
        told = desk.ask("/team/member_delete", {"team_id": team, "user_id": user})
    if as_data:
        show_json(told)
    else:
        click.echo(f"{user} is out of {team}.")
    return 0
