"""Prices as people write them (LiteLLM's `input_cost_per_token` and its kin), read exactly. Opens one file when asked.

Costs there are dollars per token, written as YAML or JSON numbers or as strings. They become integer nano-dollars per
million tokens: `Decimal(str(x))` × 10^15, and what is finer than that is rounded up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from trunkline.errors import ConfigInvalid
from trunkline.model.usage import Price, Rates

INPUT = "input_cost_per_token"
OUTPUT = "output_cost_per_token"
CACHE_READ = "cache_read_input_token_cost"
CACHE_WRITE = "cache_creation_input_token_cost"
SOUND_READ, SOUND_SAID = "input_cost_per_audio_token", "output_cost_per_audio_token"
LONG_WRITE = ("cache_creation_input_token_cost_above_1hr", "cache_creation_input_token_cost_above_12hr")
"""The write that is kept longer: one hour at Anthropic, twelve at OpenAI."""

_NO_OUTPUT = {"embedding", "rerank", "moderation", "search"}
"""LiteLLM's modes whose answers hold no paid tokens: their output cost may be left out."""

_TOKENS = {"chat", "completion", "responses"} | _NO_OUTPUT
_OTHER_UNIT = re.compile(r"_cost_per_(?!token)|_cost_per_\w+_token$")
"""A cost by the image, the second, the audio token, ...: such a model has no price by plain tokens alone."""

_SCALE = Decimal(10) ** 15
_TIER = re.compile(r"_above_(\d+)k_tokens$")
_BASES = (INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, *LONG_WRITE)


def price_from_params(
    params: Mapping[str, Any], *, where: str = "", listed: Price | None = None, source: str = ""
) -> Price | None:
    """The price that a mapping names; None when it names neither an input nor an output cost by tokens (unless it says
    what sound costs where the rest is listed), or only one of them beside costs of another unit (images, seconds).

    Keys: `input_cost_per_token`, `output_cost_per_token`, `cache_read_input_token_cost`,
    `cache_creation_input_token_cost` (also `..._above_1hr`), each also with `_above_<N>k_tokens` for a dearer tier;
    `input_cost_per_audio_token` and `output_cost_per_audio_token`, without which sound costs what words do.
    What is not named comes from `listed`, the catalog's price; without one, cached tokens cost what input costs.
    `where` (`config.yaml:12`) is for the message. Raises ConfigInvalid for what is no cost, and for a price with one
    side missing.
    """
    if params.get(INPUT) is None and params.get(OUTPUT) is None:
        heard = _sound(params, listed.tiers[0], where) if listed is not None else None
        return replace(listed, sound=heard) if listed is not None and heard is not None else None
    known = {key: _nano(params[key], key, where) for key in params if _is_cost(key) and params[key] is not None}
    if params.get("mode") in _NO_OUTPUT:
        known.setdefault(OUTPUT, 0)
    base = _rates(known, "", 0, listed.tiers[0] if listed else None)
    if isinstance(base, str):
        if params.get("mode", "chat") not in _TOKENS or any(_OTHER_UNIT.search(str(key)) for key in params):
            return None
        raise ConfigInvalid(
            f"{_at(where)}a price needs both sides, and `{base}` is missing.",
            remedy=f"Add `{base}` (0 where nothing is charged), or remove the other one to use the listed price.",
            param=base,
        )
    tiers = [base]
    for above in sorted({int(found[1]) for key in known if (found := _TIER.search(key))}):
        tier = _rates(known, f"_above_{above}k_tokens", above * 1000, tiers[-1])
        assert isinstance(tier, Rates)
        tiers.append(tier)
    return Price(tuple(tiers), source or where or "configuration", sound=_sound(params, base, where))


def _sound(params: Mapping[str, Any], words: Rates, where: str) -> tuple[int, int] | None:
    said = {key: _nano(params[key], key, where) for key in (SOUND_READ, SOUND_SAID) if params.get(key) is not None}
    return (said.get(SOUND_READ, words.input), said.get(SOUND_SAID, words.output)) if said else None


def load_prices(path: Path) -> Mapping[str, Price]:
    """A person's own price file: YAML or JSON, model → the keys of `price_from_params`, as in LiteLLM's price file.

    Entries without token prices (`sample_spec`, image models) are passed over. Raises ConfigInvalid with the file, the
    line where the syntax broke, or the model and the key that is wrong.
    """
    data = _read(path)
    if not isinstance(data, Mapping):
        raise ConfigInvalid(
            f"{path.name}: a price file is a mapping of model names to their prices.",
            remedy="Write `model-name:` and below it `input_cost_per_token:` and `output_cost_per_token:`.",
        )
    found: dict[str, Price] = {}
    for model, entry in data.items():
        where = f"{path.name}, {model}"
        if not isinstance(entry, Mapping):
            raise ConfigInvalid(
                f"{where}: this is no mapping of prices.", remedy=f"Write `{INPUT}` and `{OUTPUT}` below the model."
            )
        price = None if model == "sample_spec" else price_from_params(entry, where=where, source=path.name)
        if price is not None:
            found[str(model)] = price
    return found


def _read(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _broken(path, "", "it is no UTF-8 text") from error
    except OSError as error:
        raise ConfigInvalid(
            f"The price file {path} cannot be read: {error.strerror or error}.",
            remedy="Correct its path, or remove the setting.",
        ) from error
    if path.suffix.lower() != ".json":
        return _read_yaml(path, text)
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise _broken(path, f":{error.lineno}", error.msg) from error


def _read_yaml(path: Path, text: str) -> object:
    import yaml  # here, not above: most runs have no such file

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "it is no YAML"
        raise _broken(path, f":{mark.line + 1}" if mark else "", said) from error


def _broken(path: Path, line: str, said: str) -> ConfigInvalid:
    return ConfigInvalid(f"{path.name}{line}: the price file cannot be read: {said}.", remedy="Correct that line.")


def _is_cost(key: object) -> bool:
    return isinstance(key, str) and _TIER.sub("", key) in _BASES


def _nano(value: object, key: str, where: str) -> int:
    try:
        cost = Decimal(str(value).strip())
        if isinstance(value, bool) or not cost.is_finite() or not 0 <= cost <= 1:
            raise InvalidOperation
    except InvalidOperation as error:
        raise ConfigInvalid(
            f"{_at(where)}`{key}` is {value!r}, which is no cost.",
            remedy="Write dollars per token, for example 0.0000014 or 1.4e-06 for $1.40 per million.",
            param=key,
        ) from error
    return int((cost * _SCALE).to_integral_value(ROUND_CEILING))


def _rates(known: Mapping[str, int], suffix: str, above: int, listed: Rates | None) -> Rates | str:
    """The rates of one tier; the name of the key that is missing where there is none to fall back on."""

    def cost(key: str, fallback: int | None) -> int | None:
        return known.get(key + suffix, fallback)

    read = cost(INPUT, listed.input if listed else None)
    said = cost(OUTPUT, listed.output if listed else None)
    if read is None or said is None:
        return INPUT if read is None else OUTPUT
    cache_read = cost(CACHE_READ, listed.cache_read if listed else read)
    write = cost(CACHE_WRITE, listed.cache_write if listed else read)
    longer = next((known[key + suffix] for key in LONG_WRITE if key + suffix in known), None)
    if longer is None:
        longer = listed.cache_write_1h if listed else write
    assert cache_read is not None and write is not None and longer is not None
    return Rates(read, said, cache_read, write, longer, above)


def _at(where: str) -> str:
    return f"{where}: " if where else ""
