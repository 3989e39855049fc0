"""One deployment's `litellm_params`: which are sent, which are not, and what each stray one was meant to be. No I/O."""

from __future__ import annotations

import math
from typing import Any

from trunkline.catalog.models import look_up
from trunkline.catalog.prices import price_from_params
from trunkline.catalog.provider import Provider
from trunkline.config.keys_params import (
    ELSEWHERE,
    KNOWN,
    LATER,
    MOOT,
    NUMBERS,
    OURS,
    PROTECTS,
    REQUEST,
    SDK,
    UNSUPPORTED,
)
from trunkline.config.mend import Mend, leaves, moved, renamed
from trunkline.config.refuse import nearest
from trunkline.config.section import Reading, Section
from trunkline.model.usage import Price


def check_params(reading: Reading, params: Section, *, sdk: bool = False) -> None:
    """Warns of every key that does not do what its writer hoped; raises for a guard that is not there.

    `sdk`: the deployment goes through LiteLLM's SDK, which acts on keys that mean nothing elsewhere.
    """
    for key in params.data:
        line = params.line(key)
        if sdk and key in SDK:
            continue
        if key in PROTECTS and params.data[key]:
            if key not in reading.ignore:
                what = f"`{key}` guards this model, and Trunkline does not have it yet."
                raise reading.refuse(line, what, f"Remove it, or insist with `--ignore {key}`.")
            reading.warn(line, f"`{key}` is not enforced, as `--ignore {key}` accepts.", kind="unsupported")
        elif key in UNSUPPORTED:
            message = f"`{key}` is LiteLLM's; Trunkline does not have it."
            reading.warn(line, message, "Remove it.", "unsupported", leaves(params.data, key))
        elif key in LATER:
            message = f"`{key}` is read, but this version does not act on it."
            reading.warn(line, message, "It can stay for a later one.", "unsupported")
        elif key in MOOT:
            reading.warn(line, f"`{key}` changes nothing here.", "It can stay.", "note", leaves(params.data, key))
        elif key == "master_key" and key not in reading.ignore:
            what = "`master_key` guards nothing under `litellm_params`."
            raise reading.refuse(line, what, "Move it under `general_settings`.")
        elif key in ELSEWHERE:
            remedy = f"It belongs {ELSEWHERE[key]}."
            message = f"`{key}` has no effect under `litellm_params`."
            reading.warn(line, message, remedy, "misplaced", _brought_home(params, key))
        elif key not in OURS | REQUEST | PROTECTS and not _is_cost(key):
            near = nearest(key, KNOWN)
            taker = "handed to LiteLLM's SDK" if sdk else "sent to the provider as a member of the request"
            sent = "has no effect" if near in OURS else f"is {taker}"
            message = f"`{key}` is no setting, so it {sent}."
            mends = [renamed(params.data, key, near)] if near else []
            reading.warn(line, message, meant(near), "unknown" if near else "note", *mends)


def _brought_home(params: Section, key: str) -> Mend:
    """Where a key of another place goes: below the same model, to a section, or to its name here."""
    place, entry = ELSEWHERE[key], params.parent.data if params.parent else {}
    name = place.rpartition(" ")[2].strip("`")
    if place.startswith("here"):
        return renamed(params.data, key, name)
    if place.startswith("beside"):
        return leaves(params.data, key)
    return moved(params.data, key, name, beside=entry if name == "model_info" else None)


def members(reading: Reading, params: Section, *, sdk: bool = False) -> dict[str, Any]:
    """What goes into the request: its known members, and what nobody knows, as LiteLLM does it.

    A mistyped `api_key` and its like are never sent. With `sdk`, what nobody knows goes to `sdk_arguments` instead.
    """
    check_params(reading, params, sdk=sdk)
    if sdk:
        kept = {key: value for key, value in params.data.items() if key in REQUEST}
    else:
        kept = _kept(params, OURS | MOOT | UNSUPPORTED | PROTECTS | set(ELSEWHERE))
    made = {
        key: _number(params, key) if key in NUMBERS else reading.deep(value, params.line(key))
        for key, value in kept.items()
        if value is not None
    }
    return {key: value for key, value in made.items() if value is not None}


def sdk_arguments(reading: Reading, params: Section) -> dict[str, Any]:
    """What LiteLLM's SDK is handed beside the request: credentials and places, and what nobody here knows."""
    kept = _kept(params, (OURS | REQUEST | MOOT | UNSUPPORTED | PROTECTS | set(ELSEWHERE)) - SDK)
    made = {key: reading.deep(value, params.line(key)) for key, value in kept.items()}
    return {key: value for key, value in made.items() if value is not None}


def _kept(params: Section, skipped: frozenset[str]) -> dict[str, Any]:
    """All but those, prices, and what looks like a mistyped setting."""
    kept = {key: value for key, value in params.data.items() if key not in skipped and not _is_cost(key)}
    return {key: value for key, value in kept.items() if key in KNOWN or nearest(key, KNOWN) not in OURS}


def _number(params: Section, key: str) -> int | float | None:
    number = params.number(key, least=-math.inf)
    return int(number) if number is not None and number == int(number) and "." not in str(params.value(key)) else number


def plain(reading: Reading, params: Section, key: str) -> dict[str, Any]:
    """A mapping as plain data, its references resolved; empty when absent."""
    section = params.mapping(key)
    made: dict[str, Any] = reading.deep(section.data, section.at) if section else {}
    return made


def headers_of(reading: Reading, params: Section) -> tuple[tuple[str, str], ...]:
    """`headers` and `extra_headers`. Raises for one that cannot be sent."""
    headers: dict[str, str] = {}
    for key in ("headers", "extra_headers"):
        section = params.mapping(key)
        for name in section.data if section else ():
            assert section is not None
            value = section.text(name)
            if not _sound(name, value):
                raise reading.refuse(section.line(name), f"`{key}` holds a header that cannot be sent.", "Correct it.")
            headers[name] = value
    return tuple(headers.items())


def _sound(name: str, value: str) -> bool:
    token = name.isascii() and name.replace("-", "").replace("_", "").replace(".", "").isalnum()
    return token and value.isascii() and value.isprintable()


def price_of(provider: Provider, model: str, params: Section, info: Section | None, where: str) -> Price | None:
    """The price that the file gives, in `litellm_params` or `model_info`; None when it gives none."""
    costs = {key: value for key, value in (info.data if info else {}).items() if _is_cost(key) or key == "mode"}
    costs |= {key: params.value(key) for key in params.data if _is_cost(key)}
    costs = {key: value for key, value in costs.items() if value is not None}
    if not any(_is_cost(key) for key in costs):
        return None
    listed = look_up(provider.name, model)
    return price_from_params(costs, where=where, listed=listed.price if listed else None)


def _is_cost(key: str) -> bool:
    return "_cost_per_" in key or "input_token_cost" in key


def meant(near: str) -> str:
    """A remedy that names the nearest right name."""
    return f"Did you mean `{near}`?" if near else ""
