"""Settings that do not do what was hoped: unknown, mistyped, in a wrong section, or LiteLLM's alone. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.config.keys import (
    GUARDS,
    LIMITS,
    LITELLM,
    LOOP_GUARD,
    QUEUE,
    RENAMED,
    ROUTER,
    SECTIONS,
    TOP,
    Fate,
    home_of,
    nearest_key,
)
from trunkline.config.litellm_settings import Settings
from trunkline.config.mend import Mend, leaves, moved, renamed
from trunkline.config.refuse import nearest
from trunkline.config.schema import ConfigWarning
from trunkline.config.section import Reading, Section

_DOUBLES = {"timeout": "request_timeout"}
"""Keys of `router_settings` that have another name in `litellm_settings`."""


def tell(settings: Settings) -> None:
    """Warns of every key that does not do what its writer hoped; raises for one that guards and is not there."""
    _Strays(settings, settings.reading).all()


@dataclass(frozen=True, slots=True)
class _Strays:
    of: Settings
    reading: Reading

    def all(self) -> None:
        for key in self.of.top.data:
            self._tell(self.of.top, key, "", TOP)
        for section in (self.of.general, self.of.litellm, self.of.router, self.of.trunkline):
            for key in section.data:
                self._tell(section, key, section.title, SECTIONS[section.title])
        for key in self.of.router.data:
            self._tell_doubled(key)
        for name, known in (("limits", LIMITS), ("loop_guard", LOOP_GUARD), ("queue", QUEUE)):
            below = self.of.trunkline.mapping(name)
            for key in below.data if below else ():
                assert below is not None
                if key not in known:
                    below.stray(key, f"is no setting of `{name}`.", nearest(key, known))

    def _tell(self, section: Section, key: str, name: str, table: Mapping[str, Fate]) -> None:
        line, fate = section.line(key), table.get(key)
        if fate is None:
            self._stray(section, key, name)
        elif section.data[key] in (None, False, "", [], {}) or fate == "used":
            return
        elif fate == "protects":
            self._guard(line, f"`{key}` guards this gateway, and Trunkline does not have it.", key)
        elif fate == "unsupported":
            message = f"`{key}` is LiteLLM's; Trunkline does not have it."
            self.reading.warn(line, message, "Remove it.", "unsupported", leaves(section.data, key))
        elif fate == "later":
            message = f"`{key}` is read, but this version does not act on it."
            self.reading.warn(line, message, "It can stay for a later one.", "unsupported")
        else:
            message = f"`{key}` changes nothing here."
            self.reading.warn(line, message, "It can stay.", "note", leaves(section.data, key))

    def _tell_doubled(self, key: str) -> None:
        """`router_settings` and `litellm_settings` have words in common, and the router's count."""
        router, litellm, there = self.of.router, self.of.litellm, _DOUBLES.get(key, key)
        both = (router.data[key], litellm.data.get(there))
        if None in both or both[0] == both[1] or not ROUTER.get(key) == LITELLM.get(there) == "used":
            return
        message = (
            f"`{there}` has no effect: `{key}` of router_settings counts, at {self.reading.where(router.line(key))}."
        )
        mend = leaves(litellm.data, there)
        self.reading.warn(litellm.line(there), message, "Remove one of them.", "value", mend)

    def _guard(self, line: int, what: str, key: str, *mends: Mend) -> None:
        if key not in self.reading.ignore:
            self.reading.mends += [(mend, ConfigWarning(self.reading.where(line), what)) for mend in mends]
            raise self.reading.refuse(line, what, f"Remove it, or insist on running without with `--ignore {key}`.")
        self.reading.warn(line, f"`{key}` is not in force, as `--ignore {key}` accepts.", kind="unsupported")

    def _stray(self, section: Section, key: str, name: str) -> None:
        """A key that this section does not know: meant otherwise, or meant for elsewhere, or mistyped."""
        line, place = section.line(key), f"under `{name}`" if name else "at the top of the file"
        if right := RENAMED.get((name, key)):
            message = f"`{key}` {place} has no effect."
            mend = renamed(section.data, key, right)
            self.reading.warn(line, message, f"Its name there is `{right}`.", "misplaced", mend)
            if right == "master_key":
                self._guard(line, f"`{key}` {place} is no key that is asked for; its name is `master_key`.", key)
            return
        if home := home_of(key, name):
            if key in GUARDS and section.data[key]:
                what = f"`{key}` stands {place}, where it guards nothing; it belongs under `{home}`."
                self._guard(line, what, key, moved(section.data, key, home))
                return
            message = f"`{key}` has no effect {place}."
            works = SECTIONS[home][key] in ("used", "later")
            mend = moved(section.data, key, home) if works else leaves(section.data, key)
            theirs = f"It is LiteLLM's, under `{home}`, and does nothing here. Remove it."
            self.reading.warn(line, message, f"Move it under `{home}`." if works else theirs, "misplaced", mend)
            return
        if not name and key in ("model_name", "litellm_params"):
            message = f"`{key}` has no effect {place}."
            mend = leaves(section.data, key)
            self.reading.warn(line, message, "Put it into `model_list`.", "misplaced", mend)
            return
        near, at = nearest_key(key, name)
        mend = moved(section.data, key, at, near) if near and at and at != name else renamed(section.data, key, near)
        if near in GUARDS and section.data[key]:
            what = f"`{key}` {place} is unknown; `{near}` under `{at or near}` was meant?"
            self._guard(line, what, key, mend)
            return
        remedy = f"Did you mean `{near}`{f' under `{at}`' if at != name else ''}?" if near else "Remove it."
        self.reading.warn(line, f"`{key}` {place} is unknown.", remedy, "unknown", mend)
