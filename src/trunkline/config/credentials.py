"""LiteLLM's `credential_list`: settings that several deployments share, by `litellm_credential_name`. No I/O.

As in LiteLLM (`_named_credential_values` in `litellm/utils.py`, 1.110.2): of two credentials of one name the first
counts, and what a deployment says itself wins over what its credential says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.config.mend import leaves, replaced
from trunkline.config.refuse import nearest
from trunkline.config.section import Reading, Section
from trunkline.config.yaml_lines import Listed, Mapped

NAME = "litellm_credential_name"
_SHAPE = """Write it as
  credential_list:
    - credential_name: mine
      credential_values: {api_key: os.environ/NAME}"""
_KEYS = ("credential_name", "credential_values", "credential_info")


@dataclass(slots=True)
class Credentials:
    """The credentials of one configuration, by name, and which of them a deployment has named."""

    reading: Reading
    known: dict[str, Section] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def given_to(self, params: Section) -> Section:
        """`litellm_params` with what its credential says."""
        name = params.text(NAME)
        if not name:
            return params
        if name not in self.known:
            near = nearest(name, self.known)
            remedy = f"Did you mean `{near}`?" if near else "Add it to `credential_list`, or remove this line."
            mend = replaced(params.data, NAME, near)
            self.reading.warn(params.line(NAME), f"no credential is called `{name}`.", remedy, "value", mend)
            return params
        self.used.add(name)
        made = Mapped(params.at)
        for source in (params.data, self.known[name].data):
            assert isinstance(source, Mapped)
            for key in source:
                if key not in made:
                    made.take(key, source)
        return Section(self.reading, made, params.title, params.at, params.parent)

    def tell_unused(self) -> None:
        """Notes those that no deployment names."""
        for name, section in self.known.items():
            if name not in self.used:
                at = section.parent.at if section.parent else section.at
                self.reading.warn(at, f"the credential `{name}` is used by no model.", "", "note")


def read_credentials(reading: Reading, entries: Any, line: int) -> Credentials:
    """Those of a `credential_list`. Raises for one that has no name or no values."""
    found = Credentials(reading)
    if entries is None:
        return found
    if not isinstance(entries, list):
        raise reading.refuse(line, "`credential_list` must be a list.", _SHAPE)
    lines = entries.lines if isinstance(entries, Listed) else [line] * len(entries)
    for number, (entry, at) in enumerate(zip(entries, lines, strict=True)):
        if not isinstance(entry, Mapping):
            raise reading.refuse(at, "an entry of `credential_list` must be a mapping.", _SHAPE)
        one = Section(reading, entry, "this credential", at)
        name, values = one.text("credential_name"), one.mapping("credential_values")
        if not name or values is None:
            what = "has no `credential_name`" if not name else f"`{name}` has no `credential_values`"
            raise reading.refuse(at, f"this credential {what}.", _SHAPE)
        for key in one.data:
            if key not in _KEYS:
                one.stray(key, "of a credential is unknown.", nearest(key, _KEYS))
        if name in found.known:
            message = f"the credential `{name}` stands twice; the first one counts."
            reading.warn(at, message, "Remove one of them.", "value", leaves(entries, number))
            continue
        found.known[name] = Section(reading, values.data, "this credential", values.at, one)
    return found
