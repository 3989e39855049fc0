"""A provider that dies and returns, as the background checks see it: told once, to all workers, and never paid for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask, until
from tests.wall.scenes import CHAT, KEY, config

ROWS = """
  - model_name: mortal
    litellm_params: {model: openai/mortal-1, api_base: "@/v1", api_key: os.environ/FAKE_KEY}
"""
GENERAL = "{master_key: sk-test-master-1234, background_health_checks: true, health_check_interval: 0.3}"


class Mortal:
    """A provider that lists its models while `status` is 200; `down` closes its port, `up` opens it again."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[str] = []
        self.port = 0
        self.up()

    def up(self) -> None:
        mortal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mortal.asked.append(f"GET {self.path} {self.headers['authorization']}")
                body = json.dumps({"object": "list", "data": []}).encode()
                self.send_response(mortal.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                mortal.asked.append(f"POST {self.path}")
                self.send_error(500)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    provider = Mortal()
    yield provider
    provider.down()


def seen(gateway: Gateway) -> tuple[int, list[str]]:
    """How many endpoints are well, and the errors of the others."""
    told = ask(gateway.url, "/health", headers=KEY).json
    return told["healthy_count"], [each["error"] for each in told["unhealthy_endpoints"]]


def lines(gateway: Gateway) -> list[str]:
    return [line for line in gateway.stderr.splitlines() if " health provider=" in line]


def test_a_provider_that_dies_and_returns(fake_provider: FakeProvider, mortal: Mortal) -> None:
    text = config(fake_provider.url, general=GENERAL, rows=ROWS.replace("@", mortal.url))
    with Gateway(text, args=["--workers", "2"], env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        until(lambda: mortal.asked, within=6)
        assert seen(gateway) == (5, [])
        assert ask(gateway.url, "/health").json.keys() == {"status", "timestamp", "service"}
        mortal.down()
        until(lambda: seen(gateway)[0] == 4, within=5)
        (error,) = seen(gateway)[1]
        assert str(mortal.port) in error
        page = ask(gateway.url, "/metrics", headers=KEY).body.decode()
        (state,) = [
            line for line in page.splitlines() if line.startswith("litellm_deployment_state{") and "mortal-1" in line
        ]
        assert state.endswith(" 2.0")
        mortal.up()
        until(lambda: seen(gateway) == (5, []), within=5)
        mortal.status = 503
        until(lambda: seen(gateway)[0] == 4, within=5)
        mortal.status = 401
        until(lambda: seen(gateway)[0] == 5, within=5)
        until(lambda: len(lines(gateway)) == 4)
        states = [("unhealthy" if "state=unhealthy" in line else "healthy") for line in lines(gateway)]
        assert states == ["unhealthy", "healthy", "unhealthy", "healthy"]
        assert GOOD_KEY not in gateway.logs
    assert set(mortal.asked) == {f"GET /v1/models Bearer {GOOD_KEY}"}
    assert {each.path for each in fake_provider.requests} <= {"/v1/models", "/api/paas/v4/models", "/api/tags"} | {
        "/api/anthropic/v1/models"
    }


def test_who_is_not_well_is_not_tried(fake_provider: FakeProvider, mortal: Mortal) -> None:
    rows = ROWS.replace("@", mortal.url)
    rows += rows.replace("mortal", "guarded", 1) + rows.replace("model_name: mortal", 'model_name: "any-*"').replace(
        "openai/mortal-1", '"openai/*"'
    )
    more = "litellm_settings: {fallbacks: [{guarded: [gpt-wall]}]}"
    text = config(fake_provider.url, general=GENERAL, rows=rows, more=more)
    with Gateway(text, args=["--workers", "2"], env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        mortal.status = 503
        until(lambda: len(seen(gateway)[1]) == 3, within=6)
        for model in ("mortal", "mortal", "any-thing"):
            reply = ask(gateway.url, CHAT.path, CHAT.body("Hi", model=model), headers=KEY)
            assert reply.status == 503, reply.body
            assert "503" in reply.message
            assert reply.header("retry-after")
        reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok", model="guarded"), headers=KEY)
        assert reply.status == 200
        assert not [each for each in mortal.asked if each.startswith("POST")]
        mortal.status = 200
        until(lambda: not seen(gateway)[1], within=5)
        assert ask(gateway.url, CHAT.path, CHAT.body("Hi", model="any-thing"), headers=KEY).status == 500
        assert [each for each in mortal.asked if each.startswith("POST")]


def test_without_being_asked_to_nobody_is_checked(fake_provider: FakeProvider, mortal: Mortal) -> None:
    text = config(fake_provider.url, rows=ROWS.replace("@", mortal.url))
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        assert ask(gateway.url, "/health", headers=KEY).json.keys() == {"status", "timestamp", "service"}
    assert not mortal.asked
