"""The reference of settings names every key that is acted on, with the defaults that count; the page is written from it."""

from __future__ import annotations

from dataclasses import fields

import pytest
from tools import settings as tool

from trunkline.config import allowances, caching, credentials, keys, keys_params, reference
from trunkline.config.documents import INCLUDE
from trunkline.config.schema import Caching, Extras, Limits, LoopGuard
from trunkline.guard import queue
from trunkline.route import health, tour

TABLES: dict[str, set[str]] = {
    "the file": {key for key, fate in keys.TOP.items() if fate == "used"},
    "model_list": {key for key, fate in keys.MODEL.items() if fate == "used"},
    "litellm_params": set(keys_params.OURS),
    "litellm_settings": {key for key, fate in keys.LITELLM.items() if fate == "used"},
    "litellm_settings.cache_params": set(caching._USED),
    "router_settings": {key for key, fate in keys.ROUTER.items() if fate == "used"},
    "general_settings": {key for key, fate in keys.GENERAL.items() if fate == "used"},
    "trunkline": {key for key, fate in keys.TRUNKLINE.items() if fate in ("used", "later")},
    "trunkline.limits": set(keys.LIMITS),
    "trunkline.loop_guard": set(keys.LOOP_GUARD),
    "trunkline.cache": set(caching._OWN),
    "trunkline.queue": set(keys.QUEUE),
}
DEFAULTS: dict[tuple[str, str], object] = {
    ("litellm_settings", "num_retries"): tour.DEFAULT_RETRIES,
    ("router_settings", "num_retries"): tour.DEFAULT_RETRIES,
    ("router_settings", "allowed_fails"): health.ALLOWED,
    ("router_settings", "cooldown_time"): health.REST,
    ("litellm_settings.cache_params", "ttl"): Caching().ttl,
    ("trunkline.queue", "max"): queue.MOST,
    ("trunkline.queue", "wait"): queue.WAIT,
    ("trunkline", "budget_wait"): Extras().budget_wait,
    ("trunkline", "resume"): Extras().resume,
    ("trunkline", "cost_in_usage"): Extras().cost_in_usage,
}
DEFAULTS |= {("trunkline.limits", each.name): getattr(Limits(), each.name) for each in fields(Limits)}
DEFAULTS |= {("trunkline.loop_guard", name): getattr(LoopGuard(), name) for name in ("action", "repeats")}
DEFAULTS |= {("trunkline.cache", name): getattr(Caching(), name) for name in caching._OWN}


@pytest.mark.parametrize("section", TABLES)
def test_every_key_that_is_acted_on_is_in_the_reference(section: str) -> None:
    named = [each.name for each in reference.settings() if each.section == section]
    assert len(named) == len(set(named))
    assert set(named) == TABLES[section]


def test_the_reference_has_no_other_tables() -> None:
    assert reference.TABLES.keys() == TABLES.keys()
    assert {INCLUDE, "credential_list"} <= TABLES["the file"]
    assert credentials.NAME in TABLES["litellm_params"]
    assert allowances._CAPS[0] == "budget_limit"


@pytest.mark.parametrize(("place", "value"), DEFAULTS.items(), ids=str)
def test_a_default_is_what_counts(place: tuple[str, str], value: object) -> None:
    [setting] = [each for each in reference.settings() if (each.section, each.name) == place]
    if value is None:
        assert setting.default.startswith(("–", "see "))
    elif isinstance(value, bool):
        assert setting.default == str(value).lower()
    elif isinstance(value, (int, float)):
        assert float(setting.default) == value
    else:
        assert setting.default == f"`{value}`"


def test_the_page_is_what_is_written_from_it() -> None:
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run `.venv/bin/python -m tools.settings`"


def test_a_word_finds_settings() -> None:
    assert {each.name for each in reference.settings("cooldown")} >= {"cooldown_time", "disable_cooldowns"}
    assert not list(reference.settings("no such word"))
