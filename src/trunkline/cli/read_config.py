"""The configuration as a verb sees it: read the way `serve` reads it, offline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trunkline.config.schema import Snapshot


def read(config: Path | None, environ: Mapping[str, str], ignore: frozenset[str] = frozenset()) -> Snapshot:
    """The snapshot of a file, or of the environment when there is none. Raises ConfigInvalid."""
    from trunkline.config.load import load

    return load(config, environ, ignore=ignore)
