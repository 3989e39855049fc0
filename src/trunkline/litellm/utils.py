"""`litellm.utils`, in the part that programs import."""

from trunkline.litellm.types.utils import *  # noqa: F403 - its names are here as well
from trunkline.sdk.build import stream_chunk_builder as stream_chunk_builder
from trunkline.sdk.costs import get_llm_provider as get_llm_provider
from trunkline.sdk.costs import get_max_tokens as get_max_tokens
from trunkline.sdk.costs import get_model_info as get_model_info
from trunkline.sdk.costs import supports_function_calling as supports_function_calling
from trunkline.sdk.costs import supports_reasoning as supports_reasoning
from trunkline.sdk.costs import supports_response_schema as supports_response_schema
from trunkline.sdk.costs import supports_vision as supports_vision
from trunkline.sdk.environment import validate_environment as validate_environment
from trunkline.sdk.streams import Stream as CustomStreamWrapper
from trunkline.sdk.theirs import check_valid_key as check_valid_key
from trunkline.sdk.theirs import get_supported_openai_params as get_supported_openai_params
from trunkline.sdk.theirs import get_valid_models as get_valid_models
from trunkline.sdk.tokens import token_counter as token_counter
from trunkline.sdk.trim import trim_messages as trim_messages

__all__ = ["CustomStreamWrapper"]
