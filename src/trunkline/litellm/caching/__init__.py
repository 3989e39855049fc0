"""`litellm.caching`."""

from trunkline.sdk.cache import Cache

__all__ = ["Cache"]
