"""How a gateway proves to a launcher on the same machine that it is one. Touches one secret file.

A launcher is about to hand a key, and the person's prompts, to whatever listens on a port. So it sends a nonce to
`GET /health/proof?nonce=…` and expects an HMAC of it under a secret that only this user's Trunkline processes can
read. The port is part of what is signed: a stranger on port 4000 that passes the question on to a real gateway on
another port gets an answer for that other port, which the launcher refuses.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

SECRET_NAME = "proof.secret"  # noqa: S105 - the file's name, not its content
NONCE = re.compile(r"[0-9a-f]{32,128}")
"""What a nonce looks like; anything else is refused, so that nobody has chosen text signed."""


def secret_of(home: Path) -> bytes:
    """The secret of this `TRUNKLINE_HOME`, made on first use with mode 0600. Raises OSError when it cannot be.

    Two processes that start at once agree on one: the file is written beside its place and linked there, which
    fails for the second, who then reads the first one's.
    """
    path = home / SECRET_NAME
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = home / f".{SECRET_NAME}.{os.getpid()}.{secrets.token_hex(4)}"
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


def sign(secret: bytes, nonce: str, port: int) -> str | None:
    """The answer to a nonce on a port, in hex; None when the nonce is not one."""
    if not NONCE.fullmatch(nonce):
        return None
    return hmac.new(secret, f"trunkline-proof-1\n{port}\n{nonce}".encode(), hashlib.sha256).hexdigest()


def holds(secret: bytes, nonce: str, port: int, answer: object) -> bool:
    """Whether an answer is the one this secret gives, compared in constant time."""
    expected = sign(secret, nonce, port)
    return expected is not None and isinstance(answer, str) and hmac.compare_digest(expected, answer)
