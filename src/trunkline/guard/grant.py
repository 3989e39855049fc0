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

from trunkline.errors import NotAllowed

EVERY = ("*", "all-proxy-models")
"""Names that stand for all models; the second is LiteLLM's."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A cap on money over a period."""

    name: str
    """Whose: `key:<id>`, `user:<id>`, `team:<id>`, `end:<id>`, `key:<id>|group:<model group>`."""
    cap: int
    """Nano-dollars."""
    period: str = ""
    """`30s`, `5m`, `12h`, `7d`, `30d`, `1mo`, ...; empty: for ever."""
    soft: int | None = None
    """Nano-dollars from which it is only told."""
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
    """Names and patterns with `*`; empty: all."""
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


def allows(grant: Grant, names: Iterable[str]) -> bool:
    """Whether a model may be used that goes by any of these names: as it was asked for, and as the group it means."""
    known = tuple(names)
    return all(_listed(models, known) for models in (grant.models, *grant.fences))


def check_model(grant: Grant, names: Iterable[str]) -> None:
    """Raises `NotAllowed` when the key may not use a model; the first name is the one that was asked for."""
    known = tuple(names)
    if allows(grant, known):
        return
    own = _listed(grant.models, known)
    listed = ", ".join((grant.models if not own else next(f for f in grant.fences if not _listed(f, known)))[:20])
    whose = "It may use" if not own else "Its team or user may use"
    raise NotAllowed(
        f"{grant.called} may not use the model {known[0]!r}.",
        remedy=f"{whose} {'none' if listed == 'no-default-models' else listed}. Ask whoever gave you the key.",
        code="key_model_access_denied",
        param="model",
    )


def _listed(models: tuple[str, ...], names: tuple[str, ...]) -> bool:
    if not models:
        return True
    for pattern in models:
        if pattern in names or pattern in EVERY:
            return True
        if "*" in pattern and any(_pattern(pattern).fullmatch(name) for name in names):
            return True
    return False


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
