"""Brings LiteLLM's SDK into the process: once, in a thread, quietly, and without a word to the network."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
from collections.abc import Mapping
from typing import Any

from trunkline.catalog import litellm_sdk
from trunkline.errors import ConfigInvalid

_log = logging.getLogger("trunkline")

SETTINGS = {
    "LITELLM_OFFLINE_MODE": "true",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "CRITICAL",
}
"""It fetches its price map, header lists and tokenizers otherwise, reads the `.env` of the working folder, and logs."""

_HIDDEN = "OPENAI_"
_LOUD = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
_CHATTY = ("httpx", "httpcore", "openai", "boto3", "botocore", "urllib3")


class Loader:
    """The SDK's module, imported on the first call. `variables` are laid over the process's environment before that:
    the SDK looks nowhere else for what `.env` and `environment_variables` set."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._process: dict[str, str] = {}
        """The environment as it was before anything was laid over it."""
        self._lock = asyncio.Lock()
        self.module: Any = None
        self.found: dict[str, str] = {}
        """The environment that the SDK looks for keys in, and what it was before it last changed."""

    async def __call__(self) -> Any:
        """The module. Raises `ConfigInvalid` when it cannot be imported."""
        if self.module is None:
            async with self._lock:
                if self.module is None:
                    self._process = dict(os.environ)
                    self.module = await asyncio.to_thread(_load, self._variables)
                    self.found = dict(os.environ)
        return self.module

    def lay(self, variables: Mapping[str, str]) -> None:
        """From now on these are laid over the process's environment, in the place of those before."""
        old, self._variables = self._variables, variables
        if self.module is None or old == variables:
            return
        for name in _visible(old) - variables.keys():
            if name in self._process:
                os.environ[name] = self._process[name]
            else:
                os.environ.pop(name, None)
        os.environ.update({name: variables[name] for name in _visible(variables)})
        # Requests that are under way may still be told an old key back.
        before = {f"{name} before": value for name, value in old.items() if variables.get(name) != value}
        self.found = {**os.environ, **before}


def _visible(variables: Mapping[str, str]) -> set[str]:
    """Those that the SDK may see, and that are no settings of its own."""
    return {name for name in variables if not name.startswith(_HIDDEN) and name not in SETTINGS}


def _load(variables: Mapping[str, str]) -> Any:
    os.environ.update(variables)
    os.environ.update(SETTINGS)
    # OpenAI is in the catalog and never asked through the SDK. With its variables there, the SDK sends OpenAI's key,
    # and the account's names, to any other provider that has no key of its own (seen with 1.110.2).
    for name in [name for name in os.environ if name.startswith(_HIDDEN)]:
        del os.environ[name]
    _hush()
    try:
        module: Any = importlib.import_module("litellm")
    except ImportError as failed:
        raise ConfigInvalid(
            f"LiteLLM's SDK cannot be imported: {failed}.", remedy=f"Install it: {litellm_sdk.INSTALL}"
        ) from failed
    _hush()
    _try_once()
    module.telemetry = False
    module.disable_streaming_logging = True
    module.suppress_debug_info = True
    module.disable_hf_tokenizer_download = True
    module.user_url_validation = True  # pictures are fetched for some providers: from public addresses only
    module.turn_off_message_logging = True
    _warm(module)
    litellm_sdk.read_prices()  # here rather than in the first request
    return module


def _hush() -> None:
    """Its log holds requests and headers, keys among them: what must be known of a failure is in the exception."""
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _warm(module: Any) -> None:
    """Lets it answer itself once: no request waits for what it still imports then, half a second with its tokenizer."""
    said = [{"role": "user", "content": "Hi"}]
    try:
        for more in ({}, {"stream": True, "stream_options": {"include_usage": True}}):
            made = module.completion(model="deepinfra/x", messages=said, api_key="x", mock_response="Hi", **more)
            if more:
                list(made)
    except Exception as error:  # noqa: BLE001 - whatever it is, the first request tells it in full
        _log.warning("LiteLLM's SDK did not answer itself (%s): its first request is slower.", type(error).__name__)


def _try_once() -> None:
    """Takes the retries out of the OpenAI client that LiteLLM asks most of its providers with.

    `max_retries=0` is lost on the way for providers that do not list it (LiteLLM 1.110.2), and then each refusal is
    tried twice again, waiting as long as the provider said: attempts that no ledger would have seen.
    """
    client: Any = importlib.import_module("openai").AsyncOpenAI
    client.max_retries = property(lambda _: 0, lambda _, value: None)
