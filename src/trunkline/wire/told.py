"""What an error of the gateway's own tells beside the members that its wire has."""

from __future__ import annotations

import math
from typing import Any

from trunkline.errors import Failure


def told(failure: Failure, request_id: str, when: str) -> dict[str, Any]:
    """`status_code`, `timestamp` (RFC 3339) and `request_id`; `retry_after` in whole seconds and `limit_type` where
    they are known."""
    members: dict[str, Any] = {"status_code": failure.status, "timestamp": when, "request_id": request_id}
    if failure.retry_after is not None:
        members["retry_after"] = max(1, math.ceil(failure.retry_after))
    if limit := failure.limit_type or ("provider" if failure.status == 429 else ""):
        members["limit_type"] = limit
    return members
