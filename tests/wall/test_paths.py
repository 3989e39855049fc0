"""Every path that people mount the APIs under reaches the provider's right one, with the model's name in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.fake.others import SPEECH
from tests.harness import MASTER_KEY, Gateway, provider_environment
from tests.wall.asking import ask
from tests.wall.scenes import CHAT, COMPLETIONS, DIRECT, GENERATE, KEY, MESSAGES, OLLAMA, RESPONSES, Scene, config

ALIASES = [
    *((MESSAGES, path) for path in ("/v1/messages", "/messages", "/v1/v1/messages", "/anthropic/v1/messages")),
    *((MESSAGES, path) for path in ("/anthropic/messages", "/v1/messages/", "/v1/messages?beta=true")),
    *((CHAT, path) for path in ("/v1/chat/completions", "/chat/completions", "/v1/v1/chat/completions")),
    *(
        (CHAT, path)
        for path in ("/openai/v1/chat/completions", "/openai/chat/completions", "/api/llm/chat/completions")
    ),
    *((COMPLETIONS, path) for path in ("/v1/completions", "/completions", "/v1/v1/completions")),
    *((RESPONSES, path) for path in ("/v1/responses", "/responses", "/v1/v1/responses", "/openai/v1/responses")),
    (OLLAMA, "/api/chat"),
    (GENERATE, "/api/generate"),
]


@pytest.mark.parametrize(("scene", "path"), ALIASES, ids=lambda part: part if isinstance(part, str) else part.name)
def test_an_alias_reaches_the_providers_own_path(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, path: str
) -> None:
    assert ask(wall.url, path, scene.body("SAY=ok"), headers=KEY).status == 200
    (seen,) = fake_provider.requests
    assert seen.path == scene.upstream
    assert seen.json["model"] == scene.told


@pytest.mark.parametrize("path", ["/v1/embeddings", "/embeddings", "/v1/v1/embeddings", "/openai/v1/embeddings"])
def test_embeddings(wall: Gateway, fake_provider: FakeProvider, path: str) -> None:
    sent = b'{"input" : ["one two","3"] , "model":"gpt-wall","encoding_format":"base64"}'
    reply = ask(wall.url, path, sent, headers=KEY)
    assert reply.status == 200
    assert reply.json["usage"]["prompt_tokens"] == 3
    (seen,) = fake_provider.requests
    assert seen.path == "/v1/embeddings"
    assert seen.body == sent.replace(b"gpt-wall", b"wall-1")


@pytest.mark.parametrize("path", ["/api/embed", "/api/embeddings"])
def test_ollamas_embeddings(wall: Gateway, fake_provider: FakeProvider, path: str) -> None:
    body = {"model": "qwen-wall", "input": "one", "prompt": "one"}
    assert ask(wall.url, path, body, headers=KEY).status == 200
    (seen,) = fake_provider.requests
    assert (seen.path, seen.json["model"]) == (path, "qwen3:8b")


@pytest.mark.parametrize(
    "path", ["/v1/messages/count_tokens", "/messages/count_tokens", "/anthropic/v1/messages/count_tokens"]
)
def test_tokens_are_counted_by_the_provider(wall: Gateway, fake_provider: FakeProvider, path: str) -> None:
    body = MESSAGES.body("one two three")
    body.pop("stream")
    reply = ask(wall.url, f"{path}?beta=true", body, headers=KEY)
    (seen,) = fake_provider.requests
    assert (seen.path, seen.query) == ("/v1/messages/count_tokens", "beta=true")
    own = ask(fake_provider.url, seen.path, seen.body, headers=DIRECT)
    assert own.json["input_tokens"] > 0
    assert reply.body == own.body


def test_where_no_provider_counts_an_estimate_is_given(wall: Gateway, fake_provider: FakeProvider) -> None:
    body = MESSAGES.body("one two three", model="gpt-wall")
    reply = ask(wall.url, "/v1/messages/count_tokens", body, headers=KEY)
    assert reply.status == 200
    assert reply.json["input_tokens"] > 0


@pytest.mark.parametrize("tail", ["chat/completions", "completions", "responses", "embeddings", "images/generations"])
@pytest.mark.parametrize("version", ["2024-10-21", "preview"])
def test_an_azure_client_reaches_any_provider(
    wall: Gateway, fake_provider: FakeProvider, tail: str, version: str
) -> None:
    name = (
        "messages"
        if tail.startswith("chat")
        else "prompt"
        if tail in ("completions", "images/generations")
        else "input"
    )
    body = {name: [{"role": "user", "content": "SAY=ok"}] if name == "messages" else "SAY=ok"}
    reply = ask(
        wall.url,
        f"/openai/deployments/gpt-wall/{tail}?api-version={version}",
        body,
        headers={"api-key": MASTER_KEY, "content-type": "application/json"},
    )
    assert reply.status == 200, reply.body
    (seen,) = fake_provider.requests
    assert seen.path == f"/v1/{tail}"
    assert seen.json["model"] == "wall-1"
    assert "api-version" not in seen.query


@pytest.fixture(scope="module")
def azure(fake_server: FakeProvider) -> Iterator[Gateway]:
    rows = f"""
  - model_name: at-azure
    litellm_params: {{model: azure/my-deployment, api_base: "{fake_server.url}", api_key: os.environ/FAKE_KEY, api_version: "2024-06-01"}}
