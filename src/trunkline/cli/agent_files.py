"""Claude Code's settings files: which of them set variables that beat the environment. Reads them, writes nothing.

Source: code.claude.com/docs/en/settings (2026): `env` in a person's or a project's file beats the process's
environment, `--settings` (which `trunkline claude` gives) beats those, managed settings beat everything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from trunkline.cli.findings import Finding

MANAGED = {
    "linux": ("/etc/claude-code",),
    "darwin": ("/Library/Application Support/ClaudeCode",),
    "win32": (r"C:\Program Files\ClaudeCode", r"C:\ProgramData\ClaudeCode"),
}
STEERS = ("ANTHROPIC_", "CLAUDE_CODE_USE_", "HTTP_PROXY", "HTTPS_PROXY", "API_TIMEOUT_MS", "CLAUDE_CODE_OAUTH_TOKEN")
"""Beginnings of variables that decide where Claude Code sends what."""


def look(environ: Mapping[str, str], folder: Path) -> Iterator[Finding]:
    """A finding for each file that steers Claude Code, or one that none does."""
    clean = True
    for path, managed in files(environ, folder):
        steering = _steering(path)
        if isinstance(steering, str):
            seen = f"{path} cannot be read: {steering}."
            yield Finding("claude settings", "warn", seen, "Mend the file.", "claude.unreadable")
            clean = False
        elif steering:
            clean = False
            names = ", ".join(steering)
            if managed:
                remedy = "It beats even `trunkline claude`: ask whoever manages this machine to take them out."
                yield Finding("claude settings", "fail", f"{path} sets {names}.", remedy, "claude.managed")
            else:
                remedy = (
                    "`trunkline claude` goes over it; a plain `claude` does not: take them out to steer it by hand."
                )
                yield Finding("claude settings", "warn", f"{path} sets {names}.", remedy, "claude.settings")
    if clean:
        yield Finding("claude settings", "ok", "No settings file steers Claude Code elsewhere.")


def files(environ: Mapping[str, str], folder: Path) -> Iterator[tuple[Path, bool]]:
    """The files that Claude Code reads, whether there or not, each beaten by those after it; True: managed."""
    given = environ.get("CLAUDE_CONFIG_DIR")
    own = Path(given) if given else Path(environ.get("HOME") or Path.home()) / ".claude"
    seen = set()
    for path in (own / "settings.json", folder / ".claude/settings.json", folder / ".claude/settings.local.json"):
        if path.resolve() not in seen:
            seen.add(path.resolve())
            yield path, False
    for place in MANAGED.get(sys.platform, ()):
        yield Path(place) / "managed-settings.json", True
        for extra in sorted((Path(place) / "managed-settings.d").glob("*.json")):
            yield extra, True


def env_of(path: Path) -> dict[str, object]:
    """The variables that a file sets; none where it cannot be read, which is told elsewhere."""
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}
    env = read.get("env") if isinstance(read, dict) else None
    return env if isinstance(env, dict) else {}


def _steering(path: Path) -> list[str] | str:
    """The names of what steers in a file, or why it cannot be read."""
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as broken:
        return str(broken)
    if not isinstance(read, dict):
        return "it is no JSON object"
    env = read.get("env")
    names = [name for name in env if name.startswith(STEERS)] if isinstance(env, dict) else []
    return names + [name for name in ("apiKeyHelper",) if read.get(name)]
