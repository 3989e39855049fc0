"""Functions of LiteLLM's that Trunkline's own SDK does without: programs written for LiteLLM call them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from trunkline.catalog.models import efforts, look_up, names
from trunkline.catalog.providers import PROVIDERS
from trunkline.config.deploy import whose
from trunkline.errors import ConfigInvalid
from trunkline.exceptions import Error, UnsupportedParamsError
from trunkline.sdk.calls import acompletion, completion
from trunkline.sdk.costs import get_model_info
from trunkline.sdk.setup import SPOKEN

_BARE = frozenset({"openai", "anthropic"})
"""Providers whose models LiteLLM lists without their prefix."""
_ALWAYS = (
    "max_tokens",
    "max_completion_tokens",
    "stream",
    "stream_options",
    "stop",
    "user",
    "extra_headers",
    "timeout",
    "response_format",
    "n",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "logit_bias",
)
_SAMPLING = ("temperature", "top_p")
_TOOLS = ("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call")
_NOT_CLAUDES = frozenset(
    {"n", "seed", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias"}
)
"""Anthropic's format has no words for these."""
_STRATEGIES = ("retry_strategy", "original_function")


def completion_with_retries(model: str | None = None, messages: Sequence[Any] | None = None, **arguments: Any) -> Any:
    """`completion` that is tried three times more where nothing else is said."""
    return completion(model, messages, **_retried(arguments))


async def acompletion_with_retries(
    model: str | None = None, messages: Sequence[Any] | None = None, **arguments: Any
) -> Any:
    """`completion_with_retries`, for an event loop."""
    return await acompletion(model, messages, **_retried(arguments))


def _retried(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"num_retries": 3, **{name: value for name, value in arguments.items() if name not in _STRATEGIES}}


def check_valid_key(model: str, api_key: str, **arguments: Any) -> bool:
    """Whether a model answers with that key: asks for ten tokens. Any failure is False, as in LiteLLM."""
    try:
        completion(model, [{"role": "user", "content": "Hi"}], api_key=api_key, max_tokens=10, **arguments)
    except Error:
        return False
    return True


def get_valid_models(
    check_provider_endpoint: bool | None = None,
    custom_llm_provider: str | None = None,
    api_key: str | None = None,
    **_others: Any,
) -> list[str]:
    """The catalog's models of the providers whose key is in the environment, or of the one that is named.

    Raises `UnsupportedParamsError` for `check_provider_endpoint`: nobody is asked.
    """
    if check_provider_endpoint:
        raise UnsupportedParamsError(
            "`check_provider_endpoint` is LiteLLM's, and Trunkline's SDK does not have it. `trunkline doctor` asks.",
            param="check_provider_endpoint",
        )
    found: list[str] = []
    for row in PROVIDERS:
        if custom_llm_provider not in (None, row.name, *row.aliases) or not row.needs_key:
            continue
        if (api_key and custom_llm_provider) or any(os.environ.get(name) for name in row.key_names):
            found += [name if row.name in _BARE else f"{row.name}/{name}" for name in names(row.name)]
    return found


def get_supported_openai_params(model: str, custom_llm_provider: str | None = None, **_others: Any) -> list[str] | None:
    """The parameters of OpenAI's chat that a model takes, by the catalog; None where nobody knows whose it is."""
    try:
        provider, name = whose(model, custom_llm_provider or "", "", SPOKEN)
    except ConfigInvalid:
        return None
    known = look_up(provider.name, name)
    able = known.abilities if known is not None else None
    claudes = "anthropic" in provider.endpoints and "openai_chat" not in provider.endpoints
    taken = [param for param in _ALWAYS if not (claudes and param in _NOT_CLAUDES)]
    taken += _SAMPLING if able is None or able.sampling is not False else ()
    taken += _TOOLS if able is None or able.tools is not False else ()
    if (able is not None and able.reasoning) or efforts(provider.name, name):
        taken += ("reasoning_effort", *(("thinking",) if "anthropic" in provider.endpoints else ()))
    return taken


def model_cost() -> dict[str, dict[str, Any]]:
    """The catalog as LiteLLM's `model_cost`: limits, dollars a token and abilities, by `<provider>/<name>`, and by the
    bare name for OpenAI's and Anthropic's models."""
    told: dict[str, dict[str, Any]] = {}
    for row in PROVIDERS:
        if row.free:
            continue
        for name in names(row.name):
            info = get_model_info(name, row.name)
            told[f"{row.name}/{name}"] = info
            if row.name in _BARE:
                told[name] = info
    return told


def provider_list() -> list[str]:
    """The catalog's providers."""
    return [row.name for row in PROVIDERS]
