"""Every client's embeddings on every provider: the same texts, the same numbers, in the client's own form."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.fake.others import vector
from tests.harness import Gateway
from tests.wall.asking import Reply, ask
from tests.wall.scenes import KEY, rows

TEXTS = ["one two", "three"]
PROVIDERS = {
    "vec-openai": "/v1/embeddings",
    "vec-ollama": "/api/embed",
    "vec-gemini": "/v1beta/models/gemini-embedding-001:batchEmbedContents",
}
CLIENTS = ("openai", "base64", "ollama", "gemini")


@pytest.fixture(scope="module")
def vectors(fake_server: FakeProvider) -> Iterator[Gateway]:
    url, key = fake_server.url, "api_key: os.environ/FAKE_KEY"
    cost = "input_cost_per_token: 0.001, output_cost_per_token: 0"
    text = f"""
model_list:
  - {{model_name: vec-openai, litellm_params: {{model: openai/embed-1, api_base: "{url}/v1", {key}, {cost}}}}}
  - {{model_name: vec-ollama, litellm_params: {{model: "ollama/qwen3:8b", api_base: "{url}", {cost}}}}}
  - {{model_name: vec-gemini, litellm_params: {{model: gemini/gemini-embedding-001, api_base: "{url}/v1beta", {key}, {cost}}}}}
  - model_name: vec-task
    litellm_params: {{model: gemini/gemini-embedding-001, api_base: "{url}/v1beta", {key}, extra_body: {{taskType: CLUSTERING}}}}
general_settings: {{master_key: sk-test-master-1234}}
router_settings: {{num_retries: 0}}
"""
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY}) as gateway:
        yield gateway


def embed(gateway: Gateway, client: str, model: str, texts: list[str], size: int | None = None) -> Reply:
    if client == "gemini":
        more: dict[str, Any] = {} if size is None else {"outputDimensionality": size}
        requests = [{"model": f"models/{model}", "content": {"parts": [{"text": text}]}, **more} for text in texts]
        return ask(gateway.url, f"/v1beta/models/{model}:batchEmbedContents", {"requests": requests}, headers=KEY)
    body: dict[str, Any] = {"model": model, "input": texts}
    if size is not None:
        body["dimensions"] = size
    if client == "base64":
        body["encoding_format"] = "base64"
    return ask(gateway.url, "/api/embed" if client == "ollama" else "/v1/embeddings", body, headers=KEY)


def numbers(client: str, reply: Reply) -> list[list[float]]:
    assert reply.status == 200, reply.body
    body = reply.json
    if client == "gemini":
        return [one["values"] for one in body["embeddings"]]
    if client == "ollama":
        return list(body["embeddings"])
    found = [row["embedding"] for row in body["data"]]
    if client == "openai":
        return found
    packed = [base64.b64decode(one) for one in found]
    return [list(struct.unpack(f"<{len(one) // 4}f", one)) for one in packed]


@pytest.mark.parametrize("size", [None, 4], ids=["plain", "dimensions"])
@pytest.mark.parametrize("model", PROVIDERS)
@pytest.mark.parametrize("client", CLIENTS)
def test_the_same_texts_are_the_same_numbers(
    vectors: Gateway, fake_provider: FakeProvider, client: str, model: str, size: int | None
) -> None:
    reply = embed(vectors, client, model, TEXTS, size)
    assert numbers(client, reply) == [vector(text, size or 8) for text in TEXTS]
    assert not reply.header("x-trunkline-lost")
    (seen,) = fake_provider.requests
    assert seen.path == PROVIDERS[model]
    (row,) = rows(vectors, reply.header("x-litellm-call-id") or "")
    assert (row["stop"], row["outcome"], row["output"]) == ("embedded", "ok", 0)
    told = model != "vec-gemini"  # Google's batches do not say what they used
    assert row["estimated"] == (not told)
    assert row["input"] == 3 or not told
    assert row["billed_nano"] == row["input"] * 1_000_000


@pytest.mark.parametrize("model", PROVIDERS)
def test_one_content_is_one_vector(vectors: Gateway, fake_provider: FakeProvider, model: str) -> None:
    body = {"content": {"parts": [{"text": "one two"}]}, "output_dimensionality": 4}
    reply = ask(vectors.url, f"/v1beta/models/{model}:embedContent", body, headers=KEY)
    assert reply.json["embedding"]["values"] == vector("one two", 4)


@pytest.mark.parametrize("model", PROVIDERS)
def test_what_the_older_form_of_ollama_asks_for(vectors: Gateway, fake_provider: FakeProvider, model: str) -> None:
    reply = ask(vectors.url, "/api/embeddings", {"model": model, "prompt": "one"}, headers=KEY)
    assert reply.json["embedding"] == vector("one", 8)


@pytest.mark.parametrize("model", ["vec-openai", "vec-ollama"])
def test_what_the_vectors_are_for_is_lost_and_named(vectors: Gateway, fake_provider: FakeProvider, model: str) -> None:
    body = {"content": {"parts": [{"text": "one"}]}, "taskType": "RETRIEVAL_QUERY", "title": "t"}
    reply = ask(vectors.url, f"/v1beta/models/{model}:embedContent", body, headers=KEY)
    assert reply.header("x-trunkline-lost") == "taskType,title"


def test_on_its_own_wire_nothing_is_changed_but_the_name(vectors: Gateway, fake_provider: FakeProvider) -> None:
    sent = b'{"requests" :[{"model":"models/vec-gemini", "content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"}]}'
    reply = ask(vectors.url, "/v1beta/models/vec-gemini:batchEmbedContents", sent, headers=KEY)
    assert reply.status == 200
    assert fake_provider.requests[0].body == sent.replace(b"vec-gemini", b"gemini-embedding-001")


@pytest.mark.parametrize("model", ["vec-ollama", "vec-gemini"])
def test_tokens_are_refused_where_only_text_is_embedded(
    vectors: Gateway, fake_provider: FakeProvider, model: str
) -> None:
    reply = ask(vectors.url, "/v1/embeddings", {"model": model, "input": [1, 2]}, headers=KEY)
    assert (reply.status, reply.json["error"]["param"]) == (400, "input")
    assert not fake_provider.requests


def test_a_deployments_own_options_stand_in_each_request(vectors: Gateway, fake_provider: FakeProvider) -> None:
    assert numbers("openai", embed(vectors, "openai", "vec-task", TEXTS)) == [vector(text, 8) for text in TEXTS]
    assert [one["taskType"] for one in fake_provider.requests[0].json["requests"]] == ["CLUSTERING"] * 2
