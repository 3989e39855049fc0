"""The cache of answers that a program asks for: `trunkline.cache = trunkline.Cache()`. In this process's memory."""

from __future__ import annotations

from typing import Any

from trunkline.config.caching import CALLS, ELSEWHERE, HERE
from trunkline.config.schema import Caching
from trunkline.exceptions import UnsupportedParamsError
from trunkline.sdk.settings import SETTINGS

_PLAIN = Caching()


class Cache:
    """`ttl` in seconds. `mode` `default_off`: only calls with `caching=True` use it.

    Raises `UnsupportedParamsError` for a kind of cache that is not had here.
    """

    def __init__(
        self,
        type: str = "local",
        *,
        ttl: float | None = None,
        namespace: str | None = None,
        mode: str = "default_on",
        supported_call_types: list[str] | None = None,
        default_in_memory_ttl: float | None = None,
        **others: Any,
    ) -> None:
        if str(type).lower() not in HERE:
            known = f"{type!r} is a cache that" if type in ELSEWHERE else f"No cache is called {type!r} that"
            raise UnsupportedParamsError(f'{known} Trunkline\'s SDK does not have. Use `Cache(type="local")`.')
        if others:
            name = next(iter(others))
            raise UnsupportedParamsError(f"A cache in memory has no `{name}`. Leave it out.", param=name)
        self.type, self.mode, self.namespace = "local", mode, namespace
        self.ttl = ttl if ttl is not None else default_in_memory_ttl
        self.supported_call_types = supported_call_types

    def terms(self, owner: str) -> Caching:
        """The engine's terms. `owner` tells apart what may not share answers: other addresses, other keys."""
        listed = self.supported_call_types
        kept = CALLS.values() if listed is None else [CALLS[name] for name in listed if name in CALLS]
        return Caching(
            ttl=_PLAIN.ttl if self.ttl is None else self.ttl,
            namespace=f"{owner}|{self.namespace or ''}",
            operations=frozenset().union(*kept),
            streamed_tools=False,
        )


def enable_cache(type: str = "local", **arguments: Any) -> None:
    """From now on answers are kept in this process's memory, and told again to calls that ask the same."""
    SETTINGS.cache = Cache(type, **arguments)


def disable_cache() -> None:
    """No more."""
    SETTINGS.cache = None
