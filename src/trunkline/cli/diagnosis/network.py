"""Why no connection came about: name, port, TLS, proxy, time. Reads what the pool's failure was made of. Pure."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import ClientConnectorDNSError, ClientHttpProxyError, ClientProxyConnectionError

from trunkline.errors import Failure

_EXPIRED, _NOT_YET, _SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_ISSUER, _HOST, _ADDRESS = 10, 9, 18, 19, 20, 62, 64
"""Numbers of X509_V_ERR_* (openssl/x509_vfy.h)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """`seen` replaces the failure's own message where it says more; `remedy` likewise."""

    code: str
    seen: str = ""
    remedy: str = ""


def cause(failure: Failure, base: str) -> Cause:
    """What kept a connection to that base from being made."""
    host = urlsplit(base).netloc
    chain = list(_chain(failure))
    if any(isinstance(each, ClientProxyConnectionError | ClientHttpProxyError) for each in chain) or _by_proxy(failure):
        return Cause("network.proxy")
    if any(isinstance(each, ClientConnectorDNSError) for each in chain):
        return Cause("network.dns")
    for each in chain:
        if type(each) is ssl.SSLCertVerificationError:  # aiohttp's own is one as well, and knows no number
            return _certificate(each, host)
    if any(isinstance(each, ssl.SSLError) for each in chain):
        return Cause("tls.handshake")
    for each in chain:
        if isinstance(each, OSError) and each.errno == errno.ECONNREFUSED:
            return Cause("network.refused")
        if isinstance(each, TimeoutError):
            return Cause("network.timeout")
    if failure.kind == "auth":
        return Cause("key.unsendable")
    return Cause("network.unreachable")


def _by_proxy(failure: Failure) -> bool:
    """Of a proxy that answered with an error nothing is kept but the words: what was raised held its password."""
    return "proxy" in failure.message.lower()


def _chain(failure: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = failure
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> Cause:
    number = error.verify_code
    if number == _EXPIRED:
        return Cause(
            "tls.expired", f"The certificate of {host} has expired.",
            "If this machine's clock is right, its operator must renew it; look also whether a proxy on the way puts "
            "its own in the place.",
        )  # fmt: skip
    if number == _NOT_YET:
        return Cause("tls.not_yet", f"The certificate of {host} is not valid yet.", "Set this machine's clock.")
    if number in (_HOST, _ADDRESS):
        return Cause(
            "tls.name", f"The certificate of {host} is for another name: {error.verify_message.rstrip('.')}.",
            "Write the name that the certificate has into `api_base`, or have one made for this name.",
        )  # fmt: skip
    if number in (_SELF_SIGNED, _SELF_SIGNED_CHAIN):
        return Cause("tls.self_signed", f"The certificate of {host} is signed by nobody that this machine trusts.")
    return Cause("tls.untrusted" if number == _NO_ISSUER else "tls.certificate")
