"""`litellm.integrations`."""
