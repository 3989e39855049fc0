"""Names that point to names: groups, wildcards, aliases, fallbacks; and which of them point nowhere. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from trunkline.config.litellm_settings import Settings, read_chains
from trunkline.config.mend import Mend, renamed, replaced
from trunkline.config.refuse import nearest
from trunkline.config.schema import Allowance, Allowances, Deployment, Routing
from trunkline.config.section import Reading, Section

Groups = dict[str, tuple[Deployment, ...]]


def grouped(deployments: Iterable[Deployment]) -> tuple[Groups, tuple[tuple[str, tuple[Deployment, ...]], ...]]:
    """Exact groups in the file's order, and wildcards with the most literal characters first."""
    exact: Groups = {}
    wild: Groups = {}
    for each in deployments:
        table = wild if "*" in each.group else exact
        table[each.group] = (*table.get(each.group, ()), each)
    ordered = sorted(wild.items(), key=lambda item: -len(item[0].replace("*", "")))
    return exact, tuple(ordered)


@dataclass(slots=True)
class Names:
    """Everything a client may ask for, and where it leads."""

    reading: Reading
    groups: Groups
    wildcards: tuple[tuple[str, tuple[Deployment, ...]], ...]
    aliases: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    cheapest: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def known(self, name: str) -> bool:
        """Whether some deployment answers to that name."""
        if name in self.groups or name in self.aliases or name in self.cheapest:
            return True
        # A pattern means the groups that it fits.
        return any(_fits(pattern, name) for pattern, _ in self.wildcards) or (
            "*" in name and any(_fits(name, each) for each in self.groups)
        )

    def read_aliases(self, settings: Settings) -> None:
        """`model_group_alias`: name → group, or name → {model, hidden}."""
        section = settings.either("model_group_alias").mapping("model_group_alias")
        for alias in section.data if section else ():
            assert section is not None
            line, value = section.line(alias), section.data[alias]
            target, hidden = section.text(alias) if not isinstance(value, Mapping) else "", False
            if isinstance(value, Mapping):
                inner = Section(self.reading, value, alias, line)
                target, hidden = inner.text("model"), bool(inner.flag("hidden"))
            if not target:
                raise self.reading.refuse(line, f"the alias `{alias}` names no model.", "Write `alias: model_name`.")
            if alias in self.groups:
                message = f"the alias `{alias}` hides the model of that `model_name`: the alias wins."
                self.reading.warn(line, message, "Rename one of them.")
            self.aliases[alias] = target
            if hidden:
                self.hidden.add(alias)
        for alias, target in self.aliases.items():
            if target in self.aliases or not self.known(target):
                assert section is not None
                value, right = section.data[alias], self._right(target)
                data, key = (value, "model") if isinstance(value, Mapping) and right else (section.data, alias)
                mend = replaced(data, key, right)
                self._lost(section.line(alias), f"the alias `{alias}` points to `{target}`", target, mend)

    def read_cheapest(self, own: Section) -> None:
        """`trunkline.cheapest`: name → the models of which the cheapest answers. Names that lead nowhere go."""
        section = own.mapping("cheapest")
        for name in section.data if section else ():
            assert section is not None
            line = section.line(name)
            if name in self.groups or name in self.aliases:
                message = f"`{name}` of `cheapest` hides the model of that name."
                self.reading.warn(line, message, "Rename one of them.")
            kept = self._kept(section.words(name), name, section, name, "the model")
            if not kept:
                raise self.reading.refuse(line, f"`{name}` of `cheapest` names no model.", "List some of `model_list`.")
            self.cheapest[name] = kept

    def read_fallbacks(self, settings: Settings) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
        """`fallbacks` and `default_fallbacks`; the entry `"*"` is the default for all. Names that lead nowhere go."""
        section = settings.either("fallbacks")
        fallbacks: dict[str, tuple[str, ...]] = {}
        defaults: tuple[str, ...] = ()
        for name, chain in read_chains(section, "fallbacks"):
            entry = _entry_of(section, "fallbacks", name)
            kept = self._kept(chain, name, entry, name)
            if name == "*":
                defaults = kept
                continue
            if not self.known(name):
                self._lost_key(entry, name, f"fallbacks are given for `{name}`")
            fallbacks[self.aliases.get(name, name)] = kept
        chosen = settings.either("default_fallbacks")
        kept = self._kept(chosen.words("default_fallbacks"), "every model", chosen, "default_fallbacks")
        return fallbacks, kept or defaults

    def checked(self, routing: Routing, settings: Settings) -> Routing:
        """The fallbacks for long and for refused conversations, by group; names that lead nowhere go, and are told."""

        def chains(key: str, found: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            kept: dict[str, tuple[str, ...]] = {}
            for name, chain in found.items():
                entry = _entry_of(settings.either(key), key, name)
                if name != "*" and not self.known(name):
                    self._lost_key(entry, name, f"`{key}` are given for `{name}`")
                kept[self.aliases.get(name, name)] = self._kept(chain, name, entry, name)
            return kept

        return replace(
            routing,
            context_window_fallbacks=chains("context_window_fallbacks", routing.context_window_fallbacks),
            content_policy_fallbacks=chains("content_policy_fallbacks", routing.content_policy_fallbacks),
        )

    def budgeted(
        self, found: Allowances, fallbacks: Mapping[str, tuple[str, ...]], defaults: tuple[str, ...]
    ) -> Allowances:
        """Budgets of model groups under the groups' own names. Raises for one of a group that is not there."""
        groups: dict[str, Allowance] = {}
        for name, each in found.groups.items():
            real = self.aliases.get(name, name)
            if not self.known(real):
                what = f"`model_group_budgets` names `{name}`, and no model has that `model_name`."
                raise self.reading.refuse(0, what, self._meant(name))
            groups[real] = each
            stands_in = any(chain for key, chain in fallbacks.items() if key == real or _fits(key, real)) or defaults
            if each.fallback_at is not None and not stands_in:
                message = f"`fallback_at` of `{name}` does nothing: no fallback of it is configured."
                self.reading.warn(0, message, f"Add `fallbacks: [{{{name}: [...]}}]`, or remove it.", "value")
        return replace(found, groups=groups)

    def _kept(
        self, chain: tuple[str, ...], of: str, section: Section, key: str, what: str = "the fallback"
    ) -> tuple[str, ...]:
        """The names of a chain that lead somewhere; `key` of `section` is where it stands."""
        meant = {name: name if self.known(name) else self._right(name) for name in chain}
        for name in chain:
            if not self.known(name):
                mend = replaced(section.data, key, list(dict.fromkeys(filter(None, meant.values()))))
                self._lost(section.line(key), f"{what} `{name}` of `{of}` is named", name, mend)
        return tuple(name for name in chain if self.known(name) and name != of)

    def _lost_key(self, section: Section, name: str, what: str) -> None:
        self._lost(section.line(name), what, name, renamed(section.data, name, self._right(name)))

    def _lost(self, line: int, what: str, name: str, mend: Mend) -> None:
        message = f"{what}, and no model has that `model_name`."
        self.reading.warn(line, message, self._meant(name), "value", mend)

    def _meant(self, name: str) -> str:
        right = self._right(name)
        if right and self._is_providers(name, right):
            return f"That is a provider's name for it; write `{right}`."
        return f"Did you mean `{right}`?" if right else "Correct the name, or add such a model."

    def _right(self, name: str) -> str:
        """The name that was most likely meant; empty when none is near."""
        found = next((group for group in self.groups if self._is_providers(name, group)), "")
        return found or nearest(name, (*self.groups, *self.aliases))

    def _is_providers(self, name: str, group: str) -> bool:
        """Whether that is what the provider calls a model of the group."""
        members = self.groups.get(group, ())
        return any(name in (f"{each.provider.name}/{each.model}", each.model) for each in members)


def _entry_of(section: Section, key: str, name: str) -> Section:
    """The mapping of a list of chains that has that name."""
    value = section.data.get(key)
    for entry in [value] if isinstance(value, Mapping) else value or ():
        if name in entry:
            return Section(section.reading, entry, key, section.line(key))
    return section


def _fits(pattern: str, name: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None
