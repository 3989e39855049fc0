"""A request that chooses its provider."""

from __future__ import annotations

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.catalog.providers import find, serves
from trunkline.errors import InvalidRequest, UnknownModel
from trunkline.route.plan import plan
from trunkline.route.provider import asked_at
from trunkline.route.wishes import Wishes

CONFIGURED = snapshot(
    deployment("z-ai/glm-4-flash", model="glm-4-flash", provider="bigmodel"),
    deployment("zai/glm-4.6", model="glm-4.6", provider="zai"),
    deployment("both", model="glm-4.6", provider="zai"),
    deployment("both", model="gpt-5.5", provider="openai"),
    deployment("fast", model="gpt-5.5-mini", provider="openai"),
    deployment("openrouter/*", model="*", provider="openrouter"),
)


@pytest.mark.parametrize(
    ("asked", "route", "name"),
    [
        ("glm-4-flash", "z-ai", "z-ai/glm-4-flash"),
        ("z-ai/glm-4-flash", "z-ai", "z-ai/glm-4-flash"),
        ("glm-4-flash", "bigmodel", "z-ai/glm-4-flash"),
        ("glm-4.6", "z-ai", "zai/glm-4.6"),
        ("glm-4.6", "Z.AI", "zai/glm-4.6"),
        ("both", "openai", "both"),
        ("gpt-5.5-mini", "openai", "fast"),
        ("qwen/qwen3", "openrouter", "openrouter/qwen/qwen3"),
    ],
)
def test_a_bare_name_is_looked_for_at_the_provider(asked: str, route: str, name: str) -> None:
    assert asked_at(CONFIGURED, asked, route) == name


def test_what_the_provider_does_not_have_is_said_so() -> None:
    with pytest.raises(UnknownModel, match=r"Z\.AI, which x-litellm-route asks for"):
        asked_at(CONFIGURED, "fast", "z-ai")
    with pytest.raises(InvalidRequest, match="no provider") as caught:
        asked_at(CONFIGURED, "fast", "openia")
    assert "'openai'" in caught.value.remedy


def test_only_that_provider_is_planned_for_in_its_group() -> None:
    for route, model in (("openai", "gpt-5.5"), ("z-ai", "glm-4.6")):
        made = plan(CONFIGURED, "both", "chat", lambda: 0.5, wishes=Wishes(provider=route))
        assert [each.model for each in made.candidates] == [model]


def test_a_provider_means_its_twin_on_its_own_hosts_but_not_the_other_way() -> None:
    zai, bigmodel, openai = find("zai"), find("bigmodel"), find("openai")
    assert zai is not None and bigmodel is not None and openai is not None
    assert serves(zai, bigmodel)
    assert not serves(bigmodel, zai)
    assert not serves(zai, openai)
