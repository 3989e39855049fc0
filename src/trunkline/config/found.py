"""Deployments that no file asked for: what the keys in the environment give, and the demo that is always there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trunkline.catalog.models import flagship, names, small
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import PROVIDERS, find
from trunkline.config.deploy import identity, site, told
from trunkline.config.environment import Environment
from trunkline.config.schema import ConfigWarning, Deployment
from trunkline.config.secrets import from_environment

DEMO = "demo"
BUILT_IN = "built in"
"""Where the demo's deployments are from."""
CLAUDE = "claude-*"
_HAIKU = "claude-*haiku*"


def ready(environment: Environment) -> tuple[list[Provider], list[ConfigWarning]]:
    """The providers that the environment has a usable key or an address for, and a doubt for each unusable key."""
    usable: list[Provider] = []
    doubts: list[ConfigWarning] = []
    for provider in PROVIDERS:
        if provider.embedded:
            continue
        named_base = any(environment.get(name, "").strip() for name in provider.base_names)
        key = from_environment(provider, environment)
        has_base = named_base or all(end.base for end in provider.endpoints.values())
        if not provider.needs_key:
            if named_base:
                usable.append(provider)
        elif key.key and has_base:
            usable.append(provider)
        elif any(environment.get(name, "").strip() for name in provider.key_names) and not key.key:
            what, _, remedy = key.missing.partition(". ")
            doubts.append(ConfigWarning(key.where, f"{what}.", remedy, "key"))
    return usable, doubts


def from_keys(environment: Environment) -> tuple[list[Deployment], list[ConfigWarning]]:
    """All that a run without a file offers, but the demo's own names.

    Each provider's `<provider>/*` and the bare names of its models (whoever comes first in the catalog has a name that
    several offer), and `claude-*`: Anthropic's if it has a key, else Z.AI's GLM, else the demo's.
    """
    usable, doubts = ready(environment)
    made: list[Deployment] = []
    taken: set[str] = set()
    for provider in usable:
        made += _all_of(provider, environment)
        for name in names(provider.name):
            if name not in taken and "/" not in name:
                taken.add(name)
                made.append(_one(provider, name, name, environment))
    made += _claude({provider.name for provider in usable}, environment)
    return made, doubts


def any_model(environment: Environment, group: str, where: str) -> list[Deployment]:
    """LiteLLM's `model: "*"`: any provider's models, by their prefix or their bare name."""
    made, _ = from_keys(environment)
    owned = [each for each in made if each.provider.name != DEMO]
    if group != "*":
        owned = [each for each in owned if each.group.startswith(group.partition("*")[0])]
    return [replace(each, where=where) for each in owned]


def demo(environment: Environment) -> list[Deployment]:
    """`demo/echo` and `demo/*`."""
    row = _row(DEMO)
    return [_one(row, "demo/echo", "echo", environment, BUILT_IN), _one(row, "demo/*", "*", environment, BUILT_IN)]


def _claude(usable: set[str], environment: Environment) -> Iterator[Deployment]:
    if "anthropic" in usable:
        yield _one(_row("anthropic"), CLAUDE, CLAUDE, environment)
        return
    for name in ("zai", "bigmodel"):
        if name in usable:
            yield _one(_row(name), _HAIKU, small(name) or flagship(name), environment)
            yield _one(_row(name), CLAUDE, flagship(name), environment)
            return
    yield _one(_row(DEMO), CLAUDE, "echo", environment, BUILT_IN)


def _all_of(provider: Provider, environment: Environment) -> Iterator[Deployment]:
    for prefix in (provider.name, *provider.aliases):
        if provider.variants:  # Claude's names are known at one of its doors only
            yield _one(provider, f"{prefix}/{CLAUDE}", CLAUDE, environment)
        yield _one(provider, f"{prefix}/*", "*", environment)


def _one(provider: Provider, group: str, model: str, environment: Environment, where: str = "") -> Deployment:
    here = site(provider, model, environment, where="the environment")
    source = here.found.key.source if here.found.key else ""
    base = next((name for name in provider.base_names if environment.get(name, "").strip()), "")
    return Deployment(
        id=identity(group, here.provider.name, model, source),
        group=group,
        provider=here.provider,
        model=told(here.provider, model),
        doors=here.doors,
        key=here.found.key,
        key_missing=here.found.missing,
        elsewhere=here.elsewhere,
        where=where or f"from {source or base or 'the environment'}",
    )


def _row(name: str) -> Provider:
    row = find(name)
    assert row is not None
    return row
