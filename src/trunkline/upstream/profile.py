"""What one model can do and costs, as far as a request of its own wire must know it. Looked up once per model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from trunkline.catalog import litellm_sdk
from trunkline.catalog.models import Model, efforts, look_up
from trunkline.catalog.paces import factors
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import at_host
from trunkline.catalog.sound import sound
from trunkline.config.schema import Deployment
from trunkline.model.dialect import Dialect
from trunkline.model.usage import Price


@dataclass(frozen=True, slots=True)
class Profile:
    """`sampling`: temperature and its kin are accepted.

    `completion_limit`: `max_tokens` must be called `max_completion_tokens` (OpenAI's reasoning models).
    `stored_metadata`: a chat's `metadata` is refused unless it is to be stored (OpenAI: "The 'metadata' parameter is
    only allowed when 'store' is enabled", community.openai.com/t/1119240; reports up to 2026-04).
    """

    vendor: Provider
    """Whose host it is: `anthropic/glm-4.6` at Z.AI has Z.AI's prices, errors and habits."""
    sampling: bool = True
    completion_limit: bool = False
    stored_metadata: bool = False
    price: Price | None = None
    dialect: Dialect = field(default_factory=lambda: Dialect("", ""))
    """What a request that comes from another wire must know of it."""


def profile_of(
    deployment: Deployment, model: str, base: str, prices: Mapping[str, Price], *, drop: bool = False
) -> Profile:
    """`drop`: the configuration's `drop_params`, where the deployment has none of its own.

    The price written beside the deployment wins over the user's price file, and that over the catalog (or LiteLLM's
    own file, where its SDK is asked).

    What the catalog does not know of a model is taken to be accepted: a refusal is the provider's to speak.
    """
    host = at_host(base)
    vendor = host or deployment.provider
    stored = host is not None and host.name == "openai"
    row = look_up(vendor.name, model)
    listed = litellm_sdk.price(vendor.name, model) if vendor.embedded == "litellm" else None
    price = deployment.price or prices.get(f"{vendor.name}/{model}") or prices.get(model)
    if deployment.drop_params is not None:
        drop = deployment.drop_params
    dialect = _dialect(vendor, model, row, drop=drop)
    dialect = replace(dialect, tools=_tools(deployment.info.get("supports_function_calling"), dialect.tools))
    if row is None:
        charged = _charging(price or listed, vendor, model)
        return Profile(vendor, stored_metadata=stored, price=charged, dialect=dialect)
    return Profile(
        vendor,
        sampling=row.abilities.sampling is not False,
        completion_limit=row.output_limit == "max_completion_tokens",
        stored_metadata=stored,
        price=_charging(price or row.price, vendor, model),
        dialect=dialect,
    )


def _tools(said: object, catalogued: bool | None) -> bool | None:
    """Whether tools are taken: what `model_info` says, else the catalog's yes.

    Its no is not believed. It stands where LiteLLM's file has no word of tools, and there are models among those that
    take them (`azure/o3-mini`, `deepseek-reasoner`; 2026-11): to refuse an agent its tools is the provider's to do.
    """
    if isinstance(said, bool):
        return said
    return True if catalogued else None


_GROUNDED = 35_000_000
"""Nano-dollars of an answer of Gemini 2 that searched the web, however often: $35 per 1,000
(ai.google.dev/gemini-api/docs/pricing, 2026-09). From Gemini 3 on each query is paid."""


def _charging(price: Price | None, vendor: Provider, model: str) -> Price | None:
    """The price with what the vendor takes for a search, for another pace or place, and for sound."""
    if price is None:
        return None
    if others := factors(vendor.name, model):
        price = replace(price, factors=others)
    if price.sound is None and any(heard := sound(vendor.name, model)):
        words = price.tiers[0]
        price = replace(price, sound=(heard[0] or words.input, heard[1] or words.output))
    if vendor.name == "gemini" and model.startswith("gemini-2"):
        return replace(price, search=_GROUNDED, search_once=True)
    if vendor.search or vendor.lookup:
        return replace(price, search=vendor.search, lookup=vendor.lookup)
    return price


def _dialect(vendor: Provider, model: str, row: Model | None, *, drop: bool) -> Dialect:
    taken = efforts(vendor.name, model)
    if row is None:
        return Dialect(vendor.name, model, efforts=taken, asks_usage=vendor.asks_usage, leaks=vendor.leaks, drop=drop)
    able = row.abilities
    return Dialect(
        vendor.name,
        model,
        sampling=able.sampling,
        limit_name=row.output_limit,
        max_output=row.max_output,
        vision=able.vision,
        documents=able.documents,
        tools=able.tools,
        forced_tool=able.forced_tool,
        prefill=able.prefill,
        system_in_middle=able.system_in_middle,
        json_schema=able.json_schema,
        reasoning=able.reasoning,
        always_thinks=able.always_thinks,
        efforts=tuple(each for each in taken if each != "none") if taken and able.always_thinks else taken,
        asks_usage=vendor.asks_usage,
        leaks=vendor.leaks,
        drop=drop,
        developer=vendor.name in ("openai", "azure"),
    )
