"""The doctor's look at the configuration: can it be read, what in it does nothing, has every provider a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from trunkline.cli.findings import Finding, State
from trunkline.cli.read_config import read
from trunkline.config.environment import dotenv_of, dotenv_places
from trunkline.config.schema import ConfigWarning, Snapshot
from trunkline.errors import ConfigInvalid


def look(config: Path | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Findings on a file, or on what the environment alone gives."""
    try:
        snapshot = read(config, environ)
    except ConfigInvalid as invalid:
        yield Finding("configuration", "fail", invalid.message, invalid.remedy)
        return
    named = f"{snapshot.file}" if snapshot.file else "No file: it is built from the environment"
    count = len(snapshot.groups) + len(snapshot.wildcards)
    yield Finding("configuration", "ok", f"{named}; {count} model {'name' if count == 1 else 'names'}.")
    for warning in snapshot.warnings:
        if warning.kind != "key":  # keys have rows of their own
            yield _warned(warning)
    yield _dotenv(snapshot)
    yield from _keys(snapshot)


def _warned(warning: ConfigWarning) -> Finding:
    state: State = "note" if warning.kind == "note" else "warn"
    return Finding("configuration", state, f"{warning.where}: {warning.message}", warning.remedy)


def _dotenv(snapshot: Snapshot) -> Finding:
    path = dotenv_of(dotenv_places(snapshot.file and snapshot.file.absolute(), Path.cwd()))
    if not path.exists():
        return Finding(
            ".env", "note", f"There is none at {path.parent}.", "It is one place for keys: see .env.example."
        )
    return Finding(".env", "ok", f"{path} is read.")


def _keys(snapshot: Snapshot) -> Iterator[Finding]:
    """One row a provider: a failure when none of its deployments can be called."""
    good: dict[str, str] = {}
    missing: dict[str, str] = {}
    members = [each for _, group in (*snapshot.groups.items(), *snapshot.wildcards) for each in group]
    for deployment in members:
        title = deployment.provider.title
        if deployment.key_missing:
            missing.setdefault(title, deployment.key_missing)
        elif deployment.key:
            good.setdefault(title, deployment.key.source)
    for title, source in good.items():
        yield Finding("key", "ok", f"{title}: from {source}.")
    for title, sentence in missing.items():
        what, _, remedy = sentence.partition(". ")
        state: State = "warn" if title in good else "fail"
        yield Finding("key", state, f"{what.rstrip('.')}.", remedy)
    if not good and not missing:
        yield Finding("key", "note", "No provider that needs a key is configured; the demo always answers.")
