"""What the connector, the parser and the system report, said as one of our failures: who, why, what to do.

Messages name the host and never the path, the query string or a header. Nothing here touches a socket.
"""

from __future__ import annotations

import errno
import ssl

from aiohttp import (
    ClientConnectorDNSError,
    ClientHttpProxyError,
    ClientProxyConnectionError,
    ServerDisconnectedError,
)
from aiohttp.http_exceptions import HttpProcessingError

from trunkline.errors import ProviderCut, ProviderFailure, ProviderGarbage, ProviderUnreachable


class ClosedHere(Exception):
    """The answer was closed on this side while somebody still read it."""


_SYSTEM = {
    errno.ECONNREFUSED: ("refused the connection", "Check that it runs and that api_base has the right port."),
    errno.ECONNRESET: ("reset the connection", "Try again; if it stays, look at the provider's status page."),
    errno.ETIMEDOUT: ("did not answer the connection", "Check the network and any firewall on the way."),
    errno.EHOSTUNREACH: ("is not reachable (no route)", "Check the network and any firewall on the way."),
    errno.ENETUNREACH: ("is not reachable (no network)", "Check this machine's network."),
    errno.EMFILE: ("was not asked: too many open files here", "Raise the limit of open files (ulimit -n)."),
}


def unreachable(host: str, cause: BaseException, seconds: float, proxy: str | None) -> ProviderUnreachable:
    """The failure of a connection that was never made. `seconds` is the time it had."""
    if isinstance(cause, ClientHttpProxyError):
        remedy = (
            "Put the user name and password into the proxy's address."
            if cause.status == 407
            else f"Ask whoever runs the proxy, or add {host} to NO_PROXY."
        )
        return ProviderUnreachable(
            f"{host} was not reached: the proxy {proxy} answered {cause.status} to CONNECT.", remedy=remedy
        )
    whom = host if proxy is None else f"The proxy {proxy} for {host}"
    if isinstance(cause, ClientConnectorDNSError):
        name = host if proxy is None else f"The proxy {proxy}"
        return ProviderUnreachable(
            f"{name} was not found: no address for that name.",
            remedy="Check the spelling of the address, and this machine's DNS.",
        )
    if isinstance(cause, TimeoutError) and cause.errno is None:
        return ProviderUnreachable(
            f"{whom} did not take a connection within {seconds:g} s.",
            remedy="Check the network and any firewall or proxy on the way.",
        )
    system = cause.__cause__ or cause
    if isinstance(system, ssl.SSLCertVerificationError):
        return _untrusted(host, system)
    if isinstance(system, ssl.SSLError):
        return ProviderUnreachable(
            f"{host} failed the TLS handshake: {_words(system)}.",
            remedy="Check that the port speaks TLS; if it is plain HTTP, write http:// in api_base.",
        )
    number = system.errno if isinstance(system, OSError) else None
    said, remedy = _SYSTEM.get(number or 0, ("could not be connected to", "Check the network and api_base."))
    if number not in _SYSTEM and isinstance(system, OSError) and system.strerror:
        said = f"{said} ({system.strerror})"
    if isinstance(cause, ClientProxyConnectionError):
        remedy = f"Check the proxy, or add {host} to NO_PROXY."
    return ProviderUnreachable(f"{whom} {said}.", remedy=remedy)


def cut(host: str, cause: BaseException, *, answered: bool) -> ProviderFailure:
    """The failure of a connection that broke after the request was written. `answered`: its headers had come."""
    when = "in the middle of its answer" if answered else "before it answered"
    reset = _reset_in(cause)
    if isinstance(cause, ClosedHere):
        said, remedy = "The answer of {host} was closed on this side.", "Send the request again."
    elif reset:
        said = f"{{host}} reset the connection {when}."
        remedy = "Try again; if it repeats at the same length of answer, look for a proxy with a time limit."
    elif answered:
        said = "{host} ended its answer early: less came than it announced."
        remedy = "Try again; if it repeats, look for a proxy that buffers or has a time limit."
    elif isinstance(cause, ServerDisconnectedError):
        said = "{host} closed the connection without an answer."
        remedy = "It may have received the request. If it repeats, look at the provider's log or status page."
    elif isinstance(cause, HttpProcessingError):
        return ProviderGarbage(
            f"{host} did not answer in HTTP/1.1.", remedy="Check the port and the scheme of api_base."
        )
    else:
        said = f"The connection to {{host}} broke {when}: {_words(cause)}."
        remedy = "Try again; if it repeats, check the network between here and the provider."
    return ProviderCut(said.format(host=host), remedy=remedy)


def _reset_in(cause: BaseException | None) -> bool:
    while cause is not None:
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return True
        if isinstance(cause, OSError) and cause.errno in (errno.ECONNRESET, errno.EPIPE):
            return True
        if "ConnectionResetError" in str(cause):
            return True
        cause = cause.__cause__
    return False


def _untrusted(host: str, cause: ssl.SSLCertVerificationError) -> ProviderUnreachable:
    return ProviderUnreachable(
        f"The certificate of {host} is not trusted: {cause.verify_message or _words(cause)}.",
        remedy="If the provider or a proxy on the way has a certificate authority of its own, put its certificate into "
        "a PEM file together with those of the system and name that file in SSL_CERT_FILE.",
    )


def _words(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLError) and cause.reason:
        return cause.reason.replace("_", " ").lower()
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__
