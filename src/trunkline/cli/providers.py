"""Telling whose a pasted key is, whether it works, and which variables give a gateway a provider at all.

What a provider is comes from the catalog; here is only how its keys look. Sources: the vendors' pages on API keys and
on listing models, read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from trunkline.catalog.place import place
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import PROVIDERS, find
from trunkline.cli.ask import NoAnswer, ask
from trunkline.config.secrets import clean, fault
from trunkline.errors import ConfigInvalid

SHAPES = (
    ("zai", r"[0-9a-f]{32}\.[A-Za-z0-9]{12,24}"),
    ("anthropic", r"sk-ant-[\w-]{8,}"),
    ("openrouter", r"sk-or-[\w-]{8,}"),
    ("openai", r"sk-(?:proj|svcacct|admin)-[\w-]{8,}"),
    ("gemini", r"AIza[\w-]{30,}"),
    ("groq", r"gsk_\w{20,}"),
    ("xai", r"xai-\w{20,}"),
)
"""How whole keys look, where that tells the provider."""
FIRST = ("zai", "anthropic", "openai")
"""Providers that somebody without a key is told of."""
FREE = {"anthropic": "/v1/models", "openai_chat": "/models"}
"""Under a wire's base: what needs a key and costs nothing."""
OPEN_LISTS = {"openrouter": "/key"}
"""Providers whose models list needs no key, and what does."""


def known(name: str) -> Provider:
    """A provider's row, of a name that is in the catalog."""
    row = find(name)
    assert row is not None, name
    return row


def usable(environ: Mapping[str, str], kept: Mapping[str, str]) -> list[str]:
    """The variables that give a gateway a provider: keys that could be keys, and addresses of providers without."""
    names = [name for row in PROVIDERS for name in (row.key_names if row.needs_key else row.base_names)]
    values = {name: environ.get(name) or kept.get(name) or "" for name in names}
    keyless = {name for row in PROVIDERS if not row.needs_key for name in row.base_names}
    return [name for name, value in values.items() if value.strip() and (name in keyless or not fault(value))]


def recognise(key: str) -> Provider | None:
    """The provider that a key is of, by its look; None when several could be."""
    return next((known(name) for name, shape in SHAPES if re.fullmatch(shape, key)), None)


def trial(row: Provider, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The URL of a call that needs a key and is free, and the header that the key travels in; None: there is none."""
    base = next((environ[name].strip() for name in row.base_names if environ.get(name, "").strip()), "")
    for wire, end in place(row, api_base=base, from_environment=True).items():
        if wire in FREE:
            return end.base + OPEN_LISTS.get(row.name, FREE[wire]), end.auth
    return None


def verify(row: Provider, key: str, environ: Mapping[str, str]) -> tuple[Literal["good", "wrong", "unknown"], str]:
    """Whether the provider takes the key, and why not in a sentence."""
    try:
        where = trial(row, environ)
        if where is None:
            return "unknown", f"{row.title} has no free call to try it with"
        url, auth = where
        headers = {"authorization": f"Bearer {clean(key)}"} if auth in ("bearer", "none") else {str(auth): clean(key)}
        if row.name == "anthropic":
            headers["anthropic-version"] = "2023-06-01"
        answer = ask(url, headers=headers, timeout=10.0)
    except ConfigInvalid as wrong:
        return "unknown", wrong.message.rstrip(".")
    except NoAnswer as silent:
        return "unknown", f"{row.title} could not be asked ({silent})"
    said = answer.json
    code = str(said["error"].get("code", "")) if isinstance(said, dict) and isinstance(said.get("error"), dict) else ""
    if answer.status in (401, 403) or re.fullmatch(r"100[0-4]", code):
        return "wrong", f"{row.title} does not accept this key (HTTP {answer.status})"
    if answer.status == 200:
        return "good", f"{row.title} accepts it"
    return "unknown", f"{row.title} answered HTTP {answer.status}, which tells nothing of the key"
