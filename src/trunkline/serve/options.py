"""What `trunkline serve` was asked for, and the process that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The command line of `trunkline serve`, read and checked, with the environment names that stand for flags.

    `ports` empty: the configuration's own default (4000, or what its dialect listens on). A port of 0 is any free one.
    `overlay` is what flags say in the words of a configuration (`--model`, `--request_timeout`, `--drop_params`):
    sections and keys as a LiteLLM YAML has them, laid over the file, or standing alone when there is no file.
    """

    config: Path | None = None
    host: str = "127.0.0.1"
    ports: tuple[int, ...] = ()
    workers: int = 1
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_keyfile_password: str | None = field(default=None, repr=False)
    ciphers: str | None = None
    insecure: bool = False
    ignore: frozenset[str] = frozenset()
    """Settings that protect and that Trunkline lacks, which the operator insists on running without."""
    log_level: str = ""
    """`debug`, `info`, `warning` or `error`; empty: the configuration's, else info."""
    model: str | None = None
    """`--model`: the one model of a run without a file. It also stands in `overlay`."""
    drain: float | None = None
    """Seconds that requests in flight are given at the end; None: the configuration's."""
    keepalive: int | None = None
    """Seconds an idle connection is kept; None: the server's default."""
    concurrency: int | None = None
    """Requests in flight at once; None: the configuration's."""
    overlay: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = False
    """Print nothing at the start but failures: for a gateway that a launcher started."""
