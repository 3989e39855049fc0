"""Claude Code's settings files: which of them set variables that beat the environment. Reads them, writes nothing.

Source: code.claude.com/docs/en/settings (2026): `env` in a person's or a project's file beats the process's
environment, `--settings` (which `trunkline claude` gives) beats those, managed settings beat everything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from trunkline.cli.ask import is_loopback
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
    yield from _base(environ, folder)
    yield from _credentials(environ)
    clean = True
    for path, managed in _files(environ, folder):
        steering = _steering(path)
        if isinstance(steering, str):
            seen = f"{path} cannot be read: {steering}."
            yield Finding("Claude Code's settings", "warn", seen, "Mend the file.", "claude.unreadable")
            clean = False
        elif steering:
            clean = False
            names = ", ".join(steering)
            if managed:
                remedy = "It beats even `trunkline claude`: ask whoever manages this machine to take them out."
                yield Finding("Claude Code's settings", "fail", f"{path} sets {names}.", remedy, "claude.managed")
            else:
                remedy = (
                    "`trunkline claude` goes over it; a plain `claude` does not: take them out to steer it by hand."
                )
                yield Finding("Claude Code's settings", "warn", f"{path} sets {names}.", remedy, "claude.settings")
    if clean:
        yield Finding("Claude Code's settings", "ok", "No settings file steers Claude Code elsewhere.")


def _base(environ: Mapping[str, str], folder: Path) -> Iterator[Finding]:
    """Where a plain `claude` would send what it says. Files beat the environment, and the managed ones all others."""
    found, where = environ.get("ANTHROPIC_BASE_URL", "").strip(), "the environment"
    for path, _ in _files(environ, folder):
        own = _env(path).get("ANTHROPIC_BASE_URL")
        if isinstance(own, str) and own.strip():
            found, where = own.strip(), str(path)
    check = "Claude Code's address"
    if not found:
        remedy = "`trunkline claude` goes through Trunkline by itself; else `export ANTHROPIC_BASE_URL=…`."
        yield Finding(check, "note", "A plain `claude` asks Anthropic: ANTHROPIC_BASE_URL is not set.", remedy)
        return
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        seen = f"ANTHROPIC_BASE_URL ({where}) is no http:// or https:// address."
        yield Finding(check, "fail", seen, "Write it whole: http://127.0.0.1:4000", "claude.base")
        return
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if parts.scheme == "https" and is_loopback(found):
        seen = f"A plain `claude` asks {shown} (from {where}); gateways on this machine usually speak http."
        yield Finding(check, "warn", seen, f"If it has no certificate, write http://{parts.netloc}.", "claude.base")
    elif is_loopback(found):
        yield Finding(check, "ok", f"A plain `claude` asks {shown} (from {where}).")
    else:
        seen = f"A plain `claude` asks {shown} (from {where})."
        yield Finding(check, "note", seen, "If that is no Trunkline, it goes past this one.", "claude.elsewhere")


def _credentials(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Both credentials at once: Claude Code sends both, and which one counts is up to whoever is asked."""
    names = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY")
    if all(environ.get(name, "").strip() for name in names):
        yield Finding(
            "Claude Code's key", "warn", f"Both {names[0]} and {names[1]} are set: a plain `claude` carries two keys.",
            f"Keep {names[0]} for a gateway (unset {names[1]}), or the other for Anthropic itself. `trunkline claude` "
            "sees to that.", "claude.both_keys",
        )  # fmt: skip


def _files(environ: Mapping[str, str], folder: Path) -> Iterator[tuple[Path, bool]]:
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


def _env(path: Path) -> dict[str, object]:
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
