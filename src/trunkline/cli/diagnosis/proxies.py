"""The proxy variables: what they would do to calls on this machine, and whether anybody is there."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from trunkline.cli.findings import Finding
from trunkline.errors import ProviderUnreachable
from trunkline.upstream.pool_proxy import ProxyVariables


def look(environ: Mapping[str, str], gateway: str) -> Iterator[Finding]:
    """A row for each proxy that is set, and one where programs would ask it for a gateway on this machine."""
    variables = ProxyVariables(environ)
    places: dict[str, list[str]] = {}
    for scheme in ("https", "http"):
        try:
            proxy = variables.find(scheme, "example.com", 443 if scheme == "https" else 80)
        except ProviderUnreachable as wrong:
            yield Finding(
                "proxy", "fail", wrong.message.replace("example.com was", "Providers are"), _WRITE, "proxy.bad"
            )
            return
        if proxy is not None and proxy.variable not in places.setdefault(proxy.url, []):
            places[proxy.url].append(proxy.variable)
    for url, names in places.items():
        yield _there(url, " and ".join(names))
    port = _port(gateway)
    if places and (captured := variables.captures("127.0.0.1", port) or variables.captures("localhost", port)):
        yield Finding(
            "proxy", "warn",
            f"{captured} is set, and NO_PROXY does not name this machine: agents and SDKs would ask the proxy for the "
            "gateway. (Trunkline itself never does.)",
            "export NO_PROXY=localhost,127.0.0.1,::1 (and no_proxy the same), after what is there already.",
            "proxy.loopback",
        )  # fmt: skip


_WRITE = "Set it to http://host:port."


def _port(gateway: str) -> int:
    """The port of a gateway's address; 80 where it has none that can be read."""
    try:
        return urlsplit(gateway).port or 80
    except ValueError:
        return 80


def _there(url: str, names: str) -> Finding:
    parts = urlsplit(url)
    shown = parts.netloc
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=5.0).close()
    except OSError as silent:
        why = silent.strerror or str(silent) or "no answer"
        return Finding(
            "proxy", "fail", f"The proxy {shown} ({names}) takes no connection: {why}.",
            f"Start it, correct {names}, or unset it.", "proxy.down",
        )  # fmt: skip
    return Finding("proxy", "ok", f"Providers are asked through {shown} ({names}).")
