"""`trunkline keep` (not listed): the gateway of a launcher, which ends with its last client."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import click

LOOK_EVERY = 1.0
"""Seconds between two looks at who is still there. The gateway ends after two looks that found nobody."""


@click.command("keep", hidden=True)
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--config", type=click.Path(path_type=Path))
def verb(port: int, folder: Path, config: Path | None) -> int:
    """Serve on loopback until the last client of a folder is gone."""
    from trunkline.app import run
    from trunkline.serve.options import ServeOptions

    watcher = threading.Thread(target=watch, args=(folder,), name="clients", daemon=True)
    watcher.start()
    try:
        return run(ServeOptions(config=config, host="127.0.0.1", ports=(port,), quiet=True))
    finally:
        _forget(folder)


def watch(folder: Path) -> None:
    """Asks this process to stop once nobody is left; the address is forgotten first, under the lock."""
    from trunkline.cli.launch import anyone
    from trunkline.cli.locks import take

    empty = 0
    while True:
        time.sleep(LOOK_EVERY)
        lock = take(folder / ".lock")
        if lock is None:  # a launcher is joining or starting
            empty = 0
            continue
        with lock:
            empty = 0 if anyone(folder) else empty + 1
            if empty >= 2:
                _forget(folder)
                break
    os.kill(os.getpid(), signal.SIGTERM)


def _forget(folder: Path) -> None:
    """Takes the address away if it is this process's, and with it the settings files that hold its key."""
    import json

    note = folder / "gateway.json"
    try:
        said = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(said, dict) and said.get("pid") == os.getpid():
        note.unlink(missing_ok=True)
        for path in folder.glob("settings-*.json"):
            path.unlink(missing_ok=True)
