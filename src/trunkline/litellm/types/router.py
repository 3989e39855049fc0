"""`litellm.types.router`: the records of a Router's policies."""

from trunkline.sdk.policies import AllowedFailsPolicy, RetryPolicy

__all__ = ["AllowedFailsPolicy", "RetryPolicy"]
