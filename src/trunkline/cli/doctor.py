"""`trunkline doctor`: looks at everything that must be right, and says what to do about what is not."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from trunkline import __version__
from trunkline.cli import places
from trunkline.cli.config_path import CONFIG
from trunkline.cli.findings import Finding, as_json, failed, show
from trunkline.config.home import home_of


@click.command("doctor")
@click.option("--config", "-c", **CONFIG, help="The configuration.")
@click.option("--url", help="The gateway to look at. Else TRUNKLINE_URL, else http://127.0.0.1:4000.")
@click.option("--key", help="The gateway's key. Else TRUNKLINE_API_KEY, else LITELLM_MASTER_KEY.")
@click.option("--model", help="The model of the round trip. Else the cheapest that is offered.")
@click.option("--round-trip/--no-round-trip", default=True, help="Make one small real call when a gateway runs.")
@click.option("--up", is_flag=True, help="A gateway that does not run is a failure.")
@click.option("--json", "as_data", is_flag=True, help="Print the findings as JSON.")
def verb(
    config: Path | None, url: str | None, key: str | None, model: str | None, round_trip: bool, up: bool, as_data: bool
) -> int:
    """Check the whole setup: a table of checks with a remedy each. The exit code is 1 when one failed."""
    return examine(url=url, key=key, config=config, model=model, trip=round_trip, up=up, as_data=as_data)


def examine(
    *, url: str | None = None, key: str | None = None, config: Path | None = None, model: str | None = None,
    trip: bool = True, up: bool = False, as_data: bool = False,
) -> int:  # fmt: skip
    """Runs all checks and prints them. Returns the exit code."""
    environ = dict(os.environ)
    findings = [
        *_engine(),
        *_configuration(config, environ),
        *_kept(environ),
        *_store(environ),
        *_service(url, key, environ, model, trip=trip, up=up),
        *_agents(environ),
    ]
    if as_data:
        click.echo(as_json(findings))
    else:
        show(findings)
    return 1 if failed(findings) else 0


def _engine() -> Iterator[Finding]:
    yield Finding("engine", "ok", f"Trunkline {__version__}, {platform.system()} {platform.machine()}.")
    version = platform.python_version()
    fine = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if fine else "fail", f"{version}.", "" if fine else "Install Python 3.11 or newer.")


def _configuration(config: Path | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    from trunkline.cli.config_findings import look

    yield from look(config, environ)


def _kept(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Keys that `trunkline claude` asked for: which, and whether others can read them."""
    from trunkline.cli import provider_keys
    from trunkline.errors import ConfigInvalid

    path = places.keys_file(environ)
    try:
        names = ", ".join(provider_keys.kept(environ))
    except ConfigInvalid as unreadable:
        yield Finding("kept keys", "fail", unreadable.message, unreadable.remedy)
        return
    if names and sys.platform != "win32" and path.stat().st_mode & 0o077:
        yield Finding("kept keys", "fail", f"Others can read {path}.", f"chmod 600 '{path}'")
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
        yield Finding("home", "fail", f"{home} cannot be written: {unwritable}.", remedy)
    else:
        yield Finding("home", "ok", f"{home} can be written: the ledger and logs are kept there.")


def _service(
    url: str | None, key: str | None, environ: Mapping[str, str], model: str | None, *, trip: bool, up: bool
) -> Iterator[Finding]:
    from trunkline.cli import gateway as door
    from trunkline.cli import service
    from trunkline.errors import ConfigInvalid

    given = url or environ.get("TRUNKLINE_URL", "").strip()
    try:
        address = door.tidy(given) if given else door.USUAL
    except ConfigInvalid as wrong:
        yield Finding("service", "fail", wrong.message, wrong.remedy)
        return
    gateway = door.Gateway(address, "")
    found, there = service.presence(gateway, environ, needed=up or bool(given))
    yield found
    if not there:
        return
    if found.state == "ok" or given:  # only one that has proved itself, or that was named, is told a key
        gateway = door.Gateway(address, door.gateway_key(key, environ))
    yield from service.health(gateway)
    if trip:
        yield service.round_trip(gateway, model)


def _agents(environ: Mapping[str, str]) -> Iterator[Finding]:
    from trunkline.cli import agent_files, program

    for name, package in (("claude", "@anthropic-ai/claude-code"), ("codex", "@openai/codex")):
        if path := program.find(name, environ):
            yield Finding(name, "ok", f"{path}")
        else:
            yield Finding(name, "note", "It is not installed.", f"To use it: npm install -g {package}")
    yield from agent_files.look(environ, Path.cwd())
