"""`litellm.types`."""
