"""`trunkline doctor`: looks at everything that must be right, and says what to do about what is not."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from trunkline import __version__
from trunkline.cli import places
from trunkline.cli.config_path import CONFIG
from trunkline.cli.findings import Finding, as_json, failed, show
from trunkline.config.home import home_of
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked at. `calls`: providers are asked; `trip`: a running gateway is; `fix`: mend what is safe."""

    url: str | None = None
    key: str | None = None
    config: Path | None = None
    model: str | None = None
    trip: bool = True
    calls: bool = True
    up: bool = False
    as_data: bool = False
    fix: bool = False


@click.command("doctor")
@click.option("--config", "-c", **CONFIG, help="The configuration.")
@click.option("--url", help="The gateway to look at. Else TRUNKLINE_URL, else http://127.0.0.1:4000.")
@click.option("--key", help="The gateway's key. Else TRUNKLINE_API_KEY, else LITELLM_MASTER_KEY.")
@click.option("--model", help="The model of the round trip. Else the cheapest that is offered.")
@click.option("--calls/--no-calls", default=True, help="Ask each deployment's provider one small real thing.")
@click.option("--round-trip/--no-round-trip", default=True, help="Make one small real call when a gateway runs.")
@click.option("--up", is_flag=True, help="A gateway that does not run is a failure.")
@click.option("--fix", is_flag=True, help="Mend what is safe to mend, and say what was done.")
@click.option("--json", "as_data", is_flag=True, help="Print the findings as JSON.")
def verb(
    config: Path | None, url: str | None, key: str | None, model: str | None, calls: bool, round_trip: bool, up: bool,
    fix: bool, as_data: bool,
) -> int:  # fmt: skip
    """Check the whole setup: a table of checks with a remedy each. The exit code is 1 when one failed.

    Each deployment is asked one small thing at its provider, without a gateway: together that costs a fraction of a
    cent, is told with its price, and is not in the ledger. --no-calls leaves it out.
    """
    return examine(Wanted(url, key, config, model, round_trip, calls, up, as_data, fix))


def examine(wanted: Wanted) -> int:
    """Runs all checks and prints them. Returns the exit code."""
    from trunkline.cli.diagnosis.mending import mended

    environ = dict(os.environ)
    read = _configuration(wanted.config, environ)
    findings = _local(read, environ)
    if wanted.fix and mended(findings):
        read = _configuration(wanted.config, environ)
        findings = _local(read, environ)
    url = _address(wanted, read, environ)
    findings += [*_providers(wanted, read, url, environ), *_service(wanted, url, environ), *_agents(environ)]
    if wanted.as_data:
        click.echo(as_json(findings))
    else:
        show(findings)
    return 1 if failed(findings) else 0


def _configuration(config: Path | None, environ: Mapping[str, str]) -> Snapshot | ConfigInvalid:
    from trunkline.cli.read_config import read

    try:
        return read(config, environ)
    except ConfigInvalid as invalid:
        return invalid


def _local(read: Snapshot | ConfigInvalid, environ: Mapping[str, str]) -> list[Finding]:
    """What can be seen without asking anybody."""
    from trunkline.cli.config_findings import on, refused

    seen = on(read, environ) if isinstance(read, Snapshot) else [refused(read)]
    return [*_engine(), *seen, *_kept(environ), *_store(environ)]


def _address(wanted: Wanted, read: Snapshot | ConfigInvalid, environ: Mapping[str, str]) -> str:
    """Where the gateway is looked for: where it was said, else where one with this configuration listens."""
    from trunkline.cli.gateway import USUAL

    given = wanted.url or environ.get("TRUNKLINE_URL", "").strip()
    own = f"http://127.0.0.1:{read.port}" if isinstance(read, Snapshot) and read.port else USUAL
    return given or own


def _engine() -> Iterator[Finding]:
    yield Finding("engine", "ok", f"Trunkline {__version__}, {platform.system()} {platform.machine()}.")
    version = platform.python_version()
    yield Finding("python", "ok", f"{version}.")


def _providers(wanted: Wanted, read: Snapshot | ConfigInvalid, url: str, environ: Mapping[str, str]) -> list[Finding]:
    """The proxies on the way, and a call for each deployment. A configuration that cannot be read was told already."""
    from trunkline.cli.diagnosis import called, proxies

    found = list(proxies.look(environ, url))
    if not wanted.calls or not isinstance(read, Snapshot):
        return found
    values = {**read.variables, **environ}
    try:
        return [*found, *called.look(read, values, fix=wanted.fix, at_terminal=not wanted.as_data)]
    except ConfigInvalid as unable:
        return [*found, Finding("call", "fail", unable.message, unable.remedy, "call.impossible")]


def _kept(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Keys that `trunkline claude` asked for: which, and whether others can read them."""
    from trunkline.cli import provider_keys
    from trunkline.cli.diagnosis.dotenv import closing, readable

    path = places.keys_file(environ)
    try:
        names = ", ".join(provider_keys.kept(environ))
    except ConfigInvalid as unreadable:
        yield Finding("kept keys", "fail", unreadable.message, unreadable.remedy, "keys.unreadable")
        return
    if names and readable(path):
        remedy = f"chmod 600 '{path}'"
        yield Finding("kept keys", "fail", f"Others can read {path}.", remedy, "keys.readable", closing(path))
    elif names:
        yield Finding("kept keys", "ok", f"{names} in {path}, for `trunkline claude` and `trunkline codex`.")


def _store(environ: Mapping[str, str]) -> Iterator[Finding]:
    """The home folder must take files, or the ledger cannot be kept."""
    home = home_of(environ)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home, prefix=".doctor-") as probe:
            probe.write(b"x" * 4096)
            probe.flush()
    except OSError as unwritable:
        remedy = "Make it writable, or set TRUNKLINE_HOME to a folder that is."
        yield Finding("home", "fail", f"{home} cannot be written: {unwritable}.", remedy, "home.unwritable")
    else:
        yield Finding("home", "ok", f"{home} can be written: the ledger and logs are kept there.")


def _service(wanted: Wanted, url: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    from trunkline.cli import gateway as door
    from trunkline.cli import service

    given = bool(wanted.url or environ.get("TRUNKLINE_URL", "").strip())
    try:
        address = door.tidy(url)
    except ConfigInvalid as wrong:
        yield Finding("service", "fail", wrong.message, wrong.remedy, "service.address")
        return
    gateway = door.Gateway(address, "")
    found, there = service.presence(gateway, environ, needed=wanted.up or given)
    yield found
    if not there:
        return
    if found.state == "ok" or given:  # only one that has proved itself, or that was named, is told a key
        gateway = door.Gateway(address, door.gateway_key(wanted.key, environ))
    yield from service.health(gateway)
    if wanted.trip:
        yield service.round_trip(gateway, wanted.model)


def _agents(environ: Mapping[str, str]) -> Iterator[Finding]:
    from trunkline.cli import agent_base, agent_files, program

    for name, package in (("claude", "@anthropic-ai/claude-code"), ("codex", "@openai/codex")):
        if path := program.find(name, environ):
            yield Finding(name, "ok", f"{path}")
        else:
            yield Finding(name, "note", "It is not installed.", f"To use it: npm install -g {package}")
    yield from agent_base.look(environ, Path.cwd())
    yield from agent_files.look(environ, Path.cwd())
