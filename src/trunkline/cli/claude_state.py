"""The two things Claude Code must be told beside its environment: its `--settings`, and that its first run is over."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click

from trunkline.cli import agent_env, places
from trunkline.cli.launch import write_private
from trunkline.cli.obtain import Obtained
from trunkline.errors import ConfigInvalid

KEPT_FOR = 7 * 24 * 3600.0
"""Seconds that a settings file with a key stays."""


def settings(mine: str | None, told: Mapping[str, str], got: Obtained, environ: Mapping[str, str]) -> str:
    """The value of `--settings`. With a real key in it, it is a file of mode 0600: command lines can be read by all."""
    text = agent_env.with_env(_read_settings(mine), told)
    if not got.gateway.key:
        return text
    folder = got.folder or places.launches(environ) / "named"
    name = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    path = folder / f"settings-{name}.json"
    write_private(path, text)
    _sweep(folder)
    return str(path)


def _sweep(folder: Path) -> None:
    """Removes what sessions of last week left: they hold keys, and nothing reads them after a session's start."""
    for path in folder.glob("settings-*.json"):
        try:
            if time.time() - path.stat().st_mtime > KEPT_FOR:
                path.unlink()
        except FileNotFoundError:  # another launcher was quicker
            continue


def _read_settings(given: str | None) -> dict[str, object]:
    """The caller's own `--settings`, a file or JSON, into which the variables are laid."""
    if given is None:
        return {}
    try:
        read = json.loads(given if given.lstrip().startswith("{") else Path(given).read_text(encoding="utf-8"))
    except (OSError, ValueError) as broken:
        raise ConfigInvalid(
            f"--settings {given[:80]}: {broken}.", remedy="Give a JSON object or a file with one."
        ) from broken
    if not isinstance(read, dict):
        raise ConfigInvalid("--settings is no JSON object.", remedy='For instance: {"permissions": {"allow": []}}.')
    return read


def at_screen(arguments: tuple[str, ...]) -> bool:
    """Whether Claude Code will open its screen, where first-run questions can stand in the way."""
    quiet = {"-p", "--print", "--version", "-v", "--help", "-h", "mcp", "config", "update", "doctor", "install"}
    return sys.stdin.isatty() and sys.stdout.isatty() and not quiet.intersection(arguments)


def skip_onboarding(environ: Mapping[str, str]) -> None:
    """Notes the first-run screens as seen, where no run has noted it yet.

    Claude Code has no switch for it: without `hasCompletedOnboarding` in its own state file it shows a theme picker
    and, in some versions, a login that a gateway's user cannot pass (anthropics/claude-code#4714). That one member is
    added; all else in the file stays, and a file that cannot be read as JSON is left alone.
    """
    given = environ.get("CLAUDE_CONFIG_DIR")
    path = (Path(given) if given else Path(environ.get("HOME") or Path.home())) / ".claude.json"
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        state = {}
    except (OSError, ValueError):
        return
    if not isinstance(state, dict) or state.get("hasCompletedOnboarding"):
        return
    try:
        write_private(path.resolve(), json.dumps({**state, "hasCompletedOnboarding": True}, indent=2))
    except OSError as unwritable:
        click.echo(
            f"trunkline: {path} cannot be written ({unwritable}); Claude Code will show its first-run screens.",
            err=True,
        )
