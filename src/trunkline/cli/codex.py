"""`trunkline codex`: Codex through Trunkline. Everything is on its command line; its configuration is not touched."""

from __future__ import annotations

import os
import shlex

import click

from trunkline.cli import agent_env, program
from trunkline.cli.claude import show
from trunkline.cli.gateway import models
from trunkline.cli.obtain import obtain
from trunkline.cli.tiers import DEMO, for_codex

PACKAGE = "@openai/codex"


@click.command("codex", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--model", help="The model to begin with.")
@click.option("--demo", is_flag=True, help="Use the built-in demo, which needs no key.")
@click.option("--url", help="Use this gateway. Else TRUNKLINE_URL, else one on port 4000, else one is started.")
@click.option("--key", help="The gateway's key. Else TRUNKLINE_API_KEY, else LITELLM_MASTER_KEY.")
@click.option("--print-env", is_flag=True, help="Print the environment and the command as shell lines and run nothing.")
@click.option("--show-secrets", is_flag=True, help="With --print-env: print keys too.")
@click.option("--yes", is_flag=True, help="Install Codex without asking if it is missing.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- CODEX'S OPTIONS]")
def verb(
    model: str | None, demo: bool, url: str | None, key: str | None, print_env: bool, show_secrets: bool, yes: bool,
    arguments: tuple[str, ...],
) -> None:  # fmt: skip
    """Run Codex through Trunkline. What stands after `--` is Codex's own: `trunkline codex -- exec "hello"`."""
    environ = dict(os.environ)
    path = "" if print_env else program.ensure("codex", PACKAGE, environ, yes=yes)
    got = obtain(url, key, environ, demo=demo, may_start=not print_env)
    if not model:
        model = DEMO if demo else for_codex(models(got.gateway)) if got.answers else ""
    told, ahead = agent_env.for_codex(got.gateway, model, environ)
    if print_env:
        show(told, show_secrets=show_secrets)
        click.echo(shlex.join(["codex", *ahead]))
        return
    if got.hold:
        got.hold.outlive_exec()
    program.become(path, [*ahead, *arguments], {**environ, **told})
