"""A caller's own key at a provider: where it goes, and where it never does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from tests.unit.making import deployment
from trunkline.config.schema import Deployment
from trunkline.errors import NotAllowed, ProviderKeyUnset
from trunkline.guard.keys import Caller
from trunkline.route.plan import Candidate
from trunkline.upstream.call import Call
from trunkline.upstream.own_key import check_own_key, is_at, key_for


def candidate(row: Deployment) -> Candidate:
    wire, door = next(iter(row.doors.items()))
    return Candidate(row, door, wire, "chat", row.model, row.group)


def at(base: str, provider: str = "openai", **more: str) -> Candidate:
    return candidate(deployment("m", model="m", provider=provider, base=base, **more))


def call(*, alone: bool = False, first: str = "openai", key: str = "sk-own") -> Call:
    return cast(Call, SimpleNamespace(caller=Caller(provider_key=key, alone=alone), own_key_at=first))


@pytest.mark.parametrize("base", ["https://api.openai.com/v1", "http://127.0.0.1:8080/v1", "http://localhost:1/v1"])
def test_it_goes_to_a_host_of_the_catalog_by_tls_or_to_this_machine(base: str) -> None:
    check_own_key(call(), at(base))
    assert key_for(call(), at(base)) == "sk-own"


@pytest.mark.parametrize(
    "base",
    [
        "http://api.openai.com/v1",
        "https://api.openai.com.evil.example/v1",
        "https://relay.example/v1",
        "http://10.0.0.5/v1",
        "http://gpu-box:8000/v1",
    ],
)
def test_it_goes_nowhere_else(base: str) -> None:
    with pytest.raises(NotAllowed, match="a key of your own is not sent there") as caught:
        check_own_key(call(), at(base))
    assert "sk-own" not in caught.value.sentence


def test_another_provider_is_asked_with_the_gateways_key() -> None:
    other = at("https://api.anthropic.com", "anthropic")
    check_own_key(call(), other)
    assert not is_at(call(), other)
    assert key_for(call(), other) == "sk-test-1"
    with pytest.raises(ProviderKeyUnset, match="set it"):
        check_own_key(call(), at("https://api.anthropic.com", "anthropic", key_missing="set it"))


def test_who_has_no_key_of_the_gateway_is_never_lent_one() -> None:
    with pytest.raises(NotAllowed, match="goes to openai only"):
        check_own_key(call(alone=True), at("https://api.anthropic.com", "anthropic"))


def test_a_deployment_without_a_key_serves_who_brings_one() -> None:
    check_own_key(call(), at("https://api.openai.com/v1", key_missing="set it"))
