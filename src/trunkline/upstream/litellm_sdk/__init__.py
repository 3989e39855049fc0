"""LiteLLM's SDK where a connection pool would stand: for providers that are in no row of the catalog.

It is asked in OpenAI's chat format and answers in it, so that all the rest of the house (crossing, commit point,
ledger, errors) sees one more provider of that wire. The SDK is imported when a deployment needs it, never before.
"""

from trunkline.upstream.litellm_sdk.transport import Sdk

__all__ = ["Sdk"]
