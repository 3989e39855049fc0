"""Which pages may read answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Secret, Snapshot
from trunkline.errors import NotAllowed
from trunkline.serve.cors import Page, allowed

HERE, FOREIGN = "http://localhost:5173", "https://app.example.com"
KEY = Secret("sk-test-master", "LITELLM_MASTER_KEY")


def of(*origins: str, key: Secret | None = KEY) -> Snapshot:
    more: dict[str, Any] = {"master_key": key, "cors_origins": origins}
    return snapshot(deployment("m", model="m"), **more)


@pytest.mark.parametrize("origin", [HERE, FOREIGN, "null", "chrome-extension://abcdef"])
def test_without_a_list_any_page_may_for_it_must_bring_a_key(origin: str) -> None:
    assert allowed(of(), origin)
    assert allowed(of("*"), origin)
    only_clients = snapshot(deployment("m", model="m"), client_key=KEY)
    assert allowed(only_clients, origin)


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (HERE, True),
        ("http://127.0.0.1:8080", True),
        ("https://app.localhost", True),
        (FOREIGN, False),
        ("null", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("file://", False),
    ],
)
@pytest.mark.parametrize("origins", [(), ("*",)], ids=["no list", "star"])
def test_without_a_key_any_page_is_any_page_of_this_machine(origin: str, may: bool, origins: tuple[str, ...]) -> None:
    assert allowed(of(*origins, key=None), origin) is may


@pytest.mark.parametrize("key", [KEY, None], ids=["key", "no key"])
def test_a_list_names_all_that_may(key: Secret | None) -> None:
    listed = of(FOREIGN, "https://*.shop.example", key=key)
    assert allowed(listed, FOREIGN)
    assert allowed(listed, "HTTPS://APP.example.com")
    assert allowed(listed, "https://a.b.shop.example")
    for other in (
        HERE,
        "https://shop.example",
        "https://evilshop.example",
        "http://app.example.com",
        f"{FOREIGN}:8443",
    ):
        assert not allowed(listed, other), other


def test_an_answer_tells_the_browser_what_the_page_may_read() -> None:
    head = [(b"content-type", b"x"), (b"x-litellm-call-id", b"1"), (b"x-ratelimit-limit", b"2"), (b"retry-after", b"3")]
    told = dict(Page(of(), FOREIGN.encode())(head))
    assert told[b"access-control-allow-origin"] == FOREIGN.encode()
    assert told[b"access-control-allow-credentials"] == b"true"
    assert told[b"access-control-expose-headers"] == b"x-litellm-call-id, x-ratelimit-limit, retry-after"
    assert told[b"vary"] == b"Origin"


def test_a_page_that_may_not_is_told_nothing_but_that_the_answer_depends_on_it() -> None:
    page = Page(of(HERE), FOREIGN.encode())
    assert page([(b"content-type", b"x")]) == [(b"content-type", b"x"), (b"vary", b"Origin")]
    with pytest.raises(NotAllowed, match=r"app\.example\.com") as caught:
        page.preflight(b"authorization")
    assert "cors_origins" in caught.value.remedy


def test_headers_are_allowed_as_they_are_asked_for() -> None:
    told = dict(Page(of(), HERE.encode()).preflight(b"authorization, x-stainless-os, cache-control"))
    assert told[b"access-control-allow-headers"] == b"authorization, x-stainless-os, cache-control"
    assert b"POST" in told[b"access-control-allow-methods"]
    assert b"access-control-allow-headers" not in dict(Page(of(), HERE.encode()).preflight(b""))
