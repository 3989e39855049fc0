"""`litellm.main`: the functions that programs call."""

from trunkline.sdk.batch import batch_completion
from trunkline.sdk.build import stream_chunk_builder
from trunkline.sdk.calls import acompletion, aembedding, completion, embedding

__all__ = ["acompletion", "aembedding", "batch_completion", "completion", "embedding", "stream_chunk_builder"]
