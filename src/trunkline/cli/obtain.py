"""A gateway for an agent: the one that was named, one that runs, or one started now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from trunkline.cli import gateway as door
from trunkline.cli.gateway import Gateway
from trunkline.cli.locks import Held


@dataclass(frozen=True, slots=True)
class Obtained:
    """A gateway, and this process's hold on it when it was started for agents."""

    gateway: Gateway
    hold: Held | None = None
    answers: bool = True
    """False: nothing runs there yet, and none was to be started."""

    @property
    def folder(self) -> Path | None:
        """The folder of a started gateway."""
        return self.hold.path.parent.parent if self.hold else None


def obtain(
    url: str | None, key: str | None, environ: Mapping[str, str], *, demo: bool = False, may_start: bool = True
) -> Obtained:
    """Finds or starts one. Asks for a provider's key only when one is to be started. Raises Failure or UsageError."""
    if named := door.named(url, key, environ):
        return Obtained(named)
    usual, remark = door.usual(key, environ)
    if remark:
        click.echo(f"trunkline: {remark}", err=True)
    if usual:
        return Obtained(usual)
    if not may_start:
        click.echo(f"trunkline: nothing runs at {door.USUAL} yet: start it with `trunkline serve`.", err=True)
        return Obtained(Gateway(door.USUAL, door.gateway_key(key, environ)), answers=False)

    from trunkline.cli import launch, provider_keys

    launched = launch.join(environ, provider_keys.ensure(environ, demo=demo))
    return Obtained(launched.gateway, launched.hold)
