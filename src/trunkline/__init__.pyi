"""The names of the package as type checkers see them: at run time they are imported when they are first asked for."""

from collections.abc import Callable
from typing import Any

from trunkline.exceptions import APIConnectionError as APIConnectionError
from trunkline.exceptions import APIError as APIError
from trunkline.exceptions import APIResponseValidationError as APIResponseValidationError
from trunkline.exceptions import AuthenticationError as AuthenticationError
from trunkline.exceptions import BadGatewayError as BadGatewayError
from trunkline.exceptions import BadRequestError as BadRequestError
from trunkline.exceptions import BudgetExceededError as BudgetExceededError
from trunkline.exceptions import ContentPolicyViolationError as ContentPolicyViolationError
from trunkline.exceptions import ContextWindowExceededError as ContextWindowExceededError
from trunkline.exceptions import Error as Error
from trunkline.exceptions import InternalServerError as InternalServerError
from trunkline.exceptions import InvalidRequestError as InvalidRequestError
from trunkline.exceptions import NotFoundError as NotFoundError
from trunkline.exceptions import OpenAIError as OpenAIError
from trunkline.exceptions import PermissionDeniedError as PermissionDeniedError
from trunkline.exceptions import RateLimitError as RateLimitError
from trunkline.exceptions import ServiceUnavailableError as ServiceUnavailableError
from trunkline.exceptions import Timeout as Timeout
from trunkline.exceptions import UnprocessableEntityError as UnprocessableEntityError
from trunkline.exceptions import UnsupportedParamsError as UnsupportedParamsError
from trunkline.sdk.batch import batch_completion as batch_completion
from trunkline.sdk.build import stream_chunk_builder as stream_chunk_builder
from trunkline.sdk.cache import Cache as Cache
from trunkline.sdk.cache import disable_cache as disable_cache
from trunkline.sdk.cache import enable_cache as enable_cache
from trunkline.sdk.callbacks import CustomLogger as CustomLogger
from trunkline.sdk.calls import acompletion as acompletion
from trunkline.sdk.calls import aembedding as aembedding
from trunkline.sdk.calls import completion as completion
from trunkline.sdk.calls import embedding as embedding
from trunkline.sdk.costs import completion_cost as completion_cost
from trunkline.sdk.costs import cost_per_token as cost_per_token
from trunkline.sdk.costs import get_llm_provider as get_llm_provider
from trunkline.sdk.costs import get_max_tokens as get_max_tokens
from trunkline.sdk.costs import get_model_info as get_model_info
from trunkline.sdk.costs import supports_function_calling as supports_function_calling
from trunkline.sdk.costs import supports_reasoning as supports_reasoning
from trunkline.sdk.costs import supports_response_schema as supports_response_schema
from trunkline.sdk.costs import supports_vision as supports_vision
from trunkline.sdk.environment import validate_environment as validate_environment
from trunkline.sdk.responses import ChatCompletionDeltaToolCall as ChatCompletionDeltaToolCall
from trunkline.sdk.responses import ChatCompletionMessageToolCall as ChatCompletionMessageToolCall
from trunkline.sdk.responses import Choices as Choices
from trunkline.sdk.responses import Delta as Delta
from trunkline.sdk.responses import Embedding as Embedding
from trunkline.sdk.responses import EmbeddingResponse as EmbeddingResponse
from trunkline.sdk.responses import Function as Function
from trunkline.sdk.responses import Message as Message
from trunkline.sdk.responses import ModelResponse as ModelResponse
from trunkline.sdk.responses import ModelResponseStream as ModelResponseStream
from trunkline.sdk.responses import StreamingChoices as StreamingChoices
from trunkline.sdk.responses import Usage as Usage
from trunkline.sdk.router import Router as Router
from trunkline.sdk.runtime import close as close
from trunkline.sdk.streams import Stream as Stream
from trunkline.sdk.tokens import acount_tokens as acount_tokens
from trunkline.sdk.tokens import count_tokens as count_tokens
from trunkline.sdk.tokens import token_counter as token_counter
from trunkline.sdk.trim import trim_messages as trim_messages
from trunkline.sdk.verbose import turn_off_debug as turn_off_debug
from trunkline.sdk.verbose import turn_on_debug as turn_on_debug

__version__: str
PUBLIC: frozenset[str]

api_key: str | None
api_base: str | None
drop_params: bool
num_retries: int | None
request_timeout: float | None
fallbacks: list[Any] | None
default_fallbacks: list[Any] | None
context_window_fallbacks: list[Any] | None
content_policy_fallbacks: list[Any] | None
headers: dict[str, str] | None
set_verbose: bool
callbacks: list[Any]
success_callback: list[Any]
failure_callback: list[Any]
input_callback: list[Callable[..., Any]]
max_budget: float | None
use_litellm_proxy: bool
openai_key: str | None
anthropic_key: str | None
zai_key: str | None
gemini_key: str | None
groq_key: str | None
openrouter_key: str | None
deepseek_key: str | None
cache: Any
config: Any
ledger: Any
