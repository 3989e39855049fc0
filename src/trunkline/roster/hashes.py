"""How keys are stored: HMAC(secret, sha256(key)). Pure but for `secret`, which touches one file.

LiteLLM stores sha256(key) in hexadecimal digits, so its own hashes can be taken over: only the outer half is added.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from trunkline.config.secret_file import secret_of
from trunkline.errors import ConfigInvalid, StoreDown

SECRET_NAME = "keys.secret"  # noqa: S105 - the file's name, not its content
SALT = "LITELLM_SALT_KEY"
HASH = re.compile(r"[0-9a-f]{64}")


def secret(home: Path, environ: Mapping[str, str]) -> bytes:
    """`LITELLM_SALT_KEY`, else the secret that was made for this `TRUNKLINE_HOME`. Raises `StoreDown`."""
    given = environ.get(SALT, "").strip()
    if given:
        return given.encode()
    try:
        return secret_of(home, SECRET_NAME)
    except OSError as error:
        raise StoreDown(
            f"The secret that keys are stored with cannot be read: {error}.",
            remedy=f"Mend {home / SECRET_NAME}, or set {SALT}.",
        ) from None


def outer(secret: bytes, inner: str) -> str:
    """What is stored of a key whose sha256 is `inner`."""
    return hmac.digest(secret, inner.encode(), "sha256").hex()


def inner(key: bytes) -> str:
    """LiteLLM's hash of a key."""
    return hashlib.sha256(key).hexdigest()


def stored(secret: bytes, key: bytes) -> str:
    """What is stored of a key."""
    return hmac.digest(secret, hashlib.sha256(key).hexdigest().encode(), "sha256").hex()


def fresh() -> str:
    """A new key."""
    return f"sk-{secrets.token_urlsafe(24)}"


def hint(key: str) -> str:
    """What may be shown of a key, as LiteLLM shows it."""
    return f"sk-...{key[-4:]}"


def check(secret: bytes) -> str:
    """Tells whether a secret is the one that keys were stored with, without telling it."""
    return hmac.digest(secret, b"trunkline-roster-1", "sha256").hex()


def other_secret(home: Path) -> ConfigInvalid:
    """The failure of a secret that the stored keys do not know."""
    return ConfigInvalid(
        "The keys were stored with another secret: none of them would be known any more.",
        remedy=f"Set {SALT} to what it was, or bring {home / SECRET_NAME} back; or delete the keys where it was known.",
    )
