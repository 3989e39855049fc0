"""How a gateway proves to a launcher on the same machine that it is one. Touches one secret file.

A launcher is about to hand a key, and the person's prompts, to whatever listens on a port. So it sends a nonce to
`GET /health/proof?nonce=…` and expects an HMAC of it under a secret that only this user's Trunkline processes can
read. The port is part of what is signed: a stranger on port 4000 that passes the question on to a real gateway on
another port gets an answer for that other port, which the launcher refuses.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

from trunkline.config import secret_file

SECRET_NAME = "proof.secret"  # noqa: S105 - the file's name, not its content
NONCE = re.compile(r"[0-9a-f]{32,128}")
"""What a nonce looks like; anything else is refused, so that nobody has chosen text signed."""


def secret_of(home: Path) -> bytes:
    """The secret of this `TRUNKLINE_HOME`, made on first use with mode 0600. Raises OSError when it cannot be."""
    return secret_file.secret_of(home, SECRET_NAME)


def sign(secret: bytes, nonce: str, port: int) -> str | None:
    """The answer to a nonce on a port, in hex; None when the nonce is not one."""
    if not NONCE.fullmatch(nonce):
        return None
    return hmac.new(secret, f"trunkline-proof-1\n{port}\n{nonce}".encode(), hashlib.sha256).hexdigest()


def holds(secret: bytes, nonce: str, port: int, answer: object) -> bool:
    """Whether an answer is the one this secret gives, compared in constant time."""
    expected = sign(secret, nonce, port)
    return expected is not None and isinstance(answer, str) and hmac.compare_digest(expected, answer)
