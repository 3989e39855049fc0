"""A secret of this gateway's own, in a file of `TRUNKLINE_HOME` that only this user can read. Touches that one file."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_of(home: Path, name: str) -> bytes:
    """The secret of that name, made on first use with mode 0600. Raises OSError when it cannot be.

    Two processes that start at once agree on one: the file is written beside its place and linked there, which
    fails for the second, who then reads the first one's.
    """
    path = home / name
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = home / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not path.exists():
                fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return _read(path)


def _read(path: Path) -> bytes:
    text = path.read_text(encoding="ascii").strip()
    if len(text) < 32:
        raise OSError(f"{path} holds no secret. Delete it; the next start makes a new one.")
    return text.encode()
