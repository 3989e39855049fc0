"""`trunkline serve`: reads the command line and the environment names that stand for flags, and runs the gateway.

It takes all of LiteLLM's flags, with `-` or `_` in their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from trunkline.cli.config_path import CONFIG
from trunkline.cli.flags import accept_parsed, take_parsed

PORT = click.IntRange(0, 65535)


@click.command("serve", context_settings={"token_normalize_func": lambda name: name.replace("-", "_")})
@click.option("--config", "-c", **CONFIG, help="The configuration, as LiteLLM writes it.")
@click.option("--port", "ports", type=PORT, multiple=True, envvar="PORT", help="4000; repeat it for several.")
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, help="The address to listen on.")
@click.option("--num_workers", "--workers", "workers", type=click.IntRange(1, 256), default=1, envvar="NUM_WORKERS")
@click.option("--model", "-m", help="Serve this one model, without a configuration: `zai/glm-4.6`.")
@click.option("--alias", help="Another name for the model of --model.")
@click.option("--api_base", help="Where the model of --model is.")
@click.option("--api_version", help="Azure's API version, for --model.")
@click.option("--headers", help="Headers to send with it, as a JSON object.")
@click.option("--temperature", type=float, help="Sent for --model where a request has none.")
@click.option("--max_tokens", type=int, help="Sent for --model where a request has none.")
@click.option("--request_timeout", type=float, help="Seconds until a call is given up.")
@click.option("--drop_params", is_flag=True, help="Leave out parameters that a model refuses.")
@click.option("--max_budget", type=float, help="Dollars that may be spent.")
@click.option("--debug", is_flag=True, help="Log more.")
@click.option("--detailed_debug", is_flag=True, envvar="DETAILED_DEBUG", help="Log more.")
@click.option("--log_level", help="debug, info, warning or error; LITELLM_LOG does the same.")
@click.option("--ssl_keyfile_path", envvar="SSL_KEYFILE_PATH", help="Serve TLS: the key file.")
@click.option("--ssl_certfile_path", envvar="SSL_CERTFILE_PATH", help="Serve TLS: the certificate's file.")
@click.option("--ssl_keyfile_password", envvar="SSL_KEYFILE_PASSWORD", help="The key file's password.")
@click.option("--ciphers", help="TLS ciphers, in OpenSSL's words.")
@click.option("--keepalive_timeout", type=int, envvar="KEEPALIVE_TIMEOUT", help="Seconds an idle connection is kept.")
@click.option("--limit_concurrency", type=click.IntRange(1), envvar="LIMIT_CONCURRENCY", help="Requests at once.")
@click.option("--drain", type=click.FloatRange(0, 3600), help="Seconds that running requests get at the end.")
@click.option("--insecure", is_flag=True, help="Serve beyond this machine without any key.")
@click.option("--ignore", multiple=True, metavar="SETTING", help="Run without a protecting setting that is unknown.")
@click.option("--validate_config", is_flag=True, help="Check the configuration, serve nothing.")
@click.option("--skip_server_startup", is_flag=True, hidden=True)
@click.option("--health", is_flag=True, hidden=True)
@click.option("--test", is_flag=True, hidden=True)
@click.option("--setup", is_flag=True, hidden=True)
@click.option("--check_migrations_against_existing_data", "migrations", is_flag=True, hidden=True)
@accept_parsed
def verb(**values: Any) -> int:
    """Run the gateway until it is stopped. Without a configuration it is built from the keys in the environment."""
    warnings = take_parsed(values)
    if values["setup"]:
        raise click.UsageError("--setup: there is no wizard. `trunkline claude` asks for a key and keeps it.")
    if values["migrations"]:
        click.echo("There are no migrations to check: the store is brought up to date at the start.")
        return 0
    if values["health"] or values["test"]:
        return _doctor(values)
    if values["validate_config"] or values["skip_server_startup"]:
        return _check(values["config"])
    from trunkline.cli.serve_options import options

    asked = options(values, warnings)
    for warning in warnings:
        click.echo(f"trunkline: warning: {warning}", err=True)

    from trunkline.app import run

    return run(asked)


def _doctor(values: dict[str, Any]) -> int:
    """LiteLLM's `--health` and `--test` ask a running gateway and serve nothing; the doctor does that here."""
    from trunkline.cli.doctor import Wanted, examine

    ports = values["ports"]
    return examine(Wanted(url=f"http://127.0.0.1:{ports[0]}" if ports else None, config=values["config"], up=True))


def _check(config: Path | None) -> int:
    from trunkline.cli.check import report

    return report(config)
