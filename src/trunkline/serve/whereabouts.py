"""Where the gateway of a home listens, for those who share its home: a small file, written once its ports are bound."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAME = "listening.json"


def publish(home: Path, urls: Sequence[str]) -> None:
    """Writes down where this process listens. Raises OSError."""
    fresh = home / f".{NAME}.{os.getpid()}"
    fresh.write_text(json.dumps({"pid": os.getpid(), "urls": list(urls)}), encoding="utf-8")
    fresh.replace(home / NAME)


def withdraw(home: Path) -> None:
    """This process ends: its own entry goes, another's stays."""
    if _read(home).get("pid") == os.getpid():
        with contextlib.suppress(OSError):
            (home / NAME).unlink()


def known(home: Path) -> tuple[str, ...]:
    """The URLs that the last gateway of this home wrote down; none where there is no file that can be read."""
    urls = _read(home).get("urls")
    return tuple(url for url in urls if isinstance(url, str)) if isinstance(urls, list) else ()


def _read(home: Path) -> dict[str, Any]:
    try:
        told = json.loads((home / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
