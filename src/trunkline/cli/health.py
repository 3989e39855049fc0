"""`trunkline health`: is the gateway of this TRUNKLINE_HOME alive? For health checks: one line, and an exit code.

It needs no port: the gateway has written down where it listens. What answers must prove that it is that gateway.
"""

from __future__ import annotations

import os

import click


@click.command("health")
@click.option("--url", help="Ask this address. Else where the gateway of TRUNKLINE_HOME listens.")
def verb(url: str | None) -> int:
    """Tell whether the gateway of this machine is alive: the exit code is 0 when it is. For health checks."""
    from trunkline.cli import gateway as door
    from trunkline.config.home import home_of
    from trunkline.serve.whereabouts import known

    home = home_of(os.environ)
    urls = (door.tidy(url),) if url else known(home)
    if not urls:
        click.echo(f"No gateway is known to listen: none has written so in {home}.", err=True)
        return 1
    for each in urls:
        # Its certificate may be for another name; it proves itself by a secret of this home, and is told none.
        standing = door.standing(each, os.environ, verify=False)
        if standing != "proved":
            click.echo(_TOLD[standing].format(url=each), err=True)
            return 1
    click.echo(f"{', '.join(urls)}: alive.")
    return 0


_TOLD = {
    "silent": "{url}: nothing answers.",
    "stranger": "{url}: what answers is no Trunkline.",
    "claims": "{url}: a Trunkline answers, but not the one of this TRUNKLINE_HOME.",
}
