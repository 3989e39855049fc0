"""The models of a chain: which are allowed, who stands in for whom, and what each may cost. No I/O."""

from __future__ import annotations

from typing import Any

from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import find
from trunkline.config.deploy import told, whose
from trunkline.config.dialect.chain_quotas import Quota, quotas
from trunkline.config.dialect.draft import Draft, listed
from trunkline.config.section import Reading, Section
from trunkline.config.yaml_lines import Listed, Mapped

AUTO = "auto"
LOCAL_TIMEOUT = 600.0
"""Seconds for a model of one's own at the end of its chain: nobody stands in for it, and it may have to be loaded."""


class Chain:
    """The models of the file: which are allowed, in which order they stand in for each other, what each may cost."""

    def __init__(self, reading: Reading, section: Section, draft: Draft) -> None:
        self.reading, self.section, self.draft = reading, section, draft
        self.lines: dict[str, int] = {}
        default = section.text("default_model")
        order = self._listed("fallback_strategy")
        allowed = self._listed("allowed_models")
        if default and default != AUTO and default not in order:
            self.lines.setdefault(default, section.line("default_model"))
            order = (default, *order)
        self.order = tuple(name for name in order if self._may(name, allowed))
        self.names = tuple(name for name in dict.fromkeys((*self.order, *allowed)) if name != "*")
        self.any = "*" in allowed
        if not self.names:
            remedy = 'Write `"default_model": "claude-opus-4.5"` into it, for example.'
            raise reading.refuse(section.at, "`litellm` names no model that may be asked.", remedy)
        kept = default in (AUTO, *self.order)
        self.default = default if kept else (self.order or self.names)[0]

    def _listed(self, key: str) -> tuple[str, ...]:
        """The names of a list, each once, but `auto`, which may be asked for anyway; where each stands is noted."""
        value, names = self.section.data.get(key), self.section.words(key)
        lines = value.lines if isinstance(value, Listed) and len(value) == len(names) else []
        for at, name in enumerate(names):
            self.lines.setdefault(name, lines[at] if lines else self.section.line(key))
        return tuple(dict.fromkeys(name for name in names if name != AUTO))

    def _may(self, name: str, allowed: tuple[str, ...]) -> bool:
        if not allowed or any(self._same(name, each) for each in allowed):
            return True
        message = f"`{name}` is not among `allowed_models`, so nobody is sent to it."
        self.reading.warn(self.lines[name], message, "Add it there, or take it out of the chain.", "value")
        return False

    def _same(self, one: str, other: str) -> bool:
        """Whether two names mean one model: `claude-opus-4.5` and `claude-opus-4-5` do; `ollama/*` means all there."""
        if one == other or other == "*" or (other.endswith("/*") and one.startswith(other[:-1])):
            return True
        return "*" not in other and self._told(one) == self._told(other)

    def _told(self, name: str) -> tuple[str, str]:
        owner, model = whose(name, "", "", self.reading.where(self.lines[name]))
        return owner.name, told(owner, model)

    def _owner(self, name: str) -> Provider:
        return whose(name, "", "", self.reading.where(self.lines[name]))[0]

    def models(self) -> None:
        """A group for each model, with its key, its limit of requests and its time-out; and its budget."""
        found = quotas(self.reading, self.section.mapping("quota_limits"), self.names)
        keys = self._keys()
        entries: list[Mapped] = []
        for name in self.names:
            owner, line, quota = self._owner(name), self.lines[name], found.get(name, Quota())
            params: dict[str, tuple[Any, int]] = {"model": ("/".join(self._told(name)), line)}
            if owner.name in keys:
                params["api_key"] = keys[owner.name]
            if quota.rpm is not None:
                params["rpm"] = quota.rpm, quota.line
            if owner.free and not self._after(name):
                params["timeout"] = LOCAL_TIMEOUT, self.section.line("api_timeout")
            entries.append(self.draft.model(name, params, line))
            if quota.budget:
                self.draft.put_below("trunkline", "model_group_budgets", name, quota.budget, quota.line)
        if self.any:
            entries.append(self.draft.model("*", {"model": ("*", self.lines["*"])}, self.lines["*"]))
        self.draft.top("model_list", listed(entries, self.section.at), self.section.at)

    def routes(self) -> None:
        """The fallbacks of each model, what a call without a model gets, and what `auto` is."""
        line = self.section.line("fallback_strategy")
        for name in self.names:
            if after := self._after(name):
                self.draft.chain("fallbacks", name, after, line)
        if len(self.order) > 1:
            self.draft.put("litellm_settings", "max_fallbacks", len(self.order), line)
        self.draft.put("trunkline", "default_model", self.default, self.section.line("default_model"))
        several = [name for name in self.names if "*" not in name]
        if several:
            self.draft.put_below("trunkline", "cheapest", AUTO, several, line)

    def _after(self, name: str) -> list[str]:
        """Who stands in for a model: those after it in the chain; the whole chain for one that is not in it, of which
        one that is free leaves out what costs."""
        if name in self.order:
            return list(self.order[self.order.index(name) + 1 :])
        return [each for each in self.order if self._owner(each).free or not self._owner(name).free]

    def _keys(self) -> dict[str, tuple[Any, int]]:
        """Provider → what `api_keys` gives, by the name of its variable or its own; as it is written."""
        section = self.section.mapping("api_keys")
        owners = {owner.name: owner for owner in map(self._owner, self.names)}
        keys: dict[str, tuple[Any, int]] = {}
        for key in section.data if section else ():
            assert section is not None
            named = find(key.lower())
            row = (
                owners.get(named.name)
                if named
                else next((row for row in owners.values() if key in row.key_names), None)
            )
            if row is None:
                message = f"`{key}` of api_keys is the key of no model that this file names."
                section.reading.warn(section.line(key), message, "Remove it, or name such a model.", "note")
                continue
            keys[row.name] = section.data[key], section.line(key)
        return keys
