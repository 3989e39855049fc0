"""A gateway without a key: this machine's own programs may use it, no web page and no other machine may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask
from tests.wall.scenes import CHAT, FOUR, MESSAGES, Scene, config, name_of

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def unlocked(fake_server: FakeProvider) -> Iterator[Gateway]:
    text = config(fake_server.url, general="{}")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_program_of_this_machine_needs_no_key(unlocked: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    assert ask(unlocked.url, scene.path, scene.body("SAY=ok"), headers=JSON).status == 200


def test_whatever_key_a_client_insists_on_sending_is_not_passed_on(
    unlocked: Gateway, fake_provider: FakeProvider
) -> None:
    reply = ask(unlocked.url, CHAT.path, CHAT.body("SAY=ok"), headers={**JSON, "authorization": "Bearer sk-test-1"})
    assert reply.status == 200
    assert fake_provider.requests[0].header("authorization") == f"Bearer {GOOD_KEY}"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4000", "127.0.0.1", "127.9.9.9:1", "[::1]:4000", "a.localhost"]
)
def test_loopback_names_may_come_in(unlocked: Gateway, fake_provider: FakeProvider, host: str) -> None:
    assert ask(unlocked.url, CHAT.path, CHAT.body("SAY=ok"), headers={**JSON, "host": host}).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:4000", "10.0.0.1", "localhost.evil.example", "gateway", "", "[::"]
)
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_foreign_host_is_refused(unlocked: Gateway, fake_provider: FakeProvider, scene: Scene, host: str) -> None:
    reply = ask(unlocked.url, scene.path, scene.body("SAY=ok"), headers={**JSON, "host": host})
    assert reply.status in (400, 403)
    assert reply.status == 403 or host in ("", "[::")
    assert scene.is_error(reply.json)
    assert not fake_provider.requests


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("https://127.0.0.1", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("file://", 403),
        ("chrome-extension://abc", 403),
        ("http://[::", 403),
    ],
)
def test_pages_from_elsewhere_are_refused(
    unlocked: Gateway, fake_provider: FakeProvider, origin: str, status: int
) -> None:
    reply = ask(unlocked.url, MESSAGES.path, MESSAGES.body("SAY=ok"), headers={**JSON, "origin": origin})
    assert reply.status == status
    assert bool(fake_provider.requests) == (status == 200)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"]
)
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_what_a_form_could_send_is_refused(
    unlocked: Gateway, fake_provider: FakeProvider, scene: Scene, kind: str
) -> None:
    reply = ask(unlocked.url, scene.path, scene.body("SAY=ok"), headers={"content-type": kind} if kind else {})
    assert reply.status == 415
    assert scene.is_error(reply.json)
    assert not fake_provider.requests


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"])
def test_json_by_any_of_its_names_is_read(unlocked: Gateway, fake_provider: FakeProvider, kind: str) -> None:
    assert ask(unlocked.url, CHAT.path, CHAT.body("SAY=ok"), headers={"content-type": kind}).status == 200


def test_health_answers_everybody_and_lists_only_this_machine(unlocked: Gateway) -> None:
    assert ask(unlocked.url, "/health", headers={"host": "evil.example"}).status == 200
    assert ask(unlocked.url, "/v1/models", headers={"host": "evil.example"}).status == 403
    assert ask(unlocked.url, "/v1/models").status == 200


@pytest.mark.parametrize("order", [1, -1], ids=["foreign-first", "foreign-last"])
@pytest.mark.parametrize(
    ("name", "foreign", "own"),
    [
        ("host", "evil.example", "127.0.0.1"),
        ("origin", "https://evil.example", "http://localhost"),
        ("content-type", "text/plain", "application/json"),
    ],
)
def test_a_header_that_stands_twice_is_judged_by_its_worst(
    unlocked: Gateway, fake_provider: FakeProvider, name: str, foreign: str, own: str, order: int
) -> None:
    both = [(name, foreign), (name, own)][::order]
    rest = [pair for pair in JSON.items() if pair[0] != name]
    reply = ask(unlocked.url, CHAT.path, CHAT.body("SAY=ok"), headers=[*both, *rest])
    assert reply.status in (400, 403, 415)
    assert not fake_provider.requests
