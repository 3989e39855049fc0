"""Which headers go to the provider, and which come back to the client. Pure.

Both ways everything passes but what belongs to one hop, to one account or to us: capabilities of a format travel in
headers nobody has heard of yet (`anthropic-beta`, `openai-beta`), so there is a list of what stops, none of what may
pass.
"""

from __future__ import annotations

import re

from trunkline.config.schema import Deployment
from trunkline.guard.keys import KEY_HEADERS
from trunkline.model.wires import Wire

_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)

_NOT_UP = (
    _HOP
    | frozenset(KEY_HEADERS)
    | {
        b"host",
        b"content-length",
        b"content-encoding",
        b"accept-encoding",
        b"expect",
        b"cookie",
        # Whose account it is, is the key's business: the caller's own would not fit ours.
        b"openai-organization",
        b"openai-project",
        b"anthropic-workspace-id",
        # What the client's network and browser said of themselves is nobody else's business.
        b"forwarded",
        b"via",
        b"x-real-ip",
        b"origin",
        b"referer",
        b"access-control-request-method",
        b"access-control-request-headers",
    }
)

_NOT_UP_PREFIXES = (b"x-litellm-", b"x-trunkline-", b"x-forwarded-", b"sec-", b"cf-")

_NOT_DOWN = _HOP | {
    b"content-length",
    b"content-encoding",
    b"content-type",
    b"set-cookie",
    b"alt-svc",
    b"strict-transport-security",
    b"date",
    b"server",
    b"vary",
}

_NOT_DOWN_PREFIXES = (b"x-litellm-", b"x-trunkline-", b"access-control-")

_UNSENDABLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

_ANTHROPIC_VERSION = "2023-06-01"
"""For callers that name none: the version that still takes sampling parameters (2026-10-21 refuses them)."""


def upward(
    headers: list[tuple[bytes, bytes]], deployment: Deployment, wire: Wire, auth: str, key: str
) -> list[tuple[str, str]]:
    """The headers of the request to the provider: the client's, less what stops here, plus the deployment's own."""
    own = {name.lower() for name, _ in (*deployment.headers, *deployment.provider.headers)}
    dropped = _named_by_connection(headers)
    out: list[tuple[str, str]] = []
    version = False
    for name, value in headers:
        if name in _NOT_UP or name in dropped or name.startswith(_NOT_UP_PREFIXES):
            continue
        text = name.decode("latin-1")
        if text in own:
            continue
        version = version or text == "anthropic-version"
        out.append((text, value.decode("latin-1")))
    if wire == "anthropic" and not version and "anthropic-version" not in own:
        out.append(("anthropic-version", _ANTHROPIC_VERSION))
    out.append(("accept-encoding", "identity"))
    out.extend(deployment.provider.headers)
    out.extend(deployment.headers)
    if key:
        out.append(("authorization", f"Bearer {key}") if auth in ("bearer", "none") else (auth, key))
    return out


def crossed(
    headers: list[tuple[bytes, bytes]], deployment: Deployment, wire: Wire, auth: str, key: str
) -> list[tuple[str, str]]:
    """The headers of a request that was written anew: the client's own speak of a wire that is not this one."""
    kept = [(name, value) for name, value in headers if name == b"user-agent"]
    out = upward(kept, deployment, wire, auth, key)
    return [("content-type", "application/json"), *out]


def downward(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """The provider's headers that reach the client. The content type is the caller's to add."""
    out = []
    for name, value in headers:
        raw, content = name.encode("latin-1"), value.encode("latin-1", "replace")
        if raw in _NOT_DOWN or raw.startswith(_NOT_DOWN_PREFIXES) or _UNSENDABLE.search(content):
            continue
        out.append((raw, content))
    return out


def _named_by_connection(headers: list[tuple[bytes, bytes]]) -> set[bytes]:
    """Headers that `Connection` says belong to this hop alone (RFC 9110, 7.6.1)."""
    named: set[bytes] = set()
    for name, value in headers:
        if name == b"connection" and value.lower() not in (b"keep-alive", b"close"):
            named.update(token.strip().lower() for token in value.split(b","))
    return named
