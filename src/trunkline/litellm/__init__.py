"""LiteLLM's module, by Trunkline: `from trunkline.litellm import completion`.

Under `trunkline run` the name `litellm` means this. What is set on the module are the SDK's settings, as on the
package.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import trunkline
from trunkline.sdk.settings import NAMES, NO_EFFECT, SETTINGS

__version__ = trunkline.__version__

_OTHERWISE = {"CustomStreamWrapper": "Stream", "_turn_on_debug": "turn_on_debug"}
_THEIRS = frozenset(
    {
        *("completion_with_retries", "acompletion_with_retries", "check_valid_key", "get_valid_models"),
        "get_supported_openai_params",
    }
)
_TABLES = frozenset({"model_cost", "provider_list"})
"""Made when they are first asked for, and kept: programs write into them."""
_ROOMS = frozenset(
    {"_logging", "exceptions", "utils", "types", "integrations", "caching", "router", "main", "cost_calculator"}
)
_log = logging.getLogger("trunkline")


class _Module(ModuleType):
    """What people set is a setting where there is one of that name; else it is kept, and they are told that it does
    nothing."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) or name.startswith("__") or name in self.__dict__:
            super().__setattr__(name, value)
        elif name in NAMES:
            setattr(SETTINGS, name, value)
        else:
            if name not in NO_EFFECT and name not in trunkline.PUBLIC and not name.startswith("_"):
                _log.warning("litellm.%s is set, and Trunkline's SDK does nothing with it.", name)
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name in NAMES:
        return getattr(SETTINGS, name)
    found = _OTHERWISE.get(name, name)
    if found in trunkline.PUBLIC:
        return getattr(trunkline, found)
    if name in _THEIRS | _TABLES:
        found = getattr(import_module("trunkline.sdk.theirs"), name)
        if name in _TABLES:
            found = sys.modules[__name__].__dict__[name] = found()
        return found
    if name == "verbose_logger":
        return import_module(f"{__name__}._logging").verbose_logger
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name in NO_EFFECT:
        return NO_EFFECT[name]
    if name.endswith(("Error", "_TYPES")) and (raised := getattr(import_module(f"{__name__}.exceptions"), name, None)):
        return raised
    raise AttributeError(
        f"Trunkline's SDK has no `{name}`: it has completions, embeddings, Router, tokens, costs and errors. "
        "docs/python.md lists all of it; what it lacks, the gateway may have (`trunkline serve`)."
    )


sys.modules[__name__].__class__ = _Module
