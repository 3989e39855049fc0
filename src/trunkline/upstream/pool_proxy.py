"""Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as curl and Go read them.

Lower-case names win over upper-case ones. NO_PROXY takes `*`, host names (which include their subdomains), addresses,
networks (`10.0.0.0/8`) and `host:port`. This machine's own addresses are never asked of a proxy: a model server on
localhost is not reachable through one. Touches nothing but the mapping it is given.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import unquote, urlsplit

from trunkline.errors import ProviderUnreachable


@dataclass(frozen=True, slots=True)
class Proxy:
    """`url` without credentials; `authorization` is the value of Proxy-Authorization; `variable` names its origin."""

    url: str
    variable: str
    authorization: str | None = field(default=None, repr=False)


class ProxyVariables:
    """The variables as they were when this was made."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        given = os.environ if variables is None else variables
        self._values = {
            name: given.get(name) or given.get(name.upper()) or ""
            for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy")
        }
        self._exempt = [part.strip().lower() for part in self._values["no_proxy"].split(",") if part.strip()]

    def find(self, scheme: str, host: str, port: int) -> Proxy | None:
        """The proxy for this origin, or None. Raises `ProviderUnreachable` for a proxy of a kind not spoken here."""
        host = host.lower().rstrip(".")
        if _is_here(host) or self._is_exempt(host, port):
            return None
        for name in (f"{scheme}_proxy", "all_proxy"):
            if self._values[name]:
                return _read(name.upper(), self._values[name], host)
        return None

    def captures(self, host: str, port: int) -> str:
        """The variable by which programs that make no exception for loopback would ask a proxy for plain HTTP at a host
        of this machine's; empty where NO_PROXY keeps them from it."""
        if self._is_exempt(host, port):
            return ""
        return next((name.upper() for name in ("http_proxy", "all_proxy") if self._values[name]), "")

    def _is_exempt(self, host: str, port: int) -> bool:
        return any(_matches(part, host, port) for part in self._exempt)


def _is_here(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def _matches(part: str, host: str, port: int) -> bool:
    if part == "*":
        return True
    if "/" in part:
        address = _address(host)
        try:
            return address is not None and address in ip_network(part, strict=False)
        except ValueError:
            return False
    name, colon, number = part.rpartition(":")
    if colon and number.isdecimal() and (":" not in name or name.startswith("[")):
        if int(number) != port:
            return False
        part = name
    part = part.strip("[]").removeprefix("*").removeprefix(".")
    return host == part or host.endswith(f".{part}")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _read(variable: str, value: str, host: str) -> Proxy:
    parts = urlsplit(value if "://" in value else f"http://{value}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
        raise ProviderUnreachable(
            f"{host} was not asked: {variable} names a proxy that is not an http:// or https:// address.",
            remedy=f"Set {variable} to http://host:port, or add {host} to NO_PROXY.",
        )
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + b64encode(pair.encode()).decode("ascii")
    return Proxy(f"{parts.scheme}://{name}" + (f":{port}" if port else ""), variable, authorization)
