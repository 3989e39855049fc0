"""Ends that are none: the stream was closed too early, or its last event came and nobody said why the answer ends."""

from __future__ import annotations

from trunkline.errors import Failure, ProviderCut, ProviderGarbage

_AGAIN = "Send the request again."


def closed() -> Failure:
    """The provider hung up in the middle of an answer."""
    return ProviderCut("The provider closed the stream before the answer's end.", remedy=_AGAIN)


def unreasoned(*, spoke: bool) -> Failure:
    """The wire's last event without a stop reason before it: proxies say it after a broken stream, too."""
    if not spoke:
        return ProviderGarbage("The provider ended the stream before it said anything.", remedy=_AGAIN)
    return ProviderCut("The provider ended the stream without saying why the answer ends.", remedy=_AGAIN)


def cancelled() -> Failure:
    """The provider says that nobody wants the answer any more."""
    return ProviderCut("The provider says that the answer was cancelled.", remedy=_AGAIN)
