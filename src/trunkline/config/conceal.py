"""Keys that are written out in a configuration, for whoever writes it anew: each becomes `os.environ/NAME`. Pure.

What is printed must hold no key. So this errs on the side of hiding: what only looks like a key is hidden too, and what
stays visible under a name that keys have is a reference, or a word that nobody could use as a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import PROVIDERS, at_host, find
from trunkline.config.deploy import vendor_of
from trunkline.config.keys_params import REQUEST
from trunkline.config.schema import Secret
from trunkline.config.secrets import fault
from trunkline.config.section import LITELLM_REFERENCE
from trunkline.config.sources import Sources
from trunkline.config.yaml_lines import Listed, Mapped

_REFERENCE = re.compile(r"\s*(os\.environ/\S+|\$\{[A-Za-z_]\w*(:-)?\})\s*")
_NAMED = re.compile(
    r"(^|[_-])(keys?|key_id|secrets?|password|passwd|pass|pwd|tokens?|credentials?|auth|authorization|cookie|session"
    r"|signature|dsn|webhook|connection_string)$",
    re.IGNORECASE,
)
"""Names of what is secret: `api_key`, `aws_access_key_id`, `X-Auth-Token`."""
_URLS = re.compile(r"(database|redis|webhook|direct)_?urls?$", re.IGNORECASE)
_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s]*:[^/\s]*@", re.IGNORECASE)
_LIKE_A_KEY = re.compile(
    r"(Bearer|Basic) \S|(sk|pk|gsk|xai|tvly|nvapi)[-_][\w-]{12,}|(hf|ghp|glpat)[-_][A-Za-z0-9]{20,}"
    r"|(AIza|AKIA|eyJ)[\w-]{12,}"
)
"""Values that are keys whatever they are called."""
_NO_KEY = re.compile(r"[a-z<>_.\- ]{0,32}", re.IGNORECASE)
"""Of what is no usable key (`none`, `<your-token>`, `sk-xxx`) this may be shown; a real one in brackets may not."""


@dataclass(slots=True)
class Concealer:
    """Goes through a document once and remembers what it hid, under the name that it gave it."""

    sources: Sources
    taken: Mapping[str, str]
    """Variables that are in use already, with their values; another key gets another name."""
    say: Callable[[Any, str], None]
    """Puts a remark at the head of a mapping."""
    hidden: dict[str, Secret] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    """Variables that models without a key look into: a key that is put there would be theirs, too."""

    def document(self, top: Mapped) -> None:
        """Replaces every key that is written out, in place."""
        variables = top.get("environment_variables")
        if isinstance(variables, Mapped):
            self._variables(variables)
        self.claimed = {name for entry in _mappings(top.get("model_list")) for name in _looked_for(entry)}
        for entry in _mappings(top.get("model_list")):
            self._inside(entry.get("litellm_params"), _prefix(entry))
        for entry in _mappings(top.get("credential_list")):
            self._inside(entry.get("credential_values"), _upper(str(entry.get("credential_name"))))
        for key, value in top.items():
            if key != "environment_variables":
                self._inside(value, "")

    def _variables(self, variables: Mapped) -> None:
        """Those leave: the environment itself is where they go, under their own names."""
        for name in list(variables):
            if _is_secret(name, variables[name]):
                where = self.sources.where(variables.line_of(name))
                self.hidden[name] = Secret(_written(variables, name), where)
                self.say(variables, f"Left out: the key {name}; it goes into the environment or `.env`. ({where})")
                del variables[name]

    def _inside(self, value: Any, prefix: str) -> None:
        if isinstance(value, Mapped):
            for key in list(value):
                if _is_secret(key, value[key]):
                    where = f"{self.sources.where(value.line_of(key))} {key}"
                    value[key] = self._reference(key, _written(value, key), prefix, where)
                    value.texts.pop(key, None)
                else:
                    self._inside(value[key], prefix)
        elif isinstance(value, Listed):
            for number, item in enumerate(value):
                if isinstance(item, str) and _is_secret("", item):
                    value[number] = self._reference("secret", item, prefix, self.sources.where(value.lines[number]))
                else:
                    self._inside(item, prefix)

    def _reference(self, key: str, written: str, prefix: str, where: str) -> str:
        known = next((name for name, secret in self.hidden.items() if secret.value == written), "")
        return LITELLM_REFERENCE + (known or self._named(key, written, prefix, where))

    def _named(self, key: str, written: str, prefix: str, where: str) -> str:
        wanted = {"master_key": "LITELLM_MASTER_KEY", "api_key": f"{prefix}_API_KEY" if prefix else "API_KEY"}
        name = first = wanted.get(key) or _upper(key)
        number = 1
        while name in self.hidden or self.taken.get(name, "" if name in self.claimed else written) != written:
            number += 1
            name = f"{first}_{number}"
        self.hidden[name] = Secret(written, where)
        return name


def references(value: Any) -> set[str]:
    """The names of the variables that a document refers to."""
    if isinstance(value, str):
        whole = value.strip()
        named = [whole.removeprefix(LITELLM_REFERENCE)] if whole.startswith(LITELLM_REFERENCE) else []
        return {*named, *re.findall(r"\$\{([A-Za-z_]\w*)", value)}
    if isinstance(value, Mapping):
        return {name for item in value.values() for name in references(item)}
    return {name for item in value for name in references(item)} if isinstance(value, list) else set()


def _is_secret(key: str, value: Any) -> bool:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return key in ("api_key", "master_key") or key.endswith("password")
    if not isinstance(value, str) or not value.strip() or _REFERENCE.fullmatch(value):
        return False
    if _WITH_PASSWORD.match(value.strip()) or _URLS.search(key):
        return True
    if fault(value) and _NO_KEY.fullmatch(value):
        return False
    named = key not in REQUEST and _NAMED.search(key) is not None and not _is_number(value)
    return named or _LIKE_A_KEY.match(value.strip()) is not None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _written(mapped: Mapped, key: str) -> str:
    return mapped.texts.get(key) or str(mapped[key])


def _mappings(value: Any) -> list[Mapped]:
    return [each for each in value if isinstance(each, Mapped)] if isinstance(value, list) else []


def _prefix(entry: Mapped) -> str:
    """`ZAI` for a model of Z.AI; a server of somebody's own is called by its model's name."""
    base, at, maker, prefix = _whose(entry)
    if base and at is None:
        return _upper(str(entry.get("model_name")))
    row = at or maker
    return row.key_names[0].removesuffix("_API_KEY") if row and row.key_names else _upper(prefix)


def _looked_for(entry: Mapped) -> set[str]:
    """The variables that a model without a key finds its key in; those of all providers where it is any model."""
    params = entry.get("litellm_params")
    if not isinstance(params, Mapped) or params.get("api_key"):
        return set()
    _, at, maker, prefix = _whose(entry)
    rows = PROVIDERS if prefix == "*" else [row for row in (at, maker) if row is not None]
    return {name for row in rows for name in row.key_names}


def _whose(entry: Mapped) -> tuple[str, Provider | None, Provider | None, str]:
    """A model's base, whose host that is, whose model it is, and the prefix of its name."""
    params = entry.get("litellm_params")
    params = params if isinstance(params, Mapped) else Mapped()
    base, model = str(params.get("api_base") or params.get("base_url") or ""), str(params.get("model") or "")
    try:
        at = at_host(base) if "/" in base else None
    except ValueError:
        at = None
    prefix = str(params.get("custom_llm_provider") or model.partition("/")[0])
    return base, at, find(prefix) or (None if "/" in model else vendor_of(model)), prefix


def _upper(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper() or "SECRET"
    return f"_{name}" if name[0].isdigit() else name
