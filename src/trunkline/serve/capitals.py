"""Names of errors in capitals, for programs that look for `RATE_LIMIT_ERROR`. Pure.

Under `/api/llm`, and everywhere with `error_codes: upper`, the errors that this gateway makes have these codes; a
provider's own pass as they are.
"""

from __future__ import annotations

from trunkline.config.schema import Snapshot
from trunkline.errors import Failure

_OF_CODE = {
    "model_not_found": "MODEL_NOT_AVAILABLE",
    "invalid_request": "VALIDATION_ERROR",
    "not_allowed": "FORBIDDEN",
    "unknown_path": "NOT_FOUND",
    "provider_unreachable": "PROVIDER_UNAVAILABLE",
    "provider_resting": "PROVIDER_UNAVAILABLE",
}
"""Codes whose capitals say something else; all others are their own, in capitals."""


def in_capitals(snapshot: Snapshot, path: str) -> bool:
    """Whether an error of this request has a code in capitals."""
    return snapshot.error_codes == "upper" or path == "/api/llm" or path.startswith("/api/llm/")


def capital(failure: Failure) -> str:
    """Too much at once is one code, whoever said so; its `limit_type` says which limit it was."""
    if failure.status == 429:
        return "RATE_LIMIT_ERROR"
    if failure.kind == "missing":
        return "MODEL_NOT_AVAILABLE"
    return _OF_CODE.get(failure.code, "".join(sign if sign.isalnum() else "_" for sign in failure.code).upper())