"""
    with Gateway(config(fake_server.url, rows=rows), env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_deployment_at_azure_is_reached_by_its_path_and_key_header(
    azure: Gateway, fake_provider: FakeProvider, stream: bool
) -> None:
    body = CHAT.body("SAY=ok", model="at-azure", stream=stream)
    reply = ask(azure.url, "/v1/chat/completions?api-version=2099-01-01&x=1", body, headers=KEY)
    assert reply.status == 200, reply.body
    (seen,) = fake_provider.requests
    assert seen.path == "/openai/deployments/my-deployment/chat/completions"
    assert "api-version=2024-06-01" in seen.query
    assert "2099" not in seen.query
    assert seen.header("api-key") == GOOD_KEY
    assert seen.header("authorization") is None
    if stream:
        assert b"prompt_filter_results" in reply.body


IMAGE = b"\x89PNG\r\n\x1a\n--edg\x00e model" + bytes(range(256))


@pytest.mark.parametrize(
    "path", ["/v1/audio/transcriptions", "/v1/v1/audio/transcriptions", "/openai/v1/audio/transcriptions"]
)
@pytest.mark.parametrize("quoted", [True, False], ids=["quoted", "bare"])
def test_a_form_with_sound_arrives_byte_for_byte_but_for_the_model(
    wall: Gateway, fake_provider: FakeProvider, path: str, quoted: bool
) -> None:
    sent = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="model.wav"\r\nContent-Type: audio/wav\r\n\r\n'
        + IMAGE
        + b'\r\n--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\nmodel gpt-wall\r\n'
        + b'--edge\r\nContent-Disposition: form-data; name="model"\r\n\r\ngpt-wall\r\n--edge--\r\n'
    )
    kind = 'multipart/form-data; boundary="edge"' if quoted else "multipart/form-data; boundary=edge"
    reply = ask(wall.url, path, sent, headers={**KEY, "content-type": kind})
    assert reply.status == 200, reply.body
    assert reply.json["text"] == f"heard {len(IMAGE)} bytes ✓"
    (seen,) = fake_provider.requests
    assert seen.path == "/v1/audio/transcriptions"
    assert seen.body == sent.replace(b'name="model"\r\n\r\ngpt-wall', b'name="model"\r\n\r\nwall-1')
    assert seen.header("content-type") == kind


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary="])
def test_a_form_without_a_boundary_is_a_400(wall: Gateway, kind: str) -> None:
    reply = ask(wall.url, "/v1/audio/transcriptions", b"--x--", headers={**KEY, "content-type": kind})
    assert reply.status == 400


def test_sound_comes_back_as_bytes(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, "/v1/audio/speech", {"model": "gpt-wall", "input": "x", "voice": "v"}, headers=KEY)
    assert reply.status == 200
    assert reply.body == SPEECH
    assert (reply.header("content-type") or "").startswith("audio/")


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/images/generations", {"prompt": "a cat", "n": 2}),
        ("/v1/moderations", {"input": "FLAG this"}),
        ("/moderations", {"input": "FLAG this"}),
        ("/v1/rerank", {"query": "q", "documents": ["a", "b"]}),
        ("/openai/v1/images/generations", {"prompt": "a cat"}),
    ],
)
def test_whatever_else_names_a_model_goes_to_its_provider(
    wall: Gateway, fake_provider: FakeProvider, path: str, more: dict[str, object]
) -> None:
    sent = json.dumps({"model": "gpt-wall", **more}).encode()
    reply = ask(wall.url, path, sent, headers=KEY)
    assert reply.status == 200, reply.body
    (seen,) = fake_provider.requests
    assert seen.path == "/v1/" + path.rpartition("/v1/")[2].lstrip("/")
    assert seen.body == sent.replace(b"gpt-wall", b"wall-1")
    fake_provider.reset()
    own = ask(fake_provider.url, seen.path, seen.body, headers={"authorization": f"Bearer {GOOD_KEY}"})
    assert reply.body == own.body


def test_a_route_the_provider_has_not_is_the_providers_404(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, "/v1/brand/new", {"model": "gpt-wall"}, headers=KEY)
    assert reply.status == 404
    assert fake_provider.requests[0].path == "/v1/brand/new"


def test_what_cannot_be_carried_to_a_provider_says_what_can(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, "/v1/completions", COMPLETIONS.body("Hi", model="claude-wall"), headers=KEY)
    assert reply.status == 400
    assert COMPLETIONS.is_error(reply.json)
    assert "Anthropic Messages" in reply.message
    assert not fake_provider.requests
