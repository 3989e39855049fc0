"""The `.env` beside the configuration: who can read it, and what copying left in it. Mends both, with a copy kept."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from trunkline.cli.diagnosis.keys import bare, stray
from trunkline.cli.findings import Finding, Mend
from trunkline.cli.launch import write_private
from trunkline.config.environment import MAX_DOTENV
from trunkline.config.secrets import fault

_SECRET = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
"""Ends of names whose values are keys: only those are looked at and mended."""


def look(path: Path) -> Iterator[Finding]:
    """Findings on a `.env`. One that cannot be read is the configuration's to report."""
    if path.is_dir():
        remedy = "Container engines make a folder of a file that is to be mounted and is not there: put the file there."
        yield Finding(".env", "warn", f"{path} is a folder.", remedy, "env.folder")
        return
    if not path.exists():
        remedy = "It is one place for keys: see .env.example."
        yield Finding(".env", "note", f"There is none at {path.parent}.", remedy)
        return
    yield Finding(".env", "ok", f"{path} is read.")
    if readable(path):
        yield Finding(
            ".env", "warn", f"Others on this machine can read {path}.", f"chmod 600 '{path}'", "env.readable",
            mend=closing(path),
        )  # fmt: skip
    lines = list(_strays(path))
    if lines:
        names = ", ".join(f"{name} ({path.name}:{number})" for number, name, _ in lines)
        why = lines[0][2] if len(lines) == 1 else "hold more than a key"
        yield Finding(
            ".env", "warn", f"{names} {why}.", "Write each key alone, without blanks and quotes.", "env.stray",
            mend=Mend(f"Write the keys of {path} alone: {names}.", lambda: strip(path)),
        )  # fmt: skip


def readable(path: Path) -> bool:
    """Whether others than the owner can read a file."""
    return sys.platform != "win32" and bool(path.stat().st_mode & 0o077)


def closing(path: Path) -> Mend:
    """Takes everybody else's rights to a file away."""

    def close() -> str:
        path.chmod(0o600)
        return f"{path}: only you can read it now (600)."

    return Mend(f"Let nobody else read {path} (chmod 600).", close)


def strip(path: Path) -> str:
    """Writes the keys alone, and what was changed, without a key in it. The file as it was is kept beside it."""
    text = path.read_bytes().decode("utf-8")
    kept = path.with_name(f"{path.name}.{time.strftime('%Y%m%d-%H%M%S')}.bak")
    out, changes = [], []
    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        if why := _trouble(binding):
            key = bare(binding.value or "")
            head = written[: written.index(str(binding.key))]
            tail = "\n" if written.endswith("\n") else ""
            out.append(f"{head}{binding.key}={key}{tail}")
            shown = written.strip("\r\n").replace(key, "[key]")
            changes += [f"- {shown}", f"+ {head.lstrip()}{binding.key}=[key]   (it {why})"]
        else:
            out.append(written)
    write_private(kept, text)
    path.write_bytes("".join(out).encode())  # in place: its owner and its rights stay, and so does a mount of it
    return f"{path} is mended; as it was it is kept in {kept}.\n" + "\n".join(changes)


def stray_names(path: Path) -> frozenset[str]:
    """The variables of a `.env` that are reported as a finding of that file."""
    return frozenset(name for _, name, _ in _strays(path))


def _strays(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, name, what is wrong) of each value that is more than a key."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8") if len(raw) <= MAX_DOTENV else ""
    except (OSError, UnicodeDecodeError):
        return
    for binding in parse_stream(io.StringIO(text)):
        if why := _trouble(binding):
            written = binding.original.string
            blank = written[: len(written) - len(written.lstrip())].count("\n")
            yield binding.original.line + blank, str(binding.key), why


def _trouble(binding: Binding) -> str:
    """What is wrong with a line whose key can be told from what stands around it."""
    name, value = binding.key, binding.value
    if not name or not value or not name.endswith(_SECRET):
        return ""
    why, key = stray(value), bare(value)
    return why if why and key != value and not fault(key) else ""
