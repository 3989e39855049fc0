"""What is said at the start: where the gateway listens, what it offers, and a line to try."""

from __future__ import annotations

from trunkline import __version__
from trunkline.config.schema import Snapshot
from trunkline.guard.door import Network
from trunkline.serve.models import deployment_of, names

_SHOWN = 12
"""Models that are listed by name; the rest are counted."""


def banner(urls: list[str], snapshot: Snapshot, *, workers: int, neighbours: tuple[Network, ...] | None) -> str:
    """Several lines, ending with a newline. The first line holds the first URL."""
    lines = [f"Trunkline {__version__} listens on {urls[0]}"]
    lines += [f"                   and on {url}" for url in urls[1:]]
    source = snapshot.file.name if snapshot.file is not None else "built from the keys in the environment"
    lines.append(f"  config   {source}{f', {workers} workers' if workers > 1 else ''}")
    listed = names(snapshot)
    shown = [_marked(snapshot, name) for name in listed[:_SHOWN]]
    more = len(listed) - len(shown)
    patterns = [pattern for pattern, _ in snapshot.wildcards]
    lines.append(f"  models   {', '.join(shown)}{f' and {more} more (GET /v1/models)' if more > 0 else ''}")
    if patterns:
        lines.append(f"  any of   {', '.join(patterns)}")
    lines.append(f"  key      {_key_line(snapshot, neighbours)}")
    lines.append("  try      " + _try_line(urls[0], snapshot, listed))
    lines.append("           trunkline claude")
    return "\n".join(lines) + "\n"


def _marked(snapshot: Snapshot, name: str) -> str:
    deployment = deployment_of(snapshot, name)
    return f"{name} (no key)" if deployment is not None and deployment.key_missing else name


def _key_line(snapshot: Snapshot, neighbours: tuple[Network, ...] | None) -> str:
    if snapshot.master_key is not None:
        return f"the one in {snapshot.master_key.source}; send it as `Authorization: Bearer …`"
    if snapshot.client_key is not None:
        return f"the one in {snapshot.client_key.source}; send it as `Authorization: Bearer …`"
    if neighbours is not None:
        near = ", ".join(str(network) for network in neighbours)
        return (
            f"none: this container and {near or 'nobody else'} may use it, as far as the engine shows who asks.\n"
            "           Publish the port as 127.0.0.1:4000:4000, or set LITELLM_MASTER_KEY"
        )
    return "none: only programs on this machine may use it (LITELLM_MASTER_KEY sets one)"


def _try_line(url: str, snapshot: Snapshot, listed: list[str]) -> str:
    ready = [name for name in listed if (row := deployment_of(snapshot, name)) is not None and not row.key_missing]
    model = ready[0] if ready else "demo/echo"
    auth = ' -H "authorization: Bearer $LITELLM_MASTER_KEY"' if snapshot.master_key is not None else ""
    body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "Hello"}}]}}'
    return f"curl {url}/v1/chat/completions{auth} -H 'content-type: application/json' -d '{body}'"
