"""LiteLLM's command-line flags that Trunkline only parses, as data, so that an existing start command runs unchanged.

Source: litellm/proxy/proxy_cli.py and docs.litellm.ai/docs/proxy/cli, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Parsed:
    """A flag that is accepted and changes nothing. `why` is what its user is told, after its name."""

    name: str
    why: str
    kind: Literal["flag", "int", "text"] = "flag"


_ONE_SERVER = "There is one server here, and it already uses every worker it is given."
_NO_PRISMA = "There are no Prisma migrations here; the store is brought up to date at the start."

PARSED = (
    Parsed("run_gunicorn", _ONE_SERVER),
    Parsed("run_hypercorn", _ONE_SERVER),
    Parsed("run_granian", _ONE_SERVER),
    Parsed("granian_threads", _ONE_SERVER, "int"),
    Parsed("reload", "A changed configuration needs no restart of the process for development."),
    Parsed("local", "It does nothing in LiteLLM either."),
    Parsed("telemetry", "Nothing is ever reported to anybody.", "text"),
    Parsed("use_queue", "There is no Celery queue here; requests are queued in the gateway itself."),
    Parsed("test_async", "There is no `/queue/request` here; `trunkline doctor` tries a round trip."),
    Parsed("num_requests", "It belongs to --test_async.", "int"),
    Parsed("add_key", "Keys are read from the environment, `.env` or the configuration.", "text"),
    Parsed("save", "Nothing is written into your files; put the model into a configuration to keep it."),
    Parsed("add_function_to_prompt", "Tools are never turned into prompt text."),
    Parsed("log_config", "Logs are one structured line a request; --debug says more.", "text"),
    Parsed("iam_token_db_auth", "Give a whole DATABASE_URL instead."),
    Parsed("azure_postgresql_auth", "Give a whole DATABASE_URL instead."),
    Parsed("use_prisma_db_push", _NO_PRISMA),
    Parsed("enforce_prisma_migration_check", _NO_PRISMA),
    Parsed("use_v2_migration_resolver", _NO_PRISMA),
    Parsed("use_legacy_migration_resolver", _NO_PRISMA),
    Parsed("timeout_worker_healthcheck", "The parent sees at once when a worker dies.", "int"),
    Parsed("max_requests_before_restart", "Workers need no restarts.", "int"),
    Parsed("max_requests_before_restart_jitter", "Workers need no restarts.", "int"),
    Parsed("max_request_header_size", "`trunkline.limits.headers` of the configuration bounds headers.", "int"),
    Parsed("prometheus_metrics_port", "Metrics are at /metrics on the gateway's own port.", "int"),
)


def accept_parsed(command: F) -> F:
    """Adds every flag of `PARSED` to a command, hidden from its help."""
    for flag in reversed(PARSED):
        declare = f"--{flag.name}"
        if flag.kind == "flag":
            command = click.option(declare, flag.name, is_flag=True, hidden=True)(command)
        else:
            kind = int if flag.kind == "int" else str
            command = click.option(declare, flag.name, type=kind, default=None, hidden=True)(command)
    return command


def take_parsed(values: dict[str, Any]) -> list[str]:
    """Removes those flags from a command's values and returns one warning for each that was given."""
    warnings = []
    for flag in PARSED:
        value = values.pop(flag.name)
        if value is not None and value is not False:
            warnings.append(f"--{flag.name} has no effect here. {flag.why}")
    return warnings
