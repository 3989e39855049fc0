"""`litellm.router`."""

from trunkline.sdk.router import Router

__all__ = ["Router"]
