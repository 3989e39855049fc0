"""Who comes in: six headers for a key, with and without `Bearer`; who does not is told so on the wire it speaks."""

from __future__ import annotations

import pytest

from tests.fake import FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import ask
from tests.wall.scenes import ALL, CHAT, FOUR, KEY, MESSAGES, Scene, name_of
from tests.wall.test_headers import KEY_HEADERS

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}", "BEARER  {}", "{} "])
@pytest.mark.parametrize("header", KEY_HEADERS)
def test_a_key_opens_in_each_of_six_headers(wall: Gateway, fake_provider: FakeProvider, header: str, form: str) -> None:
    reply = ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers={**JSON, header: form.format(MASTER_KEY)})
    assert reply.status == 200, reply.body


@pytest.mark.parametrize("wrong", ["sk-test-wrong", MASTER_KEY[:-1], f"{MASTER_KEY}x", "", "Bearer", "Bearer ", "é"])
@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_a_wrong_key_is_refused_in_the_wires_own_shape(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wrong: str
) -> None:
    headers = {**JSON, "authorization": wrong}
    reply = ask(wall.url, scene.path, scene.body("SAY=ok", stream=True), headers=headers)
    assert reply.status == 401
    assert scene.is_error(reply.json), reply.body
    assert reply.header("x-should-retry") == "false"
    assert reply.header("content-type") == "application/json"
    assert not fake_provider.requests
    assert "sk-test-wrong" not in reply.body.decode() + wall.stderr
    if scene.shape == "anthropic":
        assert reply.json["error"]["type"] == "authentication_error"


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_no_key_at_all_is_refused_and_says_how_to_send_one(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(wall.url, scene.path, scene.body("SAY=ok"), headers=JSON)
    assert reply.status == 401
    assert "Authorization: Bearer" in reply.message
    assert not fake_provider.requests


def test_a_good_key_counts_wherever_it_stands_beside_wrong_ones(wall: Gateway, fake_provider: FakeProvider) -> None:
    for at, good in enumerate(KEY_HEADERS):
        headers = {name: f"sk-test-{nth}" for nth, name in enumerate(KEY_HEADERS) if nth != at}
        reply = ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers={**JSON, **headers, good: MASTER_KEY})
        assert reply.status == 200, good
        assert set((reply.header("x-trunkline-ignored") or "").split(",")) == set(headers)


def test_the_same_key_in_two_headers_is_fine(wall: Gateway, fake_provider: FakeProvider) -> None:
    headers = {**KEY, "x-api-key": MASTER_KEY}
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body("SAY=ok"), headers=headers)
    assert reply.status == 200
    assert reply.header("x-trunkline-ignored") is None


def test_a_key_in_the_query_opens_nothing(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, f"{CHAT.path}?key={MASTER_KEY}", CHAT.body("SAY=ok"), headers=JSON)
    assert reply.status == 401
    assert MASTER_KEY not in wall.stderr


@pytest.mark.parametrize(
    "path", ["/v1/models", "/models", "/v1/models/gpt-wall", "/model/info", "/api/tags", "/api/ps"]
)
def test_lists_want_a_key(wall: Gateway, path: str) -> None:
    assert ask(wall.url, path).status == 401
    assert ask(wall.url, path, headers=KEY).status == 200


def test_a_key_is_asked_for_before_the_body_is_read(wall: Gateway, fake_provider: FakeProvider) -> None:
    for body in (b"{", b"", b"x" * 1000):
        assert ask(wall.url, CHAT.path, body, headers=JSON).status == 401


@pytest.mark.parametrize("order", [1, -1], ids=["good-first", "good-last"])
def test_a_good_key_counts_in_a_header_that_stands_twice(
    wall: Gateway, fake_provider: FakeProvider, order: int
) -> None:
    both = [("authorization", f"Bearer {MASTER_KEY}"), ("authorization", "Bearer sk-test-1")][::order]
    reply = ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers=[*JSON.items(), *both])
    assert reply.status == 200
    assert "sk-test-1" not in str(fake_provider.requests[0].headers)
