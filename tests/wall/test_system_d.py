"""A gateway for browsers and JavaScript, from its file as its users have it: each thing that they rely on.

The file names real hosts; a tunnel leads all of them to the fake provider. The page itself is in `tests/browser`, its
clients are in `tests/conformance/test_javascript.py`.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway
from tests.tunnel import Tunnel
from tests.wall.asking import Reply, ask, until

FILE = Path(__file__).parents[1] / "fixtures" / "config" / "system_d.yaml"
CLIENT_KEY, MASTER = "sk-page-key-12345678", "sk-admin-key-12345678"
PAGE = "http://localhost:5173"
OWN = "sk-fake-own-of-the-caller"
HOSTS = ("open.bigmodel.cn", "api.openai.com")
HEAD = {"authorization": f"Bearer {CLIENT_KEY}", "content-type": "application/json"}
TEXT = FILE.read_text(encoding="utf-8")


@dataclass(slots=True)
class Place:
    """A gateway on two ports, the provider behind the tunnel, and the hosts that cannot be reached at present."""

    gateway: Gateway
    fake: FakeProvider
    tunnel: Tunnel
    second: str
    broken: set[str] = field(default_factory=set)


def environment(authority: Path, tunnel: Tunnel) -> dict[str, str]:
    return {
        "ZAI_API_KEY": GOOD_KEY,
        "OPENAI_API_KEY": GOOD_KEY,
        "LITELLM_API_KEY": CLIENT_KEY,
        "LITELLM_MASTER_KEY": MASTER,
        "DATABASE_URL": "postgresql://user:secret-word@db.example/litellm",
        "SERVICE_NAME": "web-shop",
        "HTTPS_PROXY": tunnel.url,
        "SSL_CERT_FILE": str(authority),
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeProvider, Path]]:
    """A provider that has the certificates of the real hosts, and the authority that vouches for them."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("trust") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*HOSTS).configure_cert(context)
    with FakeProvider(tls=context, keys=[GOOD_KEY, OWN]) as fake:
        yield fake, path


@pytest.fixture(scope="module")
def _place(far: tuple[FakeProvider, Path]) -> Iterator[Place]:
    """The file's limit of two calls a minute at OpenAI is what one test is about; the others ask Z.AI."""
    fake, authority = far
    port, broken = free_port(), set[str]()
    with (
        Tunnel(fake.url, broken.__contains__) as tunnel,
        Gateway(TEXT, args=["--port", str(port)], env=environment(authority, tunnel)) as gateway,
    ):
        until(lambda: len(fake.requests) >= 2, within=20, what="for the first check of health")
        yield Place(gateway, fake, tunnel, f"http://127.0.0.1:{port}", broken)


@pytest.fixture
def place(_place: Place) -> Place:
    _place.fake.reset()
    return _place


def chat(text: str = "SAY=ok", **more: Any) -> dict[str, Any]:
    return {"model": "z-ai/glm-4-flash", "messages": [{"role": "user", "content": text}], **more}


def put(place: Place, body: Any, path: str = "/chat/completions", **head: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in head.items()}
    return ask(place.gateway.url, path, body, headers={**HEAD, **named})


@pytest.mark.parametrize("base", ["", "/v1", "/api/llm", "/api/llm/v1"])
def test_one_process_answers_on_several_ports_and_under_each_base(place: Place, base: str) -> None:
    for url in (place.gateway.url, place.second):
        reply = ask(url, f"{base}/chat/completions", chat("SAY=grüezi"), headers=HEAD)
        assert reply.status == 200, reply.body
        assert reply.json["choices"][0]["message"]["content"] == "grüezi"
        assert [row["id"] for row in ask(url, f"{base}/models", headers=HEAD).json["data"]][:3] == [
            "z-ai/glm-4-flash",
            "z-ai/glm-4-plus",
            "gpt-3.5-turbo",
        ]


def test_each_model_is_asked_at_its_host_with_its_key_and_the_custom_headers(place: Place) -> None:
    assert put(place, chat()).status == 200
    (seen,) = place.fake.talks
    assert (seen.path, seen.model, seen.key) == ("/api/paas/v4/chat/completions", "glm-4-flash", GOOD_KEY)
    assert (seen.header("host"), seen.header("x-service-name"), seen.header("x-environment")) == (
        "open.bigmodel.cn",
        "web-shop",
        "staging",
    )
    assert put(place, chat(model="z-ai/glm-4-plus")).status == 200
    assert place.fake.talks[-1].model == "glm-4-plus"


