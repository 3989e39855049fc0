"""Where a plain `claude` would go, and with which key: by the environment and the settings files that beat it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from trunkline.cli.agent_files import env_of, files
from trunkline.cli.ask import is_loopback
from trunkline.cli.findings import Finding

_BASE = "ANTHROPIC_BASE_URL"
_KEYS = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY")


def look(environ: Mapping[str, str], folder: Path) -> Iterator[Finding]:
    """Findings on the address and on the credentials. No value of a key is shown."""
    told = _effective(environ, folder)
    yield _address(*told[_BASE])
    if all(told[name][0] for name in _KEYS):
        first, second = _KEYS
        where = f"{first} by {told[first][1]}, {second} by {told[second][1]}"
        yield Finding(
            "claude key", "warn", f"Both are set ({where}): a plain `claude` carries two keys.",
            f"Keep {first} for a gateway and unset {second}, or the other way for Anthropic itself. `trunkline claude` "
            "sees to that.", "claude.both_keys",
        )  # fmt: skip


def _effective(environ: Mapping[str, str], folder: Path) -> dict[str, tuple[str, str]]:
    """Variable → its value and who sets it. Files beat the environment, and the managed ones all others."""
    told = {name: (environ.get(name, "").strip(), "the environment") for name in (_BASE, *_KEYS)}
    for path, _ in files(environ, folder):
        own = env_of(path)
        told |= {name: (str(own[name]).strip(), str(path)) for name in told if isinstance(own.get(name), str)}
    return told


def _address(found: str, where: str) -> Finding:
    check = "claude address"
    if not found:
        remedy = "`trunkline claude` goes through Trunkline by itself; else `export ANTHROPIC_BASE_URL=…`."
        return Finding(check, "note", "A plain `claude` asks Anthropic: ANTHROPIC_BASE_URL is not set.", remedy)
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        seen = f"ANTHROPIC_BASE_URL (set by {where}) is no http:// or https:// address."
        return Finding(check, "fail", seen, "Write it whole: http://127.0.0.1:4000", "claude.base")
    host = parts.netloc.rpartition("@")[2]
    seen = f"A plain `claude` asks {parts.scheme}://{host}{parts.path} (set by {where})"
    if not is_loopback(found):
        remedy = "If that is no Trunkline, it goes past this one."
        return Finding(check, "note", f"{seen}.", remedy)
    if parts.scheme == "https":
        remedy = f"If it has no certificate, write http://{host}."
        return Finding(check, "warn", f"{seen}; gateways on this machine usually speak http.", remedy, "claude.base")
    return Finding(check, "ok", f"{seen}.")
