"""`trunkline explain`: what became of a request, or what would become of one, in plain sentences."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from trunkline.cli.config_path import CONFIG
from trunkline.config.home import home_of
from trunkline.errors import ConfigInvalid

if TYPE_CHECKING:
    from trunkline.observe.story import Story

_GUESSED = {"input": "/v1/responses", "prompt": "/v1/completions"}
"""A member that tells the format of a body, where no path was given."""


@click.command("explain")
@click.argument("request_id", required=False, metavar="[ID]")
@click.option("--body", type=click.Path(path_type=Path, allow_dash=True), help="Explain what would be done with this.")
@click.option("--config", "-c", **CONFIG, help="With --body: whose.")
@click.option("--path", help="With --body: where it would be sent. Else told by the body: /v1/messages, mostly.")
@click.option("--url", help="Ask this running gateway instead of the files on this machine. Else TRUNKLINE_URL.")
@click.option("--key", help="The gateway's key. Else TRUNKLINE_API_KEY, else LITELLM_MASTER_KEY.")
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON.")
def verb(
    request_id: str | None,
    body: Path | None,
    config: Path | None,
    path: str | None,
    url: str | None,
    key: str | None,
    as_data: bool,
) -> int:
    """Tell what became of a request, by the id in its `x-litellm-call-id`.

    It is looked up in this machine's ledger and shared state, whether a gateway runs or not. With --body nothing is
    sent: it tells who would be asked, in which order and format, what would be left out, and the worst cost.
    """
    if (body is None) == (request_id is None):
        raise click.UsageError("Give the id of a request, or --body FILE.")
    if body is not None:
        return _rehearse(body, config, path, as_data=as_data)
    assert request_id is not None
    found = _asked(request_id, url, key) if url or os.environ.get("TRUNKLINE_URL", "").strip() else _read(request_id)
    if as_data:
        import msgspec

        click.echo(json.dumps(msgspec.to_builtins(found), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(found.told))
    return 0


def _read(request: str) -> Story:
    """Out of the files: the ledger, and the shared state beside it."""
    from trunkline.observe.requests import find
    from trunkline.state.peek import Peek

    home = home_of(os.environ)
    with Peek(home) as seen:
        found = find(home, seen.traces, request, time.time())
    if found is None:
        raise ConfigInvalid(
            f"No attempt of a request {request!r} is known in {home}.",
            remedy="The id is the `x-litellm-call-id` of the answer, or `id=` in the log; a request that was refused "
            "before a provider was asked has its reason in the log alone. A gateway with another TRUNKLINE_HOME is "
            "asked with --url.",
        )
    return found


def _asked(request: str, url: str | None, key: str | None) -> Story:
    """From a running gateway."""
    import msgspec

    from trunkline.cli.ask import NoAnswer, ask, bearer
    from trunkline.cli.gateway import named
    from trunkline.observe.story import Story

    gateway = named(url, key, os.environ)
    assert gateway is not None
    try:
        answer = ask(f"{gateway.url}/requests/{quote(request, safe='')}", headers=bearer(gateway.key), timeout=20.0)
    except NoAnswer as silent:
        raise ConfigInvalid(f"{gateway.url} does not tell: {silent}.", remedy="Try `trunkline doctor`.") from silent
    if answer.status != 200:
        error = answer.json.get("error") if isinstance(answer.json, dict) else None
        why = error.get("message") if isinstance(error, dict) else None
        raise ConfigInvalid(f"{gateway.url} answered {answer.status}: {why or 'it did not say why'}")
    try:
        return msgspec.json.decode(answer.body, type=Story)
    except msgspec.MsgspecError as strange:
        raise ConfigInvalid(
            f"{gateway.url} tells a request in another way than this version knows: {strange}.",
            remedy="Use the `trunkline` of the gateway's own version.",
        ) from strange


def _rehearse(body: Path, config: Path | None, path: str | None, *, as_data: bool) -> int:
    from trunkline.app import dry_run
    from trunkline.cli.read_config import read

    try:
        raw = sys.stdin.buffer.read() if str(body) == "-" else body.read_bytes()
    except OSError as unreadable:
        raise ConfigInvalid(f"{body} cannot be read: {unreadable.strerror}.", remedy="Check its path.") from unreadable
    told = dry_run(read(config, os.environ), path or _path_of(raw), raw, home_of(os.environ))
    if as_data:
        import msgspec

        click.echo(json.dumps(msgspec.to_builtins(told), indent=2, ensure_ascii=False))
    else:
        from trunkline.serve.rehearsed import sentences

        click.echo("\n".join(sentences(told)))
    return 1 if told.refused or all(step.refused for step in told.steps) else 0


def _path_of(raw: bytes) -> str:
    try:
        document = json.loads(raw)
    except ValueError:
        return "/v1/messages"
    members = document if isinstance(document, dict) else {}
    return next((path for member, path in _GUESSED.items() if member in members), "/v1/messages")
