"""`trunkline pull`: has Ollama pull a model, and shows how far it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from trunkline.cli.config_path import CONFIG


@click.command("pull")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--config", "-c", **CONFIG, help="A configuration.")
@click.option("--api-base", "--api_base", help="Where Ollama is. Else OLLAMA_API_BASE, OLLAMA_HOST, this machine.")
def verb(models: tuple[str, ...], config: Path | None, api_base: str | None) -> int:
    """Pull models into Ollama; without MODEL, all of Ollama's that the configuration names.

    A pull that broke off goes on where it stopped, by itself and when the command is run again.
    """
    from trunkline.cli.ollama import answering, pull
    from trunkline.cli.pull_shown import shown

    wanted = _named(models, api_base, os.environ) if models else _configured(config, api_base)
    for model, bases, key in wanted:
        server = answering(bases, key)
        shown(model, pull(server, model))
    return 0


Wanted = tuple[str, tuple[str, ...], str]
"""A model, where Ollama may be, and the key of one that wants a key."""


def _named(models: tuple[str, ...], api_base: str | None, environ: Mapping[str, str]) -> list[Wanted]:
    from trunkline.catalog.providers import find
    from trunkline.config.deploy import site
    from trunkline.config.environment import dotenv

    row = find("ollama")
    assert row is not None
    environment = dotenv(Path.cwd() / ".env")[0].under(environ)
    here = site(row, "", environment, where="--api-base" if api_base else "the environment", api_base=api_base or "")
    key = here.found.key.value if here.found.key else ""
    names = [model.removeprefix("ollama/").removeprefix("ollama_chat/") for model in models]
    return [(name, (here.doors["ollama"].base, *here.elsewhere), key) for name in dict.fromkeys(names)]


def _configured(config: Path | None, api_base: str | None) -> list[Wanted]:
    from trunkline.cli.read_config import read

    if config is None:
        raise click.UsageError("Which model? Give its name (`trunkline pull mistral`), or a configuration.")
    found: dict[tuple[str, str], Wanted] = {}
    for each in read(config, os.environ).deployments():
        if each.provider.name != "ollama" or "*" in each.model:
            continue
        if api_base:
            found |= {
                (model, bases[0]): (model, bases, key)
                for model, bases, key in _named((each.model,), api_base, os.environ)
            }
            continue
        base = each.doors["ollama"].base
        found[each.model, base] = each.model, (base, *each.elsewhere), each.key.value if each.key else ""
    if not found:
        click.echo(f"{config.name} names no model of Ollama's: there is nothing to pull.")
    return list(found.values())
