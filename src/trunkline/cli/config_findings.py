"""The doctor's look at the configuration: can it be read, what in it does nothing, has every provider a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from trunkline.cli.diagnosis import dotenv, keys
from trunkline.cli.findings import Finding, State
from trunkline.config.check import has_another
from trunkline.config.environment import dotenv_of, dotenv_places
from trunkline.config.files import mounted_alone
from trunkline.config.schema import ConfigWarning, Snapshot
from trunkline.errors import ConfigInvalid


def refused(invalid: ConfigInvalid) -> Finding:
    """A configuration that cannot be read."""
    return Finding("configuration", "fail", invalid.message, invalid.remedy, "config.invalid")


def on(snapshot: Snapshot, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Findings on a configuration that was read."""
    named = f"{snapshot.file}" if snapshot.file else "No file: it is built from the environment"
    count = len(snapshot.groups) + len(snapshot.wildcards)
    yield Finding("configuration", "ok", f"{named}; {count} model {'name' if count == 1 else 'names'}.")
    for warning in snapshot.warnings:
        if warning.kind != "key":  # keys have rows of their own
            yield _warned(warning)
    yield from _mounted(snapshot)
    written = dotenv_of(dotenv_places(snapshot.file and snapshot.file.absolute(), Path.cwd()))
    yield from dotenv.look(written)
    yield from _keys(snapshot)
    yield from keys.look(snapshot, {**snapshot.variables, **environ}, dotenv.stray_names(written))


def _warned(warning: ConfigWarning) -> Finding:
    state: State = "note" if warning.kind == "note" else "warn"
    code = "" if state == "note" else "config.doubt"
    return Finding("configuration", state, f"{warning.where}: {warning.message}", warning.remedy, code)


def _mounted(snapshot: Snapshot) -> Iterator[Finding]:
    """Files that are mounted by themselves: what an editor puts in their place is not seen in here."""
    for path in snapshot.files:
        if mounted_alone(path):
            seen = f"{path} is mounted as a single file: where an editor replaces it, the change is not seen in here."
            remedy = "Mount its folder, or restart the container after a change."
            yield Finding("configuration", "warn", seen, remedy, "config.mounted")


def _keys(snapshot: Snapshot) -> Iterator[Finding]:
    """One row a provider: a failure when none of its deployments can be called and nobody else answers in its place."""
    good: dict[str, str] = {}
    covered: dict[str, bool] = {}
    missing: dict[str, str] = {}
    members = [each for _, group in (*snapshot.groups.items(), *snapshot.wildcards) for each in group]
    for deployment in members:
        title = deployment.provider.title
        if deployment.key_missing:
            missing.setdefault(title, deployment.key_missing)
            covered[title] = covered.get(title, True) and has_another(snapshot, deployment)
        elif deployment.key:
            good.setdefault(title, deployment.key.source)
    for title, source in good.items():
        yield Finding("key", "ok", f"{title}: from {source}.")
    for title, sentence in missing.items():
        what, _, remedy = sentence.partition(". ")
        state: State = "warn" if title in good or covered[title] else "fail"
        yield Finding("key", state, f"{what.rstrip('.')}.", remedy, "key.missing")
    told = {sentence.partition(". ")[0] for sentence in missing.values()}
    for warning in snapshot.warnings:
        # Without a file a key that is none makes no deployment: only this tells of it.
        if warning.kind == "key" and (what := warning.message.rstrip(".")) not in told:
            told.add(what)
            yield Finding("key", "warn" if good else "fail", f"{what}.", warning.remedy, "key.missing")
    if not good and not told:
        yield Finding("key", "note", "No provider that needs a key is configured; the demo always answers.")
