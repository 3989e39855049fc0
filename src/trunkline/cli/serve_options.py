"""From `serve`'s command line to what the gateway is started with. Reads the environment, opens nothing."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from trunkline.config.levels import VARIABLES, doubt, level_of
from trunkline.serve.options import ServeOptions


def options(values: dict[str, Any], warnings: list[str]) -> ServeOptions:
    """What was asked for, of click's values. Adds to the warnings. Raises UsageError for what cannot be."""
    ports: tuple[int, ...] = tuple(dict.fromkeys(values["ports"]))
    certificate, key = values["ssl_certfile_path"] or None, values["ssl_keyfile_path"] or None
    if bool(certificate) != bool(key):
        raise click.UsageError("TLS needs both --ssl_certfile_path and --ssl_keyfile_path.")
    return ServeOptions(
        config=values["config"],
        host=values["host"].strip().strip("[]"),
        ports=ports,
        workers=values["workers"],
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_keyfile_password=values["ssl_keyfile_password"],
        ciphers=values["ciphers"],
        insecure=values["insecure"],
        ignore=frozenset(values["ignore"]),
        log_level=level(values, warnings),
        model=None if values["config"] else values["model"],
        drain=values["drain"],
        keepalive=values["keepalive_timeout"],
        concurrency=values["limit_concurrency"],
        overlay=overlay(values, warnings),
    )


def level(values: dict[str, Any], warnings: list[str]) -> str:
    """The log level: flags first, then `LITELLM_LOG`, then `LITELLM_LOG_LEVEL`; empty: nobody said."""
    if values["debug"] or values["detailed_debug"]:
        return "debug"
    sources = {"--log_level": values["log_level"]}
    sources |= {name: os.environ.get(name) for name in VARIABLES}
    for source, word in sources.items():
        if word:
            if not (known := level_of(word)):
                warnings.append(doubt(source, word))
            return known or "info"
    return ""


def overlay(values: dict[str, Any], warnings: list[str]) -> dict[str, Any]:
    """What flags say in a configuration's words: `{"model_list": [...], "litellm_settings": {...}}`."""
    laid: dict[str, Any] = {}
    settings = {"request_timeout": values["request_timeout"], "max_budget": values["max_budget"]}
    settings["drop_params"] = True if values["drop_params"] else None
    if kept := {name: value for name, value in settings.items() if value is not None}:
        laid["litellm_settings"] = kept
    of_model = ("alias", "api_base", "api_version", "headers", "temperature", "max_tokens")
    if values["model"] and not values["config"]:
        laid["model_list"] = _one_model(values)
    elif given := [f"--{name}" for name in ("model", *of_model) if values[name] is not None]:
        with_what = "beside --config" if values["config"] else "without --model"
        warnings.append(f"{', '.join(given)} {'have' if len(given) > 1 else 'has'} no effect {with_what}.")
    return laid


def _one_model(values: dict[str, Any]) -> list[dict[str, Any]]:
    """The model under its own name, its alias, and as the answer to any other name, as LiteLLM's `--model` has it."""
    params: dict[str, Any] = {"model": values["model"]}
    for name in ("api_base", "api_version", "temperature", "max_tokens"):
        if values[name] is not None:
            params[name] = values[name]
    if values["headers"]:
        params["extra_headers"] = _headers(values["headers"])
    names = dict.fromkeys(name for name in (values["alias"], values["model"], "*") if name)
    return [{"model_name": name, "litellm_params": params} for name in names]


def _headers(text: str) -> dict[str, str]:
    try:
        read = json.loads(text)
    except ValueError as broken:
        raise click.UsageError(f"--headers is no JSON: {broken}.") from broken
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise click.UsageError('--headers must be a JSON object of strings: {"X-Name": "value"}.')
    return read
