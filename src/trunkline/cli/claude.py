"""`trunkline claude`: Claude Code through Trunkline, with nothing to configure and nobody's settings edited."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

import click

from trunkline.cli import agent_env, program
from trunkline.cli.claude_state import at_screen, settings, skip_onboarding
from trunkline.cli.gateway import answers_to, models
from trunkline.cli.obtain import Obtained, obtain
from trunkline.cli.tiers import CURRENT, DEMO, Tiers, choose

PACKAGE = "@anthropic-ai/claude-code"


@click.command("claude", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--model", help="The model to begin with, and for every tier not given.")
@click.option("--opus", help="The model that stands for opus.")
@click.option("--sonnet", help="The model that stands for sonnet.")
@click.option("--haiku", help="The model that stands for haiku and for small helper calls.")
@click.option("--demo", is_flag=True, help="Use the built-in demo, which needs no key.")
@click.option("--url", help="Use this gateway. Else TRUNKLINE_URL, else one on port 4000, else one is started.")
@click.option("--key", help="The gateway's key. Else TRUNKLINE_API_KEY, else LITELLM_MASTER_KEY.")
@click.option("--print-env", is_flag=True, help="Print the environment as shell lines and run nothing.")
@click.option("--show-secrets", is_flag=True, help="With --print-env: print keys too.")
@click.option("--onboarding", is_flag=True, help="Let Claude Code show its first-run screens.")
@click.option("--yes", is_flag=True, help="Install Claude Code without asking if it is missing.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- CLAUDE'S OPTIONS]")
def verb(
    model: str | None, opus: str | None, sonnet: str | None, haiku: str | None, demo: bool, url: str | None,
    key: str | None, print_env: bool, show_secrets: bool, onboarding: bool, yes: bool, arguments: tuple[str, ...],
) -> None:  # fmt: skip
    """Run Claude Code through Trunkline.

    What stands after `--`, and any option that is not listed here, is Claude Code's own: `trunkline claude -p "hello"`.
    """
    environ = dict(os.environ)
    path = "" if print_env else program.ensure("claude", PACKAGE, environ, yes=yes)
    got = obtain(url, key, environ, demo=demo, may_start=not print_env)
    tiers = _tiers(got, model, (opus, sonnet, haiku), demo)
    told = agent_env.for_claude(got.gateway, tiers, model or "", environ)
    if print_env:
        show(told, show_secrets=show_secrets)
        return
    if not onboarding and at_screen(arguments):
        skip_onboarding(environ)
    mine, rest = agent_env.settings_of(arguments)
    told_too = settings(mine, told, got, environ)
    if got.hold:
        got.hold.outlive_exec()
    program.become(path, ["--settings", told_too, *rest], {**environ, **told})


def _tiers(got: Obtained, model: str | None, given: tuple[str | None, ...], demo: bool) -> Tiers | None:
    """The mapping: what was given, else one model for all, else the best of what the gateway offers."""
    opus, sonnet, haiku = given
    if demo:
        base = Tiers.all(model or DEMO)
    elif model:
        base = Tiers.all(model)
    elif got.answers:
        offered = models(got.gateway)
        if not any(name.startswith("claude") for name in offered) and answers_to(got.gateway, CURRENT[0]):
            offered.append("claude-*")
        base = choose(offered)
    elif any(given):
        base = Tiers.all(opus or sonnet or haiku or "")
    else:
        return None
    return Tiers(opus or base.opus, sonnet or base.sonnet, haiku or base.haiku, "" if opus else base.fable)


def show(told: Mapping[str, str], *, show_secrets: bool) -> None:
    """Prints variables as shell lines; real keys only when that was asked for."""
    for name, value in told.items():
        hidden = name in agent_env.SECRET and value not in ("", agent_env.NO_KEY) and not show_secrets
        click.echo(f"# export {name}=… (--show-secrets)" if hidden else f"export {name}={shlex.quote(value)}")
