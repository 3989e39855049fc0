"""Reads the two public price sources into one shape. No network: both are given as installed package or file.

LiteLLM's price file is read out of its wheel (or given as JSON); genai-prices is imported. Money stays Decimal until it
is integer nano-dollars per million tokens.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from trunkline.catalog.prices import CACHE_READ, CACHE_WRITE, INPUT, LONG_WRITE, OUTPUT, price_from_params
from trunkline.model.usage import Rates

PRICE_FILE = "litellm/model_prices_and_context_window_backup.json"

LITELLM = {
    "anthropic": "anthropic", "azure": "azure", "bigmodel": "bigmodel", "deepseek": "deepseek", "gemini": "gemini",
    "groq": "groq", "mistral": "mistral", "moonshot": "moonshot", "openai": "openai",
    "text-completion-openai": "openai", "together_ai": "together_ai", "xai": "xai", "zai": "zai",
}  # fmt: skip
"""LiteLLM's provider → ours."""

GENAI = {
    "anthropic": "anthropic", "azure": "azure", "deepseek": "deepseek", "google": "gemini", "groq": "groq",
    "mistral": "mistral", "moonshotai": "moonshot", "openai": "openai", "openrouter": "openrouter",
    "together": "together_ai", "x-ai": "xai", "zai": "zai",
}  # fmt: skip
"""The provider of genai-prices → ours. Its `zhipuai` is left out: of prices by length it has the cheapest only."""

MODES = {"chat": "", "completion": "c", "embedding": "e", "responses": "o"}

_FLAGS = {
    "v": "supports_vision",
    "t": "supports_function_calling",
    "r": "supports_reasoning",
    "p": "supports_assistant_prefill",
    "m": "supports_mid_conversation_system",
    "s": "supports_sampling_params",
    "f": "supports_forced_tool_use",
    "a": "thinking_always_on",
    "d": "supports_pdf_input",
    "j": "supports_response_schema",
}
_TIERED = re.compile(rf"{INPUT}(_above_\d+k_tokens)?")
_ABSENT_IS_NO = "vtrdj"
_REGIONS = ("eu/", "us/", "global/", "global-standard/", "datazone/", "sweden/")

Writes = Mapping[str, tuple[Decimal, Decimal]]
"""Provider → what a cache write costs as a multiple of the input rate, short and long, where a source does not say."""


@dataclass(slots=True)
class Entry:
    """One model as one source has it. `flags`: lower case yes, upper case no, absent unknown."""

    id: str
    tiers: tuple[Rates, ...] = ()
    max_input: int = 0
    max_output: int = 0
    flags: str = ""
    mode: str = ""
    page: str = ""
    retires: str = ""
    origin: str = ""
    said: frozenset[str] = frozenset()
    """Which of `cache_read` and `cache_write` the source itself named; the others are our filling."""


def litellm_rows(source: Path) -> Mapping[str, Any]:
    """The price file's entries, from a wheel or a JSON file."""
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            text = wheel.read(PRICE_FILE).decode()
    else:
        text = source.read_text(encoding="utf-8")
    rows: Mapping[str, Any] = json.loads(text, parse_float=Decimal)
    return rows


def from_litellm(rows: Mapping[str, Any], writes: Writes) -> Iterator[tuple[str, Entry]]:
    """Provider and entry for every chat, completion, responses and embedding model of our providers."""
    for key, row in rows.items():
        provider = LITELLM.get(row.get("litellm_provider", ""))
        model = key.removeprefix(f"{row.get('litellm_provider')}/")
        if provider is None or row.get("mode") not in MODES or model.startswith(_REGIONS) or "parameters" in row:
            continue
        price = price_from_params(with_writes(row, writes.get(provider))) if row.get(INPUT) is not None else None
        yield (
            provider,
            Entry(
                id=model,
                tiers=price.tiers if price else (),
                max_input=_count(row.get("max_input_tokens")),
                max_output=_count(row.get("max_output_tokens")),
                flags=_flags(row),
                mode=MODES[row["mode"]],
                page=str(row.get("source", "")).split("#")[0],
                retires=str(row.get("deprecation_date", "")),
                origin="l",
                said=_said(row),
            ),
        )


