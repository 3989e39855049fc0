"""The agent's own program: finding it, offering to install it, turning into it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import click

from trunkline.errors import ConfigInvalid

NOT_INSTALLED = 127


def find(name: str, environ: Mapping[str, str]) -> str | None:
    """The program's path: on `PATH`, else where the vendors' own installers put it."""
    home = Path(environ.get("HOME") or Path.home())
    usual = (home / ".local/bin" / name, home / f".{name}/local" / name, home / ".npm-global/bin" / name)
    on_path = shutil.which(name, path=environ.get("PATH"))
    return on_path or next((str(path) for path in usual if os.access(path, os.X_OK) and path.is_file()), None)


def ensure(name: str, package: str, environ: Mapping[str, str], *, yes: bool) -> str:
    """The program's path, after offering to install it. Ends the process with 127 when it is not there in the end."""
    if path := find(name, environ):
        return path
    line = f"npm install -g {package}"
    click.echo(f"trunkline: `{name}` is not installed. Install it with: {line}", err=True)
    npm = shutil.which("npm", path=environ.get("PATH"))
    if npm is None:
        click.echo("trunkline: npm is not installed either; it comes with Node.js: https://nodejs.org", err=True)
        sys.exit(NOT_INSTALLED)
    at_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if not yes and not (at_terminal and click.confirm("Run that now?", default=True, err=True)):
        sys.exit(NOT_INSTALLED)
    code = subprocess.call([npm, "install", "-g", package], stdout=sys.stderr)  # noqa: S603 - asked for just above
    path = find(name, environ)
    if code or path is None:
        click.echo(f"trunkline: `{line}` ended with {code}; `{name}` is still not found.", err=True)
        sys.exit(NOT_INSTALLED)
    return path


def become(path: str, arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Turns this process into the program, so that its signals, terminal and exit code are its own.

    Windows has no such thing: there the program is waited for.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    command = [path, *arguments]
    if sys.platform == "win32":
        sys.exit(subprocess.call(command, env=dict(environ)))  # noqa: S603 - found by `find`
    try:
        os.execve(path, command, dict(environ))  # noqa: S606 - this is the point
    except OSError as failed:
        raise ConfigInvalid(f"{path} cannot be run: {failed.strerror}.", remedy="Install it anew.") from failed
