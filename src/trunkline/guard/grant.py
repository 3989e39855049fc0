"""What a caller may do: models, budgets, limits, until when. Plain data, and the questions to it; no I/O, no clock.

A `Grant` is made of a key's record and of its user's and its team's when those are read (`roster/ring.py`), so that a
request asks nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from trunkline.config.schema import Deployment
from trunkline.errors import NotAllowed

ENDLESS = 10**18
"""The cap of a budget that is only told, nano-dollars: nothing is ever refused for it."""
EVERY = ("*", "all-proxy-models")
"""Names that stand for all models; the second is LiteLLM's."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A cap on money over a period."""

    name: str
    """Whose: `key:<id>`, `user:<id>`, `team:<id>`, `end:<id>`, `key:<id>|group:<model group>`."""
    cap: int
    """Nano-dollars; `ENDLESS`: only what is `soft` is told."""
    period: str = ""
    """`30s`, `5m`, `12h`, `7d`, `30d`, `1mo`, ...; empty: for ever."""
    soft: int | None = None
    """Nano-dollars at which it is told, in the log and in a metric; nothing is refused for it."""
    group: str = ""
    """The one model group that counts on it; empty: all."""
    share: int = 0
    """Nano-dollars from which fallbacks are asked while one of those can answer; 0: never."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Caps on rates. None: none."""

    name: str
    """Whose, as a budget's."""
    rpm: int | None = None
    """Requests of a minute."""
    tpm: int | None = None
    """Tokens of a minute, in and out."""
    parallel: int | None = None
    """Calls in flight."""
    group: str = ""
    """The one model group that counts on it; empty: all."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one virtual key may do."""

    key: str
    """Its id: what logs and the ledger call it."""
    alias: str = ""
    user: str = ""
    team: str = ""
    models: tuple[str, ...] = ()
    """Names and patterns with `*`, and access groups; empty: all."""
    fences: tuple[tuple[str, ...], ...] = ()
    """Lists of its team's and user's, each of which must allow a model, too."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What it calls a model → what is meant. An alias that was given is allowed, whatever it means."""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    limits: tuple[Limit, ...] = ()
    expires: float = 0.0
    """Unix seconds; 0: never."""
    blocked: bool = False
    closed: str = ""
    """Whose block closes it: `key`, `user ada` or `team red`; empty: nobody's."""

    @property
    def called(self) -> str:
        """How a sentence names it."""
        return f"The key {self.alias!r}" if self.alias else f"The key {self.key}"


@dataclass(frozen=True, slots=True)
class EndUser:
    """Whom a caller names as the end user of a call, where something is known of them."""

    name: str
    budgets: tuple[Budget, ...] = ()
    limits: tuple[Limit, ...] = ()
    blocked: bool = False
    model: str = ""
    """What is asked for them when the request names no model."""


def access_of(deployments: Iterable[Deployment]) -> tuple[str, ...]:
    """The access groups that a model belongs to: those of any of its deployments."""
    return tuple(name for each in deployments for name in each.access)


def allows(grant: Grant, names: Iterable[str], access: Iterable[str] = ()) -> bool:
    """Whether a model may be used that goes by any of these names: as it was asked for, and as the group it means.
    `access`: the access groups that it belongs to."""
    known, groups = tuple(names), tuple(access)
    return all(_listed(models, known, groups) for models in (grant.models, *grant.fences))


def check_model(grant: Grant, names: Iterable[str], access: Iterable[str] = ()) -> None:
    """Raises `NotAllowed` when the key may not use a model; the first name is the one that was asked for."""
    known, groups = tuple(names), tuple(access)
    if allows(grant, known, groups):
        return
    own = _listed(grant.models, known, groups)
    lists = (grant.models,) if not own else grant.fences
    listed = ", ".join(next(each for each in lists if not _listed(each, known, groups))[:20])
    whose = "It may use" if not own else "Its team or user may use"
    raise NotAllowed(
        f"{grant.called} may not use the model {known[0]!r}.",
        remedy=f"{whose} {'none' if listed == 'no-default-models' else listed}. Ask whoever gave you the key.",
        code="key_model_access_denied",
        param="model",
    )


def _listed(models: tuple[str, ...], names: tuple[str, ...], access: tuple[str, ...]) -> bool:
    if not models:
        return True
    for pattern in models:
        if pattern in names or pattern in access or pattern in EVERY:
            return True
        if "*" in pattern and any(_pattern(pattern).fullmatch(name) for name in names):
            return True
    return False


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
