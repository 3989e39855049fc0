"""`litellm.exceptions`: Trunkline's, and names that programs catch and nothing here raises."""

from trunkline.exceptions import *  # noqa: F403 - all of it, by definition
from trunkline.exceptions import LITELLM_EXCEPTION_TYPES as LITELLM_EXCEPTION_TYPES
from trunkline.exceptions import APIResponseValidationError, BadRequestError, ServiceUnavailableError


class PaymentRequiredError(BadRequestError):
    """LiteLLM's for 402; here a `RateLimitError` that is not `retryable`."""

    STATUS = 402


class ImageFetchError(BadRequestError):
    """LiteLLM's for a picture that it could not load; here providers load them."""


class RejectedRequestError(BadRequestError):
    """LiteLLM's for what one of its guardrails refused."""


class LiteLLMUnknownProvider(BadRequestError):
    """LiteLLM's for a prefix of nobody's; here a `BadRequestError`."""


class JSONSchemaValidationError(APIResponseValidationError):
    """LiteLLM's for an answer that is not of the form that was asked for; here answers are not looked at."""


class MidStreamFallbackError(ServiceUnavailableError):
    """LiteLLM's for a stream that its Router goes on with; here that is done without a word."""
