"""What a command line makes of a configuration, at the start and each time that it is read anew."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from trunkline.config.files import mounted_alone
from trunkline.config.load import load
from trunkline.config.schema import Snapshot
from trunkline.roster.hashes import SALT
from trunkline.roster.office import rules
from trunkline.serve.options import ServeOptions
from trunkline.serve.sockets import check_reach

_log = logging.getLogger("trunkline")


def read(options: ServeOptions, environ: Mapping[str, str], container: bool, opened: list[Path]) -> Snapshot:
    """The configuration with its flags, and everything checked that can be. `environ` is the environment that the
    process began with; `opened` is told each file. Raises `ConfigInvalid`."""
    snapshot = load(options.config, environ, ignore=options.ignore, overlay=options.overlay, opened=opened)
    if options.concurrency is not None:
        snapshot = replace(snapshot, limits=replace(snapshot.limits, streams=options.concurrency))
    check_reach(options.host, snapshot, insecure=options.insecure, container=container)
    rules(snapshot.key_defaults, snapshot.key_bounds, snapshot.allowances.zone)
    return snapshot


def bound(options: ServeOptions, environ: Mapping[str, str], snapshot: Snapshot) -> dict[str, object]:
    """What a running gateway cannot change, by the names of the settings."""
    return {
        "trunkline.limits.headers": snapshot.limits.headers,
        "trunkline.limits.drain": drain_of(options, snapshot),
        "trunkline.port": None if options.ports else snapshot.port,
        "trunkline.log_level": "" if options.log_level else snapshot.log_level,
        SALT: {**snapshot.variables, **environ}.get(SALT, ""),
    }


def drain_of(options: ServeOptions, snapshot: Snapshot) -> float:
    """Seconds that requests in flight are given at the end."""
    return options.drain if options.drain is not None else snapshot.limits.drain


def tell_mounts(snapshot: Snapshot, *, container: bool) -> None:
    """Warns of a file that is mounted by itself: another one that an editor puts in its place is not seen."""
    for path in snapshot.files:
        if mounted_alone(path):
            _log.warning(
                "%s is mounted as a single file: what is written into it is seen; when an editor puts a new file in "
                "its place, nothing in here can see that. Mount its folder, or restart %s after a change.",
                path,
                "the container (`docker compose restart`)" if container else "the gateway",
            )
