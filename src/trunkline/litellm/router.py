"""`litellm.router`."""

from trunkline.sdk.policies import AllowedFailsPolicy, RetryPolicy
from trunkline.sdk.router import Router

__all__ = ["AllowedFailsPolicy", "RetryPolicy", "Router"]
