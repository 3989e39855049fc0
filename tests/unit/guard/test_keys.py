"""Who may ask."""

from dataclasses import replace

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Secret
from trunkline.errors import KeyMissing
from trunkline.guard.keys import KEY_HEADERS, identify

LOCKED = snapshot(deployment("m", model="m"), master_key=Secret("sk-test-master", "LITELLM_MASTER_KEY"))


@pytest.mark.parametrize("header", KEY_HEADERS)
@pytest.mark.parametrize("form", [b"sk-test-master", b"Bearer sk-test-master", b"bearer  sk-test-master "])
def test_a_key_counts_in_each_of_six_headers(header: bytes, form: bytes) -> None:
    caller = identify(LOCKED, {header: form})
    assert caller.key == "master"
    assert caller.admin


@pytest.mark.parametrize(
    "value", [b"", b"Bearer", b"Bearer ", b"sk-test-maste", b"sk-test-master2", b"Basic sk-test-master"]
)
def test_a_wrong_key_is_refused_and_never_repeated(value: bytes) -> None:
    with pytest.raises(KeyMissing) as caught:
        identify(LOCKED, {b"authorization": value})
    assert "sk-test" not in caught.value.sentence
    assert caught.value.status == 401


def test_another_credential_beside_the_key_is_ignored_by_name() -> None:
    caller = identify(LOCKED, {b"x-api-key": b"sk-test-master", b"authorization": b"Bearer sk-ant-oat-somebody"})
    assert caller.ignored == ("authorization",)


def test_the_same_key_in_two_headers_is_no_stranger() -> None:
    both = {b"x-api-key": b"sk-test-master", b"authorization": b"Bearer sk-test-master"}
    assert identify(LOCKED, both).ignored == ()


def test_a_gateway_without_a_key_asks_for_none() -> None:
    assert identify(snapshot(deployment("m", model="m")), {}).key == ""


ALLOWED = replace(LOCKED, client_keys="allow")


def test_a_callers_own_provider_key_is_used_where_that_is_allowed() -> None:
    caller = identify(ALLOWED, {b"authorization": b"Bearer sk-test-master", b"x-litellm-api-key": b"sk-test-own"})
    assert caller.provider_key == "sk-test-own"
    assert caller.ignored == ()
    assert "sk-test-own" not in repr(caller)
    with pytest.raises(KeyMissing):
        identify(ALLOWED, {})


@pytest.mark.parametrize("header", [b"x-litellm-api-key", b"authorization"])
def test_who_brings_a_providers_key_alone_gets_nothing_of_anybody_elses(header: bytes) -> None:
    caller = identify(ALLOWED, {header: b"Bearer sk-test-own"})
    assert (caller.provider_key, caller.alone, caller.admin) == ("sk-test-own", True, False)
    assert caller.grant is not None
    assert caller.key.startswith("own-")
    assert "sk-test-own" not in repr(caller)
    for other in (LOCKED, replace(LOCKED, client_keys="beside")):
        with pytest.raises(KeyMissing):
            identify(other, {header: b"Bearer sk-test-own"})


def test_beside_a_key_of_the_gateways_it_is_used_where_only_that_is_allowed() -> None:
    beside = replace(LOCKED, client_keys="beside")
    caller = identify(beside, {b"authorization": b"Bearer sk-test-master", b"x-litellm-api-key": b"sk-test-own"})
    assert (caller.provider_key, caller.alone, caller.admin) == ("sk-test-own", False, True)


CLIENTS = snapshot(deployment("m", model="m"), client_key=Secret("sk-test-client", "CLIENT_KEY"))


def test_a_key_for_clients_asks_and_administers_nothing() -> None:
    both = replace(CLIENTS, master_key=LOCKED.master_key)
    for locked in (CLIENTS, both):
        caller = identify(locked, {b"authorization": b"Bearer sk-test-client"})
        assert (caller.key, caller.admin, caller.grant is None) == ("client", False, False)
        with pytest.raises(KeyMissing):
            identify(locked, {b"authorization": b"Bearer sk-test-other"})
        with pytest.raises(KeyMissing):
            identify(locked, {})
    assert identify(both, {b"x-api-key": b"sk-test-client", b"authorization": b"Bearer sk-test-master"}).admin


def test_without_a_gateway_key_only_the_header_that_means_it_counts() -> None:
    open_ = snapshot(deployment("m", model="m"), client_keys="allow")
    assert identify(open_, {b"authorization": b"Bearer anything"}).provider_key == ""
    assert identify(open_, {b"x-litellm-api-key": b"sk-test-own"}).provider_key == "sk-test-own"
