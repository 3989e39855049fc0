"""Trunkline: one line to every model.

The package's version, and the SDK's names, which are imported when they are first asked for: `import trunkline` brings
nothing along. What is set here (`trunkline.drop_params = True`) are the SDK's settings.
"""

import sys
from types import ModuleType

__version__ = "0.1.0"

_NAMES = {
    "trunkline.sdk.calls": "completion acompletion embedding aembedding",
    "trunkline.sdk.router": "Router",
    "trunkline.sdk.tokens": "count_tokens acount_tokens token_counter",
    "trunkline.sdk.costs": "completion_cost cost_per_token get_model_info get_max_tokens supports_vision "
    "supports_function_calling supports_reasoning supports_response_schema get_llm_provider",
    "trunkline.sdk.build": "stream_chunk_builder",
    "trunkline.sdk.cache": "Cache enable_cache disable_cache",
    "trunkline.sdk.runtime": "close",
    "trunkline.sdk.verbose": "turn_on_debug turn_off_debug",
    "trunkline.sdk.batch": "batch_completion",
    "trunkline.sdk.trim": "trim_messages",
    "trunkline.sdk.environment": "validate_environment",
    "trunkline.sdk.callbacks": "CustomLogger",
    "trunkline.sdk.streams": "Stream",
    "trunkline.sdk.responses": "ModelResponse ModelResponseStream EmbeddingResponse Choices StreamingChoices Message "
    "Delta Usage Function ChatCompletionMessageToolCall ChatCompletionDeltaToolCall Embedding",
    "trunkline.exceptions": "Error BadRequestError AuthenticationError PermissionDeniedError NotFoundError "
    "UnprocessableEntityError RateLimitError InternalServerError BadGatewayError ServiceUnavailableError APIError "
    "APIResponseValidationError APIConnectionError Timeout BudgetExceededError ContextWindowExceededError "
    "ContentPolicyViolationError UnsupportedParamsError InvalidRequestError OpenAIError",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
PUBLIC = frozenset(_HOME)
"""The SDK's names."""
_SETTINGS = "trunkline.sdk.settings"


class _Package(ModuleType):
    """Setting one of the SDK's settings on the package sets it for the SDK. Some rooms are called as settings are
    (`cache`): what the import system sets there stays theirs."""

    def __setattr__(self, name: str, value: object) -> None:
        settings = None if isinstance(value, ModuleType) else _settings(name)
        if settings is None:
            super().__setattr__(name, value)
        else:
            setattr(settings, name, value)


def _settings(name: str) -> object | None:
    """The SDK's settings, where `name` is one of them."""
    if name.startswith("_") or name in _HOME:
        return None
    from importlib import import_module

    module = import_module(_SETTINGS)
    return module.SETTINGS if name in module.NAMES else None


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if (settings := _settings(name)) is not None:
        return getattr(settings, name)
    raise AttributeError(f"module 'trunkline' has no attribute {name!r}")


sys.modules[__name__].__class__ = _Package
