"""A list of providers, in YAML, and no models: `model_providers.yaml`, as programs embed LiteLLM with.

    chat:
      zai:
        name: Z.AI
        litellm_provider: anthropic
        kwargs: {api_base: https://api.z.ai/api/anthropic}

Each is offered as `<id>/<model>`. Its key is in `<ID>_API_KEY`, `API_KEY_<ID>` or `<ID>_API_TOKEN`. Sections in
LiteLLM's own shape may stand beside these, and win.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.catalog import litellm_sdk
from trunkline.catalog.models import names
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import at_host, find
from trunkline.config.deploy import is_local
from trunkline.config.dialect.draft import Draft, listed
from trunkline.config.keys import TOP
from trunkline.config.keys_params import KNOWN
from trunkline.config.refuse import nearest
from trunkline.config.section import Reading, Section
from trunkline.config.yaml_lines import Mapped

NAME = "providers"
_SECTIONS = ("chat", "embedding")
_ENTRY = ("name", "litellm_provider", "kwargs")


def matches(top: Mapped) -> bool:
    """Whether it has providers under `chat` or `embedding`, and no list of models."""
    entries = [each for key in _SECTIONS if isinstance(top.get(key), Mapping) for each in top[key].values()]
    return "model_list" not in top and any(isinstance(each, Mapping) and "litellm_provider" in each for each in entries)


def translate(reading: Reading, top: Mapped) -> Mapped:
    """The same in LiteLLM's shape. Raises `ConfigInvalid` for what cannot be run."""
    whole = Section(reading, top, "the file")
    for key in top:
        if key not in (*_SECTIONS, *TOP):
            near = nearest(key, (*_SECTIONS, *TOP))
            remedy = f"Did you mean `{near}`?" if near else "Remove it."
            reading.warn(whole.line(key), f"`{key}` is unknown.", remedy, "unknown")
    found = list(_providers(reading, whole))
    keyed = [each for each in found if each.usable]
    draft = Draft(top)
    entries = [entry for each in (keyed or found) for entry in each.entries(draft)]
    for each in found:
        if keyed and not each.usable:
            message = f"`{each.id}` is left out: {each.variable} is not set."
            reading.warn(each.line, message, f"Set {each.variable} to use it.", "note")
    draft.top("model_list", listed(entries, top.line), top.line)
    model = reading.environment.get("GLM_MODEL", "").strip()
    if model and any(each.id == "zai" for each in keyed or found):
        draft.put("trunkline", "default_model", model if "/" in model else f"zai/{model}", top.line)
    return draft.done()


class _Entry:
    """One provider of the file."""

    def __init__(self, reading: Reading, section: Section, name: str, prefix: str) -> None:
        self.id, self.prefix, self.line = name, prefix, section.at
        kwargs = section.mapping("kwargs")
        self.kwargs: dict[str, tuple[Any, int]] = {}
        for key in kwargs.data if kwargs else ():
            assert kwargs is not None
            if key in KNOWN:
                self.kwargs[key] = (kwargs.data[key], kwargs.line(key))
            else:
                near = nearest(key, KNOWN)
                remedy = f"Did you mean `{near}`?" if near else "Remove it."
                reading.warn(kwargs.line(key), f"`{key}` of kwargs is unknown.", remedy, "unknown")
        base = kwargs.text("api_base") or kwargs.text("base_url") if kwargs else ""
        self.row = _owner(base) or (find(prefix) if not base else None) or find(name)
        own = name.upper().replace("-", "_")
        possible = (f"{own}_API_KEY", f"API_KEY_{own}", f"{own}_API_TOKEN")
        environment = reading.environment
        there = next((each for each in possible if environment.get(each, "").strip()), "")
        self.variable = there or possible[0]
        row = self.row or find(prefix)
        known = next((each for each in row.key_names if environment.get(each, "").strip()), "") if row else ""
        keyless = (row is not None and not row.needs_key) or (bool(base) and is_local(base))
        self.usable = bool(there or known or keyless or "api_key" in self.kwargs)
        if "api_key" not in self.kwargs and (there or not (known or keyless)):
            self.kwargs["api_key"] = (f"os.environ/{self.variable}", self.line)

    def entries(self, draft: Draft) -> Iterator[Mapped]:
        """Its models by name, as far as the catalog knows them, and all others."""
        for model in (*(names(self.row.name) if self.row is not None else ()), "*"):
            params = {"model": (f"{self.prefix}/{model}", self.line), **self.kwargs}
            yield draft.model(f"{self.id}/{model}", params, self.line)


def _providers(reading: Reading, whole: Section) -> Iterator[_Entry]:
    seen: dict[str, Mapping[str, Any]] = {}
    for title in _SECTIONS:
        section = whole.mapping(title)
        for name in section.data if section else ():
            assert section is not None
            entry = section.mapping(name)
            if entry is None:
                continue
            if name in seen:
                if {**seen[name], "name": ""} != {**entry.data, "name": ""}:
                    message = f"`{name}` under `{title}` differs from the one before: that one serves both."
                    reading.warn(entry.at, message, "Give it an id of its own.")
                continue
            seen[name] = entry.data
            _tell(entry)
            prefix = entry.text("litellm_provider") or name
            if find(prefix) is None and not litellm_sdk.installed():
                message = f"`{name}` is left out: the catalog has no provider `{prefix}`."
                reading.warn(entry.line("litellm_provider"), message, f"`{litellm_sdk.INSTALL}` brings it.", "note")
                continue
            yield _Entry(reading, entry, name, prefix)


def _tell(entry: Section) -> None:
    for key in entry.data:
        if key not in _ENTRY:
            near = nearest(key, _ENTRY)
            remedy = f"Did you mean `{near}`?" if near else "It can stay."
            entry.reading.warn(entry.line(key), f"`{key}` of a provider has no effect here.", remedy, "unsupported")


def _owner(base: str) -> Provider | None:
    try:
        return at_host(base) if base else None
    except ValueError:
        return None