def test_a_stream_is_lines_of_data_that_end_with_done(place: Place) -> None:
    reply = put(place, chat("LONG=5", stream=True), origin=PAGE)
    lines = [line.removeprefix("data: ") for line in reply.body.decode().split("\n") if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    said = "".join(
        json.loads(line)["choices"][0]["delta"].get("content") or "" for line in lines[:-1] if "delta" in line
    )
    assert said.split()[-2:] == ["w3", "w4"]
    assert reply.header("access-control-allow-origin") == PAGE


def test_a_page_of_an_allowed_origin_may_ask_with_any_header_and_read_the_answers_head(place: Place) -> None:
    asked = "authorization, content-type, x-litellm-api-key, x-api-key, x-client-info, cache-control, x-stainless-lang"
    before = ask(
        place.gateway.url,
        "/api/llm/chat/completions",
        method="OPTIONS",
        headers={
            "origin": PAGE,
            "access-control-request-method": "POST",
            "access-control-request-headers": asked,
        },
    )
    assert (before.status, before.body, before.header("content-length")) == (204, b"", None)
    assert before.header("access-control-allow-origin") == PAGE
    assert before.header("access-control-allow-headers") == asked
    assert before.header("access-control-allow-credentials") == "true"
    assert "POST" in (before.header("access-control-allow-methods") or "")
    reply = put(place, chat(), origin=PAGE, x_client_info="web/1", cache_control="no-cache")
    assert reply.status == 200
    exposed = (reply.header("access-control-expose-headers") or "").split(", ")
    assert {"x-litellm-call-id", "x-litellm-response-cost", "x-trunkline-route"} <= set(exposed)
    assert ("vary", "Origin") in reply.headers


def test_a_page_of_another_origin_is_not_let_in(place: Place) -> None:
    head = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    before = ask(place.gateway.url, "/v1/chat/completions", method="OPTIONS", headers=head)
    assert before.status == 403
    assert before.header("access-control-allow-origin") is None
    assert "cors_origins" in before.message
    reply = put(place, chat(), origin="https://evil.example")
    assert reply.header("access-control-allow-origin") is None
    assert ("vary", "Origin") in reply.headers


@pytest.mark.parametrize(
    ("body", "path", "head", "status", "code"),
    [
        (chat(), "/api/llm/chat/completions", {"authorization": "Bearer sk-wrong"}, 401, "INVALID_API_KEY"),
        (chat(model="gpt-9"), "/chat/completions", {}, 404, "MODEL_NOT_AVAILABLE"),
        ({"model": "z-ai/glm-4-flash"}, "/chat/completions", {}, 400, "VALIDATION_ERROR"),
        (None, "/api/llm/nothing-here", {}, 404, "NOT_FOUND"),
    ],
    ids=["wrong key", "no such model", "no messages", "no such path"],
)
def test_an_error_of_the_gateway_has_all_its_members_and_reaches_the_page(
    place: Place, body: Any, path: str, head: dict[str, str], status: int, code: str
) -> None:
    reply = put(place, body, path, origin=PAGE, **head)
    error = reply.json["error"]
    assert (reply.status, error["status_code"], error["code"]) == (status, status, code)
    assert error["type"] and error["message"] and error["timestamp"].endswith("Z")
    assert error["request_id"] == reply.header("x-litellm-call-id")
    assert reply.header("access-control-allow-origin") == PAGE
    assert not place.fake.talks


def test_the_limit_of_a_provider_is_a_rate_limit_error_that_says_when_to_come_again(place: Place) -> None:
    replies = [put(place, chat(model="gpt-3.5-turbo"), "/api/llm/chat/completions", origin=PAGE) for _ in range(3)]
    assert [each.status for each in replies] == [200, 200, 429]
    error = replies[-1].json["error"]
    assert (error["code"], error["limit_type"], error["type"]) == ("RATE_LIMIT_ERROR", "requests", "rate_limit_error")
    assert 0 < error["retry_after"] <= 65
    assert replies[-1].header("retry-after") == str(error["retry_after"])
    assert "retry-after" in (replies[-1].header("access-control-expose-headers") or "")
    assert len(place.fake.talks) == 2
    assert place.fake.talks[0].path == "/v1/chat/completions"


def test_an_error_of_the_providers_passes_as_it_is(place: Place) -> None:
    reply = put(place, chat("ERR=400 MSG=nothing-doing CODE=1214"), "/api/llm/chat/completions")
    assert reply.status == 400
    assert (reply.json["error"]["message"], reply.json["error"]["code"]) == ("nothing-doing", "1214")


def test_a_failure_is_tried_again_as_often_as_the_file_says(place: Place) -> None:
    place.fake.program({"status": 500, "times": 3})
    assert put(place, chat()).status == 200
    assert len(place.fake.talks) == 4


@pytest.mark.parametrize(
    "messages",
    [
        [],
        "hello",
        ["hello"],
        [{"content": "hello"}],
        [{"role": "user"}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": []}],
        [{"role": "assistant", "content": None}],
        [{"role": "user", "content": "x" * 100_000}, {"content": "y"}],
    ],
)
def test_what_is_no_conversation_is_refused_before_anything_is_sent(place: Place, messages: Any) -> None:
    reply = put(place, {"model": "z-ai/glm-4-flash", "messages": messages})
    assert (reply.status, reply.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert reply.json["error"]["param"].startswith("messages")
    assert not place.fake.requests


def test_what_may_have_no_content_passes(place: Place) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "system", "content": ""},
        {"role": "user", "content": "SAY=ok"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": ""},
        {"role": "assistant", "content": None, "refusal": "no"},
        {"role": "assistant", "content": [], "audio": {"id": "a1"}},
        {"role": "user", "content": "SAY=ok"},
    ]
    put(place, {"model": "z-ai/glm-4-flash", "messages": messages})
    (seen,) = place.fake.requests
    assert seen.json["messages"] == messages


def test_headers_choose_the_provider_and_force_the_model(place: Place) -> None:
    assert put(place, chat(model="glm-4-plus"), x_litellm_route="z-ai").status == 200
    assert put(place, chat(model="gpt-3.5-turbo"), x_litellm_model="z-ai/glm-4-plus").status == 200
    assert [seen.model for seen in place.fake.talks] == ["glm-4-plus", "glm-4-plus"]
    assert not [name for seen in place.fake.talks for name, _ in seen.headers if name.startswith("x-litellm-")]
    wrong = put(place, chat(model="gpt-3.5-turbo"), x_litellm_route="z-ai")
    assert (wrong.status, wrong.json["error"]["code"]) == (404, "MODEL_NOT_AVAILABLE")
    assert put(place, chat(), x_litellm_route="nobody").status == 400


def test_the_clients_key_asks_and_the_administrators_administers(place: Place) -> None:
    listed = ask(place.gateway.url, "/api/llm/models", headers={"x-api-key": CLIENT_KEY})
    assert (listed.status, listed.json["object"]) == (200, "list")
    assert ask(place.gateway.url, "/key/list", headers=HEAD).status == 403
    assert ask(place.gateway.url, "/metrics", headers=HEAD).status == 403
    admin = {**HEAD, "authorization": f"Bearer {MASTER}"}
    assert ask(place.gateway.url, "/key/list", headers=admin).status == 200
    page = ask(place.gateway.url, "/metrics", headers=admin)
    assert b"litellm_requests_metric" in page.body or b"trunkline_" in page.body


def test_health_is_told_at_once_to_anybody(place: Place) -> None:
    body = ask(place.gateway.url, "/health").json
    assert (body["status"], body["service"]) == ("healthy", "trunkline")
    assert body["timestamp"].endswith("Z")
    assert not place.fake.talks


def test_the_client_for_pages_is_served_to_them(place: Place) -> None:
    module = ask(place.gateway.url, "/client.js", headers={"origin": PAGE})
    assert module.status == 200
    assert (module.header("content-type") or "").startswith("text/javascript")
    assert module.header("access-control-allow-origin") == PAGE
    assert b"export class FrontendGatewayClient" in module.body
    assert b"export class LiteLLMGatewayClient" in ask(place.gateway.url, "/client.d.ts").body


def test_no_secret_is_in_the_log_and_the_database_is_spoken_of(place: Place) -> None:
    put(place, chat(), x_litellm_api_key=OWN)
    for secret in (GOOD_KEY, CLIENT_KEY, MASTER, OWN, "secret-word"):
        assert secret not in place.gateway.logs
    until(lambda: "database_url" in place.gateway.logs)


def test_a_callers_own_key_is_left_alone_unless_that_is_allowed(place: Place) -> None:
    reply = put(place, chat(), x_litellm_api_key=OWN)
    assert reply.header("x-trunkline-ignored") == "x-litellm-api-key"
    assert place.fake.talks[0].key == GOOD_KEY
    assert put(place, chat(), authorization=f"Bearer {OWN}").status == 401


@pytest.fixture(scope="module")
def _lenient(far: tuple[FakeProvider, Path]) -> Iterator[Place]:
    """The same with `client_keys: allow`, checks every half second, and a fallback from one host to the other."""
    fake, authority = far
    text = TEXT.replace("health_check_interval: 30", "health_check_interval: 0.5")
    text += "\ntrunkline: {client_keys: allow}\nlitellm_settings: {fallbacks: [{z-ai/glm-4-plus: [gpt-3.5-turbo]}]}\n"
    broken = set[str]()
    with (
        Tunnel(fake.url, broken.__contains__) as tunnel,
        Gateway(text, env=environment(authority, tunnel)) as gateway,
    ):
        yield Place(gateway, fake, tunnel, "", broken)


@pytest.fixture
def lenient(_lenient: Place) -> Place:
    _lenient.fake.reset()
    return _lenient


def test_a_callers_own_key_is_used_for_this_call_where_that_is_allowed(lenient: Place) -> None:
    assert put(lenient, chat(), x_litellm_api_key=OWN).status == 200
    assert put(lenient, chat(), authorization=f"Bearer {OWN}").status == 200
    assert put(lenient, chat()).status == 200
    assert [seen.key for seen in lenient.fake.talks] == [OWN, OWN, GOOD_KEY]
    assert OWN not in lenient.gateway.logs


def test_who_has_only_a_key_of_their_own_gets_nothing_else(lenient: Place) -> None:
    """No fallback is paid for by somebody else, and no page of the gateway's is shown."""
    lenient.fake.program({"status": 500, "times": -1, "model": "glm-4-plus"})
    reply = put(lenient, chat(model="z-ai/glm-4-plus"), authorization=f"Bearer {OWN}")
    assert reply.status == 500
    assert {seen.key for seen in lenient.fake.talks} == {OWN}
    head = {"authorization": f"Bearer {OWN}"}
    for path in ("/metrics", "/key/list", "/model/info", "/spend/logs"):
        assert ask(lenient.gateway.url, path, headers=head).status in (401, 403), path
    assert ask(lenient.gateway.url, "/v1/models", headers=head).status == 200


def test_a_provider_that_is_not_well_is_not_tried(lenient: Place) -> None:
    """503 at once, or the fallback; what changes is in the log, and nothing that costs was asked."""
    lenient.broken.add("open.bigmodel.cn")
    # Connections that are open already still lead there.
    lenient.fake.program({"status": 503, "times": -1, "path": "/api/paas/v4/models"})
    until(lambda: "state=unhealthy" in lenient.gateway.logs, within=10, what="for a check that fails")
    lenient.fake.reset()
    refused = put(lenient, chat())
    assert (refused.status, refused.json["error"]["code"]) == (503, "PROVIDER_UNAVAILABLE")
    instead = put(lenient, chat(model="z-ai/glm-4-plus"))
    assert instead.status == 200
    assert (instead.header("x-trunkline-route") or "").endswith("openai/gpt-3.5-turbo")
    assert {seen.path for seen in lenient.fake.talks} == {"/v1/chat/completions"}
    lenient.broken.clear()
    until(lambda: "state=healthy" in lenient.gateway.logs, within=10, what="for a check that succeeds")
    assert put(lenient, chat()).status == 200
