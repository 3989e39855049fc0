"""Finding a gateway, and giving no key to what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cli.fake_gateway import FakeGateway
from trunkline.cli import gateway as door
from trunkline.errors import ConfigInvalid
from trunkline.serve import proof


def environ(home: Path, **more: str) -> dict[str, str]:
    return {"TRUNKLINE_HOME": str(home), **more}


def test_a_gateway_of_the_same_person_proves_itself(tmp_path: Path) -> None:
    with FakeGateway(home=tmp_path) as fake:
        assert door.standing(fake.url, environ(tmp_path)) == "proved"


def test_one_with_another_secret_only_claims(tmp_path: Path) -> None:
    with FakeGateway(home=tmp_path / "other") as fake:
        assert door.standing(fake.url, environ(tmp_path / "mine")) == "claims"


def test_a_stranger_that_passes_the_question_on_is_found_out(tmp_path: Path) -> None:
    with FakeGateway(home=tmp_path, relays_to=4001) as fake:
        assert door.standing(fake.url, environ(tmp_path)) == "claims"


def test_another_program_is_a_stranger_and_nothing_is_silent(tmp_path: Path) -> None:
    with FakeGateway(service="something-else") as fake:
        assert door.standing(fake.url, environ(tmp_path)) == "stranger"
        url = fake.url
    assert door.standing(url, environ(tmp_path)) == "silent"


def test_what_cannot_prove_itself_on_the_usual_port_gets_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeGateway() as fake:
        monkeypatch.setattr(door, "USUAL", fake.url)
        found, remark = door.usual("sk-test-1", environ(tmp_path, LITELLM_MASTER_KEY="sk-test-2"))
        assert found is None
        assert f"--url {fake.url}" in remark
        assert fake.keys_seen == []


def test_a_named_one_is_asked_with_the_key_that_was_given(tmp_path: Path) -> None:
    with FakeGateway(key="sk-test-1") as fake:
        found = door.named(f"{fake.url}/v1/", "sk-test-1", environ(tmp_path))
        assert found is not None
        assert found.url == fake.url
        assert door.models(found) == list(fake.models)
        with pytest.raises(ConfigInvalid, match="does not accept this key"):
            door.models(door.Gateway(fake.url, "sk-wrong"))


def test_a_named_one_that_is_no_trunkline_is_refused_before_any_key(tmp_path: Path) -> None:
    with FakeGateway(service="nginx") as fake, pytest.raises(ConfigInvalid, match="is not Trunkline"):
        door.named(fake.url, "sk-test-1", environ(tmp_path))
    assert fake.keys_seen == []


def test_a_remote_address_in_the_environment_must_be_https(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="readable by others"):
        door.named(None, None, environ(tmp_path, TRUNKLINE_URL="http://gateway.example:4000"))


def test_the_gateway_s_key_comes_from_the_flag_then_the_environment() -> None:
    both = {"TRUNKLINE_API_KEY": "a", "LITELLM_MASTER_KEY": "b"}
    assert door.gateway_key("c", both) == "c"
    assert door.gateway_key(None, both) == "a"
    assert door.gateway_key(None, {"LITELLM_MASTER_KEY": "b"}) == "b"
    assert door.gateway_key(None, {}) == ""


@pytest.mark.parametrize(
    ("given", "tidy"),
    [
        ("localhost:4000", "http://localhost:4000"),
        ("http://localhost:4000/v1/", "http://localhost:4000"),
        (" https://x.example/gw/ ", "https://x.example/gw"),
    ],
)
def test_an_address_is_tidied(given: str, tidy: str) -> None:
    assert door.tidy(given) == tidy


@pytest.mark.parametrize("given", ["ftp://x", "http://", "http://x:99999", "http://x:port"])
def test_what_is_no_address_is_said_to_be_none(given: str) -> None:
    with pytest.raises(ConfigInvalid, match="no address"):
        door.tidy(given)


def test_the_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = proof.secret_of(tmp_path / "home")
    assert proof.secret_of(tmp_path / "home") == first
    assert (tmp_path / "home" / proof.SECRET_NAME).stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "home").iterdir()] == [proof.SECRET_NAME]


@given(st.text(max_size=200))
def test_only_nonces_are_signed(text: str) -> None:
    signed = proof.sign(b"s" * 32, text, 4000)
    assert (signed is not None) == (proof.NONCE.fullmatch(text) is not None)


def test_a_proof_is_for_one_nonce_and_one_port() -> None:
    nonce, other = "a" * 48, "b" * 48
    answer = proof.sign(b"s" * 32, nonce, 4000)
    assert proof.holds(b"s" * 32, nonce, 4000, answer)
    assert not proof.holds(b"s" * 32, nonce, 4001, answer)
    assert not proof.holds(b"s" * 32, other, 4000, answer)
    assert not proof.holds(b"t" * 32, nonce, 4000, answer)
    assert not proof.holds(b"s" * 32, nonce, 4000, None)
