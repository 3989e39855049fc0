"""A request that chooses its provider (`x-litellm-route`): what its model is called there, and who serves it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import PROVIDERS, find, nearest, serves, split
from trunkline.config.schema import Snapshot
from trunkline.errors import InvalidRequest, UnknownModel
from trunkline.route.plan import resolve


def chosen(route: str) -> Provider:
    """The provider that a header names. Raises `InvalidRequest` where it names none."""
    provider = find(route)
    if provider is None:
        near = nearest(route)
        raise InvalidRequest(
            f"x-litellm-route names {route[:60]!r}, which is no provider.",
            param="x-litellm-route",
            remedy=f"Did you mean {near!r}?" if near else "Send a prefix such as `openai`, or leave the header out.",
        )
    return provider


def asked_at(snapshot: Snapshot, asked: str, route: str) -> str:
    """What a model is called here that is asked for at that provider: `z-ai` and `glm-4-flash` mean `z-ai/glm-4-flash`.

    Raises `InvalidRequest` for what is no provider, `UnknownModel` where none of its models is configured by that name.
    """
    provider = chosen(route)
    for name in _names(asked, route, provider):
        try:
            _, found = resolve(snapshot, name)
        except UnknownModel:
            continue
        if any(serves(provider, each.provider) for each in found):
            return name
    bare = _bare(asked, provider)
    for group, found in snapshot.groups.items():
        if any(serves(provider, each.provider) and each.model == bare for each in found):
            return group
    raise UnknownModel(
        f"No model {asked!r} is configured at {provider.title}, which x-litellm-route asks for.",
        param="model",
        remedy="GET /v1/models lists what this gateway offers.",
    )


def _names(asked: str, route: str, provider: Provider) -> Iterator[str]:
    bare = _bare(asked, provider)
    kin = (each.name for each in PROVIDERS if each is not provider and serves(provider, each))
    for prefix in dict.fromkeys((route, provider.name, *provider.aliases, *kin)):
        yield f"{prefix}/{bare}"
    yield asked
    yield bare


def _bare(asked: str, provider: Provider) -> str:
    """A name without that provider's own prefix."""
    named = split(asked)
    return named[1] if named is not None and named[0] is provider else asked
