"""Putting right what can be put right without harm: each thing is said before it is done, and after."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

import click

from trunkline.cli.findings import Finding
from trunkline.config.schema import Deployment
from trunkline.errors import Failure


def mended(findings: Sequence[Finding]) -> list[int]:
    """Does all that can be done; the places of the findings about which something was."""
    return [at for at, found in enumerate(findings) if found.mend is not None and _done(found)]


def offered(findings: Sequence[Finding]) -> list[int]:
    """The same at a terminal, for what is worth a question, and only where the answer is yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return []
    wanted = [
        at
        for at, found in enumerate(findings)
        if found.mend is not None
        and found.mend.asks
        and click.confirm(f"{found.seen} {found.mend.what[:-1]}?", err=True)
    ]
    return [at for at in wanted if _done(findings[at])]


def pull(deployment: Deployment) -> str:
    """Has Ollama pull a deployment's model, and shows on stderr how far it is. Raises `ProviderFailure`."""
    from trunkline.cli import ollama
    from trunkline.cli.pull_shown import shown

    bases = (deployment.doors["ollama"].base, *deployment.elsewhere)
    server = ollama.answering(bases, deployment.key.value if deployment.key is not None else "")
    with contextlib.redirect_stdout(sys.stderr):
        shown(deployment.model, ollama.pull(server, deployment.model))
    return f"Ollama at {server.base} has {deployment.model}."


def _done(found: Finding) -> bool:
    assert found.mend is not None
    click.echo(f"fix: {found.mend.what}", err=True)
    try:
        click.echo(f"     {found.mend.do()}", err=True)
    except Failure as failure:
        click.echo(f"     not done: {failure.sentence}", err=True)
        return False
    except OSError as unable:
        click.echo(f"     not done: {unable}.", err=True)
        return False
    return True
