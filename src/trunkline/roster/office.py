"""What every change of the roster goes through: one step in the store, one line of the audit, word to all workers.

Blocks; it is for a thread. The HTTP pages and the command line both stand at this counter (`counter.py` lists what can
be asked there), so both do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from trunkline.errors import CallerFailure, ConfigInvalid, InvalidRequest
from trunkline.model import periods
from trunkline.roster import fields, hashes
from trunkline.roster.records import ID, TITLES, Key, Kind, Record, id_of
from trunkline.roster.store import Row, Store


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says of new keys, in LiteLLM's fields."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    upper: Mapping[str, Any] = field(default_factory=dict)
    zone: str = ""
    """Whose midnights budgets begin at."""


class Office:
    """One per process. `advance` tells the other workers that something changed; `now` is unix time."""

    def __init__(
        self,
        store: Store,
        secret: bytes,
        now: Callable[[], float],
        advance: Callable[[], object],
        rules: Rules = Rules(),
        taken: Callable[[str], bool] = lambda key: False,
    ) -> None:
        self.store, self.secret, self.now, self.rules = store, secret, now, rules
        self.taken = taken
        """Whether a key is another one of the gateway's: the master key. Replaced, as the rules are, when the
        configuration is."""
        self._advance = advance

    def stored(self, named: str) -> str:
        """The hash that a key is stored under, by itself, its hash (LiteLLM's or the stored one), or its id. Raises
        `CallerFailure` (404) where there is none."""
        found = self.found(named)
        if found is None:
            shown = f"No key {named!r}" if hashes.HASH.fullmatch(named) or len(named) == ID else "No such key"
            raise missing("key", f"{shown} is known here.", "GET /key/list names those that are.")
        return found

    def found(self, named: str) -> str | None:
        """The same; None where there is none."""
        store = self.store
        if hashes.HASH.fullmatch(named):
            for stored in (named, hashes.outer(self.secret, named)):
                if store.get("key", stored) is not None:
                    return stored
        elif len(named) == ID and all(sign in "0123456789abcdef" for sign in named):
            begun = store.beginning(named) or store.made_anew(named)
            if len(begun) == 1:
                return begun[0]
        stored = hashes.stored(self.secret, named.encode())
        return stored if store.get("key", stored) is not None else None

    def record(self, kind: Kind, name: str) -> Any:
        """The record of that name. Raises `CallerFailure` (404)."""
        found = self.store.get(kind, name)
        if found is None:
            raise missing(kind, f"No {TITLES[kind]} {name[:100]!r} is known here.", "")
        return found

    def write(
        self,
        action: str,
        who: str,
        kind: Kind,
        name: str,
        record: Record,
        changes: Mapping[str, Any],
        *,
        deleted: bool = False,
    ) -> None:
        """Puts a record and tells the audit; inside a step of the store."""
        now = self.now()
        record.updated = now
        if not record.created:
            record.created, record.created_by = now, who
        self.store.put(kind, name, record, deleted=deleted)
        named = id_of(name, record) if isinstance(record, Key) else name
        self.store.tell(now, who, action, kind, named, changes)

    def told(self) -> None:
        """Lets every worker know that something changed; after the step."""
        self._advance()

    def spent(self, keys: Iterable[Row], duration: str = "") -> int:
        """What keys have spent: in the present period, or ever."""
        ids = sorted({id_of(each.name, each.record) for each in keys})
        return self.store.spent(ids, self.period(duration)[0])

    def end_spent(self, name: str, duration: str = "") -> int:
        """What was spent for an end user: in the present period, or ever."""
        return self.store.end_spent(name, self.period(duration)[0])

    def period(self, duration: str) -> tuple[int, int]:
        """When the present period of a budget began, and when the next begins."""
        return periods.period_at(duration, self.now(), self.rules.zone)

    def reset(self, duration: str) -> int:
        """When a budget begins anew, unix seconds; 0: never."""
        return self.period(duration)[1]


def missing(kind: Kind, message: str, remedy: str) -> CallerFailure:
    """The failure of what is not there."""
    return CallerFailure(message, remedy=remedy, status=404, code=f"{kind}_not_found")


def changed(record: Record, said: Mapping[str, Any]) -> Any:
    """A copy of a record with what was said of it."""
    return msgspec.structs.replace(record, **said)


def needed(body: Mapping[str, Any], field: str) -> str:
    """A text that must be there. Raises `InvalidRequest`."""
    value = body.get(field)
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequest(f"`{field}` is missing.", param=field, remedy="Send it as a text.")
    return value.strip()


def lists(body: Mapping[str, Any], *named: str) -> list[str]:
    """All texts of the named fields, each a list or a text. Raises `InvalidRequest` where there is none."""
    found: list[str] = []
    for field_ in named:
        value = body.get(field_)
        several = [value] if isinstance(value, str) else value or []
        if not isinstance(several, list) or not all(isinstance(each, str) for each in several):
            raise InvalidRequest(f"`{field_}` is no list of texts.", param=field_)
        found += several
    if not found:
        raise InvalidRequest(f"`{named[0]}` is missing.", param=named[0], remedy="Send a list of texts.")
    return found


def only(body: Mapping[str, Any], *known: str) -> None:
    """Raises `InvalidRequest` for a field that is none of these."""
    for name in body:
        if name not in known:
            raise InvalidRequest(
                f"`{name[:60]}` is no field of this request.",
                param=name[:60],
                remedy=f"These are: {', '.join(known) or 'none'}.",
            )


def paged(body: Mapping[str, Any], size: str = "size") -> tuple[int, int]:
    """(page from 1, how many a page holds)."""
    try:
        page, many = int(body.get("page") or 1), int(body.get(size) or 100)
    except (TypeError, ValueError):
        raise InvalidRequest("`page` is no whole number.", param="page") from None
    if page < 1 or not 1 <= many <= 1000:
        raise InvalidRequest(f"`page` begins at 1, and `{size}` is 1 to 1000.", param="page")
    return page, many


def of_key(record: Key) -> dict[str, Any]:
    """What the audit keeps of a new key: all that was said, nothing that would tell it."""
    told: dict[str, Any] = msgspec.to_builtins(record)
    return {name: value for name, value in told.items() if name not in ("created", "updated", "created_by")}


_BOUNDED = ("max_budget", "budget_duration", "duration", "max_parallel_requests", "tpm_limit", "rpm_limit")


def rules(defaults: Mapping[str, Any], upper: Mapping[str, Any], zone: str = "") -> Rules:
    """The configuration's rules for new keys. Raises `ConfigInvalid` for one that no key could be held to."""
    try:
        fields.read("key", defaults, ("duration",), changing=False)
        fields.read("key", {name: value for name, value in upper.items() if name != "duration"}, changing=False)
        for lasts in (defaults.get("duration"), upper.get("duration")):
            if lasts is not None:
                fields.span("duration", lasts)
        if strange := upper.keys() - set(_BOUNDED):
            raise fields.wrong(min(strange), "has no upper bound", f"Those that have: {', '.join(_BOUNDED)}.")
    except InvalidRequest as wrong:
        where = "`default_key_generate_params` or `upperbound_key_generate_params`"
        raise ConfigInvalid(f"In {where}: {wrong.message}", remedy=wrong.remedy or "Mend or remove it.") from None
    return Rules(defaults, upper, zone)
