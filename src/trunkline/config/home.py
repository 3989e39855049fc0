"""Where Trunkline keeps its own files on this machine. Names only: nothing is made or read here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import platformdirs


def home_of(environ: Mapping[str, str]) -> Path:
    """`TRUNKLINE_HOME`, else the platform's data folder: the ledger, the hot state, logs, the proof's secret."""
    given = environ.get("TRUNKLINE_HOME", "").strip()
    return Path(given).expanduser().absolute() if given else Path(platformdirs.user_data_dir("trunkline"))
