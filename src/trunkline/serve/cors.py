"""Which pages may read answers (CORS), as https://fetch.spec.whatwg.org/#http-cors-protocol has it (2026-11).

With `cors_origins` its origins may; else any, for a caller must bring a key, and keys travel in no cookie. A gateway
without a key lets only pages of this machine in, and those that the list names one by one. Nothing of this is looked at
for requests that come from no page.
"""

from __future__ import annotations

from trunkline.config.cors import allow_list
from trunkline.config.schema import Snapshot
from trunkline.errors import NotAllowed
from trunkline.guard.door import is_local_origin

Headers = list[tuple[bytes, bytes]]

_EXPOSED = frozenset({b"retry-after", b"request-id", b"x-request-id", b"x-should-retry"})
_EXPOSED_PREFIXES = (b"x-litellm-", b"x-trunkline-", b"x-ratelimit-", b"anthropic-ratelimit-")
"""What a page may read of an answer's head, beside what every page may."""

_METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
_PREFLIGHT_LASTS = b"600"
"""Seconds for which a browser need not ask again."""


def listed(snapshot: Snapshot, origin: str) -> bool:
    """Whether the list names an origin. `*` names nobody where no key is asked for."""
    origins = snapshot.cors_origins
    if not snapshot.locked:
        origins = tuple(each for each in origins if each != "*")
    return allow_list(origins)(origin)


def allowed(snapshot: Snapshot, origin: str) -> bool:
    """Whether pages of that origin may read what this gateway answers."""
    if snapshot.cors_origins and "*" not in snapshot.cors_origins:
        return listed(snapshot, origin)
    return snapshot.locked or is_local_origin(origin) or listed(snapshot, origin)


class Page:
    """The page that a request comes from. Called with an answer's head, it adds what the browser must find there."""

    __slots__ = ("allowed", "origin")

    def __init__(self, snapshot: Snapshot, origin: bytes) -> None:
        self.origin = origin
        self.allowed = allowed(snapshot, origin.decode("latin-1"))

    def __call__(self, head: Headers) -> Headers:
        if not self.allowed:
            return [*head, (b"vary", b"Origin")]
        shown = dict.fromkeys(name for name, _ in head if name in _EXPOSED or name.startswith(_EXPOSED_PREFIXES))
        return [
            *head,
            (b"access-control-allow-origin", self.origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", b", ".join(shown)),
            (b"vary", b"Origin"),
        ]

    def preflight(self, asked: bytes) -> Headers:
        """What the browser is told before it sends a request with these headers. Raises `NotAllowed`."""
        if not self.allowed:
            raise NotAllowed(
                f"Pages of {self.origin[:120].decode('latin-1')!r} may not use this gateway.",
                remedy="Add its origin to `cors_origins`; a gateway without a key serves localhost's pages only.",
                code="origin_not_allowed",
            )
        head = [(b"access-control-allow-methods", _METHODS), (b"access-control-max-age", _PREFLIGHT_LASTS)]
        if asked:
            head += [(b"access-control-allow-headers", asked), (b"vary", b"Access-Control-Request-Headers")]
        return head
