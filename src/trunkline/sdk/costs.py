"""What calls cost, what models cost, and what models can do, by the catalog. In dollars as floats, as LiteLLM has it:
exact figures are the ledger's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trunkline.catalog.litellm_sdk import price as sdk_price
from trunkline.catalog.models import Model, look_up
from trunkline.config.deploy import whose
from trunkline.errors import ConfigInvalid
from trunkline.exceptions import BadRequestError, NotFoundError
from trunkline.model.usage import MILLION, NANO, Price, Usage
from trunkline.sdk.setup import SPOKEN
from trunkline.sdk.tokens import token_counter


def completion_cost(
    completion_response: Any = None,
    model: str | None = None,
    prompt: str = "",
    messages: Sequence[Any] | None = None,
    completion: str = "",
    *,
    custom_llm_provider: str | None = None,
    **_others: Any,
) -> float:
    """Dollars that a call cost: what its answer says, else the list price of its tokens, else of the texts' guess.

    Raises `NotFoundError` where no price is known: unknown is not free.
    """
    hidden = getattr(completion_response, "_hidden_params", None) or {}
    if model is None and hidden.get("response_cost") is not None:
        return float(hidden["response_cost"])
    named = model or hidden.get("litellm_model_name") or _get(completion_response, "model")
    provider = custom_llm_provider or hidden.get("custom_llm_provider") or ""
    if not named:
        raise BadRequestError("completion_cost needs an answer of a call, or a `model`.", param="model")
    usage = _used(_get(completion_response, "usage"))
    if usage is None:
        asked = token_counter(named, text=prompt) if prompt else token_counter(named, messages=messages or ())
        usage = Usage(input=asked, output=token_counter(named, text=completion) if completion else 0)
    return _price(named, provider).cost(usage) / NANO


def cost_per_token(
    model: str = "",
    prompt_tokens: float = 0,
    completion_tokens: float = 0,
    *,
    custom_llm_provider: str | None = None,
    cache_read_input_tokens: int = 0,
    cache_creation_input_tokens: int = 0,
    **_others: Any,
) -> tuple[float, float]:
    """(dollars for the prompt, dollars for the completion). Raises `NotFoundError` where no price is known."""
    price = _price(model, custom_llm_provider or "")
    read, written = int(cache_read_input_tokens), int(cache_creation_input_tokens)
    asked = Usage(input=max(0, int(prompt_tokens) - read - written), cache_read=read, cache_write=written, output=0)
    whole = Usage(input=asked.input, cache_read=read, cache_write=written, output=int(completion_tokens))
    first = price.cost(asked)
    return first / NANO, (price.cost(whole) - first) / NANO


def get_model_info(model: str, custom_llm_provider: str | None = None) -> dict[str, Any]:
    """What is known of a model, by LiteLLM's names. Raises `NotFoundError` for one that the catalog does not have."""
    found = _model(model, custom_llm_provider or "")
    if found is None:
        raise NotFoundError(
            f"The catalog does not know {model!r}. `trunkline models` lists what it knows.", model=model
        )
    rates = found.price.tiers[0] if found.price is not None else None
    return {
        "key": found.name,
        "litellm_provider": found.provider,
        "mode": found.mode,
        "max_input_tokens": found.max_input or None,
        "max_output_tokens": found.max_output or None,
        "max_tokens": found.max_output or None,
        "input_cost_per_token": _each(rates.input) if rates else None,
        "output_cost_per_token": _each(rates.output) if rates else None,
        "cache_read_input_token_cost": _each(rates.cache_read) if rates else None,
        "cache_creation_input_token_cost": _each(rates.cache_write) if rates else None,
        "supports_vision": found.abilities.vision,
        "supports_function_calling": found.abilities.tools,
        "supports_reasoning": found.abilities.reasoning,
        "supports_response_schema": found.abilities.json_schema,
        "supports_pdf_input": found.abilities.documents,
        "supports_assistant_prefill": found.abilities.prefill,
    }


def get_max_tokens(model: str) -> int | None:
    """The output tokens that a model writes at most; None where the catalog does not say."""
    found: int | None = get_model_info(model)["max_tokens"]
    return found


def get_llm_provider(
    model: str, custom_llm_provider: str | None = None, api_base: str | None = None, api_key: str | None = None
) -> tuple[str, str, str | None, str | None]:
    """(name without the prefix, provider, key as it was given, base as it was given). Raises `BadRequestError`."""
    try:
        provider, name = whose(model, custom_llm_provider or "", api_base or "", SPOKEN)
    except ConfigInvalid as unknown:
        raise BadRequestError(unknown.sentence.removeprefix(f"{SPOKEN}: "), model=model) from None
    return name, provider.name, api_key, api_base


def supports_vision(model: str, custom_llm_provider: str | None = None) -> bool:
    """Whether the catalog says that a model sees pictures."""
    return _can(model, custom_llm_provider, "vision")


def supports_function_calling(model: str, custom_llm_provider: str | None = None) -> bool:
    """Whether the catalog says that a model calls tools."""
    return _can(model, custom_llm_provider, "tools")


def supports_reasoning(model: str, custom_llm_provider: str | None = None) -> bool:
    """Whether the catalog says that a model thinks."""
    return _can(model, custom_llm_provider, "reasoning")


def supports_response_schema(model: str, custom_llm_provider: str | None = None) -> bool:
    """Whether the catalog says that a model can be held to a JSON schema."""
    return _can(model, custom_llm_provider, "json_schema")


def _can(model: str, provider: str | None, ability: str) -> bool:
    found = _model(model, provider or "")
    return found is not None and getattr(found.abilities, ability) is True


def _model(model: str, provider: str) -> Model | None:
    try:
        row, name = whose(model, provider, "", SPOKEN)
    except ConfigInvalid:
        return None
    return look_up(row.name, name)


def _price(model: str, provider: str) -> Price:
    found = _model(model, provider)
    price = found.price if found is not None else sdk_price(provider, model) if provider else None
    if price is None:
        raise NotFoundError(
            f"No price of {model!r} is known. Give it as `<provider>/<name>`; `trunkline models` lists prices.",
            model=model,
            llm_provider=provider,
        )
    return price


def _each(nano_per_million: int) -> float:
    return nano_per_million / MILLION / NANO


def _used(told: Any) -> Usage | None:
    if told is None:
        return None
    details = _get(told, "prompt_tokens_details")
    read = int(_get(details, "cached_tokens") or 0)
    written = int(_get(details, "cache_write_tokens") or _get(told, "cache_creation_input_tokens") or 0)
    prompt = int(_get(told, "prompt_tokens") or 0)
    output = int(_get(told, "completion_tokens") or 0)
    return Usage(input=max(0, prompt - read - written), cache_read=read, cache_write=written, output=output)


def _get(record: Any, name: str) -> Any:
    if record is None:
        return None
    return record.get(name) if isinstance(record, dict) else getattr(record, name, None)