def from_genai(day: date, writes: Writes) -> Iterator[tuple[str, Entry]]:
    """Provider and entry for every token-priced model of our providers, at the prices valid on that day."""
    from genai_prices.data import providers

    for row in providers:
        provider = GENAI.get(row.id)
        if provider is None:
            continue
        for model in row.models:
            if provider == "gemini" and not model.id.startswith(("gemini", "gemma")):
                continue
            if provider == "openrouter" and ("/" not in model.id or model.id.endswith(":batch")):
                continue
            prices = _dearest(model, day)
            params = _genai_params(prices)
            nested = "anthropic" if model.id.startswith("anthropic/") else provider
            price = price_from_params(with_writes(params, writes.get(nested))) if INPUT in params else None
            if price is not None:
                yield (
                    provider,
                    Entry(
                        id=model.id.lower() if provider == "zai" else model.id,
                        tiers=price.tiers,
                        max_input=_count(model.context_window),
                        mode="" if getattr(prices, "output_mtok", None) is not None else "e",
                        page=(row.pricing_urls or [""])[0].split("#")[0],
                        origin="g",
                        said=_said(params),
                    ),
                )


def _dearest(model: Any, day: date) -> Any:
    """The prices of the dearest hour of that day: a provider with an off-peak price is held at its peak price."""
    hours = [model.get_prices(datetime.combine(day, time(hour, 30), UTC)) for hour in range(24)]

    def weight(prices: Any) -> Decimal:
        both = (getattr(prices, "input_mtok", None), getattr(prices, "output_mtok", None))
        return sum((Decimal(getattr(side, "base", side) or 0) for side in both), Decimal(0))

    return max(hours, key=weight)


def _genai_params(prices: Any) -> dict[str, Decimal]:
    """genai-prices' dollars per million as LiteLLM's keys with dollars per token."""
    names = {
        "input_mtok": INPUT,
        "output_mtok": OUTPUT,
        "cache_read_mtok": CACHE_READ,
        "cache_write_mtok": CACHE_WRITE,
        "cache_write_1h_mtok": LONG_WRITE[0],
    }
    params: dict[str, Decimal] = {}
    for name, key in names.items():
        price = getattr(prices, name, None)
        if price is None:
            continue
        params[key] = Decimal(getattr(price, "base", price)) / 1_000_000
        for tier in getattr(price, "tiers", ()):
            params[f"{key}_above_{(tier.start + 1) // 1000}k_tokens"] = Decimal(tier.price) / 1_000_000
    if INPUT in params:
        params.setdefault(OUTPUT, Decimal(0))
    return params


def _said(params: Mapping[str, Any]) -> frozenset[str]:
    keys = {"cache_read": CACHE_READ, "cache_write": CACHE_WRITE}
    return frozenset(name for name, key in keys.items() if params.get(key) is not None)


def with_writes(row: Mapping[str, Any], writes: tuple[Decimal, Decimal] | None) -> dict[str, Any]:
    """The row with both cache-write rates for every tier: as the source says, else by the provider's multipliers,
    else the input rate. A multiplier of 0 holds even against a source; a source's 0 elsewhere means "not known"."""
    params = {key.replace("_above_12hr", "_above_1hr"): value for key, value in row.items() if value is not None}
    params.setdefault(OUTPUT, Decimal(0))
    for key in [key for key in params if _TIERED.fullmatch(key)]:
        suffix = key.removeprefix(INPUT)
        cost = Decimal(str(params[key]))
        short, long = (cost * times for times in writes or (Decimal(1), Decimal(1)))
        said = Decimal(str(params.get(CACHE_WRITE + suffix, 0)))
        params[CACHE_WRITE + suffix] = said if said and short else short
        longer = Decimal(str(params.get(LONG_WRITE[0] + suffix, 0)))
        params[LONG_WRITE[0] + suffix] = longer if longer and long else max(long, params[CACHE_WRITE + suffix])
    return params


def _flags(row: Mapping[str, Any]) -> str:
    curated = any(key.startswith("supports_") for key in row)
    found = ""
    for letter, key in _FLAGS.items():
        value = row.get(key)
        if value is None and curated and letter in _ABSENT_IS_NO:
            value = False
        if value is not None:
            found += letter if value else letter.upper()
    return found


def _count(value: object) -> int:
    return int(Decimal(str(value)).to_integral_value(ROUND_CEILING)) if value else 0
