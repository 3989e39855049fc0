"""Some providers repeat the key they were sent in the error about it. It goes no further than here."""

from __future__ import annotations

from trunkline.errors import Failure, ProviderRefused, RefusedAnswer

REDACTED = "[redacted]"


def redacted(piece: bytes, key: str) -> bytes:
    """Bytes of an error, without the key."""
    return piece.replace(key.encode(), REDACTED.encode()) if key else piece


def redact(failure: Failure, key: str) -> None:
    """Takes the key out of all that a failure says."""
    if not key:
        return
    failure.message = failure.message.replace(key, REDACTED)
    failure.args = (failure.message,)
    if isinstance(failure, ProviderRefused):
        answer = failure.answer
        headers = tuple((name, value.replace(key, REDACTED)) for name, value in answer.headers)
        failure.answer = RefusedAnswer(answer.status, headers, redacted(answer.body, key))
