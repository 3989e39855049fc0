"""LiteLLM's records of a Router's policies: as many attempts, or failures before a rest, as the sort of error has.

Names: litellm/types/router.py (1.110.2), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trunkline.config.litellm_settings import ERRORS
from trunkline.sdk.objects import Object


class RetryPolicy(Object):
    """`RetryPolicy(RateLimitErrorRetries=3, DefaultRetries=1)`."""

    FIELDS: ClassVar[Mapping[str, Any]] = dict.fromkeys([*(f"{error}Retries" for error in ERRORS), "DefaultRetries"])


class AllowedFailsPolicy(Object):
    """`AllowedFailsPolicy(RateLimitErrorAllowedFails=100)`."""

    FIELDS: ClassVar[Mapping[str, Any]] = dict.fromkeys(
        f"{error}AllowedFails" for error in (*ERRORS, "BadGatewayError")
    )
