"""`litellm.integrations.custom_logger`."""

from trunkline.sdk.callbacks import CustomLogger

__all__ = ["CustomLogger"]
