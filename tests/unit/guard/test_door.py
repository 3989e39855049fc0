"""A gateway without a key: who gets in."""

import ipaddress
from typing import Any

import pytest

from trunkline.errors import NotAllowed, WrongContentType
from trunkline.guard.door import Network, check_unlocked, is_local_host, is_local_origin

JSON = {b"content-type": b"application/json"}
NEAR: tuple[Network, ...] = (ipaddress.IPv4Network("172.18.0.0/16"), ipaddress.IPv6Network("fd00:1::/64"))


def knock(headers: dict[bytes, bytes], peer: str = "127.0.0.1", **more: Any) -> None:
    check_unlocked({b"host": b"127.0.0.1:4000", **headers}, peer, has_body=True, **more)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:4000", "localhost:4000", "LOCALHOST", "[::1]:4000", "127.9.9.9", "app.localhost"]
)
def test_this_machines_own_names_get_in(host: str) -> None:
    assert is_local_host(host)
    knock({b"host": host.encode(), **JSON})


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "10.0.0.5:4000", "localhost.evil.example", "0.0.0.0", "a@b"]
)
def test_a_name_that_only_resolves_here_does_not(host: str) -> None:
    with pytest.raises(NotAllowed, match="no key"):
        knock({b"host": host.encode(), **JSON})


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://localhost.evil.example", "file://", "http://"]
)
def test_a_page_from_elsewhere_is_turned_away(origin: str) -> None:
    with pytest.raises(NotAllowed, match="pages of"):
        knock({b"origin": origin.encode(), **JSON})


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443"])
def test_a_page_from_this_machine_gets_in(origin: str) -> None:
    assert is_local_origin(origin)
    knock({b"origin": origin.encode(), **JSON})


@pytest.mark.parametrize("kind", [b"", b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data"])
def test_a_form_that_any_page_could_post_is_not_read(kind: bytes) -> None:
    with pytest.raises(WrongContentType):
        knock({b"content-type": kind})


def test_a_peer_from_elsewhere_is_turned_away() -> None:
    with pytest.raises(NotAllowed, match=r"10\.1\.2\.3"):
        knock(JSON, peer="10.1.2.3")
    knock(JSON, peer="::ffff:127.0.0.1")


@pytest.mark.parametrize("peer", ["172.18.0.1", "::ffff:172.18.9.9", "fd00:1::7", "127.0.0.1", "::1"])
def test_inside_the_image_its_own_networks_get_in(peer: str) -> None:
    knock(JSON, peer=peer, neighbours=NEAR)


@pytest.mark.parametrize("peer", ["192.168.1.20", "172.19.0.1", "fd00:2::1", "8.8.8.8"])
def test_inside_the_image_others_are_told_their_address_and_what_to_do(peer: str) -> None:
    with pytest.raises(NotAllowed, match=peer) as refused:
        knock(JSON, peer=peer, neighbours=NEAR)
    assert f"put {peer} into TRUNKLINE_ALLOWED_IPS" in refused.value.remedy


def test_inside_the_image_the_networks_own_names_get_in() -> None:
    knock({b"host": b"litellm:4000", **JSON}, peer="172.18.0.3", neighbours=NEAR)
    knock({b"host": b"172.18.0.2:4000", **JSON}, peer="172.18.0.3", neighbours=NEAR)
    with pytest.raises(NotAllowed):
        knock({b"host": b"evil.example", **JSON}, peer="172.18.0.3", neighbours=NEAR)


def test_who_insists_may_use_any_name_but_still_no_foreign_page() -> None:
    knock({b"host": b"gateway.corp.example", **JSON}, peer="10.1.2.3", insecure=True)
    with pytest.raises(NotAllowed):
        knock({b"origin": b"http://evil.example", **JSON}, insecure=True)
