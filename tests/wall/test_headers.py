"""Which headers reach the provider, and which come back."""

from __future__ import annotations

import re

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import ask
from tests.wall.scenes import ALL, CHAT, FOUR, KEY, MESSAGES, OLLAMA, ZAI_MESSAGES, Scene, name_of

KEY_HEADERS = (
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "ocp-apim-subscription-key",
    "x-litellm-api-key",
)
OWN = {MESSAGES.name: "x-api-key", OLLAMA.name: "", "ollama_generate": ""}


@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_only_the_providers_key_reaches_the_provider_and_only_in_its_own_header(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    foreign = {name: f"sk-test-{at}" for at, name in enumerate(KEY_HEADERS)}
    reply = ask(
        wall.url,
        scene.path,
        scene.body("SAY=ok"),
        headers={**foreign, "authorization": f"Bearer {MASTER_KEY}", "cookie": "session=sk-test-9"},
    )
    assert reply.status == 200, reply.body
    (seen,) = fake_provider.requests
    own = OWN.get(scene.name, "authorization")
    held = {name: value for name, value in seen.headers if name in (*KEY_HEADERS, "cookie")}
    expected = {} if not own else {own: GOOD_KEY if own == "x-api-key" else f"Bearer {GOOD_KEY}"}
    if scene.name == "zai_messages":
        assert list(held.values()) in ([GOOD_KEY], [f"Bearer {GOOD_KEY}"])
    else:
        assert held == expected
    told = "\n".join(value for _, value in seen.headers)
    assert "sk-test-" not in told
    assert MASTER_KEY not in told


def test_other_credentials_beside_the_gateways_key_are_named(wall: Gateway, fake_provider: FakeProvider) -> None:
    headers = {**KEY, "x-api-key": "sk-test-1", "api-key": "Bearer sk-test-2"}
    reply = ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers=headers)
    assert reply.header("x-trunkline-ignored") == "x-api-key,api-key"


@pytest.mark.parametrize("scene", (MESSAGES, ZAI_MESSAGES), ids=name_of)
def test_betas_are_forwarded_verbatim_repeated_ones_too(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    betas = [("anthropic-beta", "one-2025-01-01,  two-2026"), ("anthropic-beta", "three")]
    version = [("anthropic-version", "2023-06-01"), ("anthropic-x-new", "é".encode().decode("latin-1"))]
    ask(wall.url, scene.path, scene.body("SAY=ok"), headers=[*KEY.items(), *betas, *version])
    (seen,) = fake_provider.requests
    assert [value for name, value in seen.headers if name == "anthropic-beta"] == ["one-2025-01-01,  two-2026", "three"]
    assert [value for name, value in seen.headers if name == "anthropic-version"] == ["2023-06-01"]
    assert seen.header("anthropic-x-new") == "Ã©"


def test_a_caller_without_a_version_gets_one(wall: Gateway, fake_provider: FakeProvider) -> None:
    assert ask(wall.url, MESSAGES.path, MESSAGES.body("SAY=ok"), headers=KEY).status == 200
    assert fake_provider.requests[0].header("anthropic-version") == "2023-06-01"


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_unknown_headers_are_forwarded(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    more = {"x-stainless-lang": "python", "x-codex-turn": "7", "x-claude-code-session-id": "s-1", "user-agent": "u/1"}
    ask(wall.url, scene.path, scene.body("SAY=ok"), headers={**KEY, **more})
    (seen,) = fake_provider.requests
    for name, value in more.items():
        assert seen.header(name) == value


def test_headers_of_one_hop_stop_here(wall: Gateway, fake_provider: FakeProvider) -> None:
    hop = {
        "connection": "keep-alive, x-hop, close",
        "keep-alive": "timeout=5",
        "te": "trailers",
        "upgrade-insecure-requests": "1",
        "proxy-authorization": "Basic c2stdGVzdC0x",
        "x-hop": "1",
        "x-forwarded-for": "10.0.0.1",
        "x-litellm-tags": "a,b",
        "x-trunkline-anything": "1",
        "x-real-ip": "10.0.0.1",
    }
    ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers={**KEY, **hop})
    (seen,) = fake_provider.requests
    names = {name.lower() for name, _ in seen.headers}
    assert not names & (set(hop) - {"connection", "upgrade-insecure-requests"})
    assert "x-hop" not in (seen.header("connection") or "")


def test_there_is_one_host_one_length_and_one_content_type(wall: Gateway, fake_provider: FakeProvider) -> None:
    ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers=KEY)
    (seen,) = fake_provider.requests
    names = [name.lower() for name, _ in seen.headers]
    for one in ("host", "content-length", "content-type", "accept-encoding"):
        assert names.count(one) == 1, names
    assert seen.header("host") == fake_provider.url.removeprefix("http://")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_the_providers_headers_come_back_but_for_what_is_its_own(
    wall: Gateway, fake_provider: FakeProvider, stream: bool
) -> None:
    theirs = {
        "anthropic-ratelimit-tokens-reset": "2026-11-21T00:00:00Z",
        "x-new": "seen",
        "set-cookie": "a=b",
        "access-control-allow-origin": "*",
        "x-litellm-call-id": "forged",
        "x-trunkline-route": "forged",
        "keep-alive": "timeout=5",
        "strict-transport-security": "max-age=1",
    }
    fake_provider.program({"headers": theirs})
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body("SAY=ok", stream=stream), headers=KEY)
    for name in ("anthropic-ratelimit-tokens-reset", "x-new"):
        assert reply.header(name) == theirs[name]
    assert reply.header("request-id") == "req_fake00000001"
    for name in ("set-cookie", "access-control-allow-origin", "keep-alive", "strict-transport-security"):
        assert reply.header(name) is None
    assert "forged" not in reply.head


@pytest.mark.parametrize("text", ["SAY=ok", "ERR=500", "HTML=502", "CUT=0"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_every_answer_says_who_gave_it(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool, text: str
) -> None:
    reply = ask(wall.url, scene.path, scene.body(text, stream=stream), headers=KEY)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reply.header("x-litellm-call-id") or "")
    assert re.fullmatch(r"[0-9a-f]{16}", reply.header("x-litellm-model-id") or "")
    assert (reply.header("x-litellm-model-api-base") or "").startswith(fake_provider.url)
    assert (reply.header("x-trunkline-route") or "").endswith(scene.told) or text != "SAY=ok"
    names = [name for name, _ in reply.headers]
    assert all(names.count(name) == 1 for name in names), names


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/v1/chat/completions", {}, b"{}"),
        ("/v1/chat/completions", KEY, b"{"),
        ("/v1/messages", KEY, b'{"model":"nobody"}'),
        ("/v1/nowhere", KEY, None),
        ("/health", {}, None),
        ("/v1/models", KEY, None),
    ],
    ids=["no-key", "no-json", "no-model", "no-path", "page", "list"],
)
def test_every_answer_of_the_gateway_itself_has_an_id(
    wall: Gateway, path: str, headers: dict[str, str], body: bytes | None
) -> None:
    reply = ask(wall.url, path, body, headers=headers)
    assert reply.header("x-litellm-call-id")
    assert reply.header("content-type") == "application/json"
    if reply.status >= 400:
        assert reply.header("x-litellm-model-id") == "none"
        assert reply.header("x-trunkline-route") == "none"
