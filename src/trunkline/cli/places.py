"""Where Trunkline keeps its own files on this machine. Names only: nothing is made or read here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import platformdirs

from trunkline.config.home import home_of


def settings(environ: Mapping[str, str]) -> Path:
    """The person's own folder of Trunkline settings. On Linux it follows `XDG_CONFIG_HOME`."""
    given = environ.get("TRUNKLINE_CONFIG_HOME", "").strip()
    return Path(given).expanduser().absolute() if given else Path(platformdirs.user_config_dir("trunkline"))


def keys_file(environ: Mapping[str, str]) -> Path:
    """Provider keys that a launcher asked for and keeps: `NAME=value` lines, mode 0600."""
    return settings(environ) / "keys.env"


def own_config(environ: Mapping[str, str]) -> Path:
    """The configuration that a gateway started by a launcher reads, when the person has written one."""
    return settings(environ) / "config.yaml"


def logs(environ: Mapping[str, str]) -> Path:
    """Logs of gateways that a launcher started, and reports of defects."""
    return home_of(environ) / "logs"


def launches(environ: Mapping[str, str]) -> Path:
    """Where launchers and the gateways that they started find each other."""
    return home_of(environ) / "launch"
