"""A caller's own key at a provider: where it is used, and where it must not go.

It is for the provider that is asked first, and is shown to no other. Not even there does it go to a host that nobody
vouches for: to one of the catalog, by TLS, or to a program on this machine.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from trunkline.catalog.providers import at_host
from trunkline.errors import NotAllowed, ProviderKeyUnset
from trunkline.guard.door import is_local_host
from trunkline.route.plan import Candidate
from trunkline.upstream.call import Call


def is_at(call: Call, candidate: Candidate) -> bool:
    """Whether a candidate is asked with the caller's own key."""
    return bool(call.caller.provider_key) and candidate.deployment.provider.name == call.own_key_at


def key_for(call: Call, candidate: Candidate) -> str:
    """The provider's key: the caller's own at the provider it was brought for, else the deployment's."""
    if is_at(call, candidate):
        return call.caller.provider_key
    key = candidate.deployment.key
    return key.value if key is not None else ""


def check_own_key(call: Call, candidate: Candidate) -> None:
    """For a caller who brought a key. Raises `NotAllowed` where neither it nor the deployment's may be used, and
    `ProviderKeyUnset` where the deployment has none."""
    deployment = candidate.deployment
    if not is_at(call, candidate):
        if call.caller.alone:
            raise NotAllowed(
                f"A call with a key of your own goes to {call.own_key_at} only, not to {deployment.provider.name}.",
                remedy="Send this gateway's key as well.",
                code="own_key_only",
            )
        if deployment.key_missing:
            raise ProviderKeyUnset(deployment.key_missing)
    elif not _vouched(candidate):
        raise NotAllowed(
            f"{candidate.group!r} is at an address that is not known as {deployment.provider.title}'s: a key of your "
            "own is not sent there.",
            remedy="Ask for another model, or leave your own key out.",
            code="own_key_elsewhere",
        )


def _vouched(candidate: Candidate) -> bool:
    if candidate.deployment.provider.embedded == "demo":
        return True
    base = candidate.door.base
    return (base.startswith("https://") and at_host(base) is not None) or is_local_host(urlsplit(base).netloc)
