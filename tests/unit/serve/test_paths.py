"""Which route a path is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import UnknownPath, WrongMethod
from trunkline.serve.paths import find


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/v1/messages", "messages"),
        ("/messages", "messages"),
        ("/v1/v1/messages", "messages"),
        ("/v1/messages/", "messages"),
        ("/anthropic/v1/messages", "messages"),
        ("/v1/messages/count_tokens", "count_tokens"),
        ("/v1/v1/messages/count_tokens", "count_tokens"),
        ("/v1/chat/completions", "chat"),
        ("/chat/completions", "chat"),
        ("/openai/v1/chat/completions", "chat"),
        ("/openai/chat/completions", "chat"),
        ("/api/llm/chat/completions", "chat"),
        ("/v1/completions", "completions"),
        ("/v1/embeddings", "embeddings"),
        ("/responses", "responses"),
        ("/v1/v1/responses", "responses"),
        ("/api/chat", "ollama_chat"),
        ("/api/generate", "ollama_generate"),
        ("/api/embed", "ollama_embed"),
        ("/v1/responses/input_tokens", "responses_count"),
        ("/responses/input_tokens", "responses_count"),
        ("/v1/responses/resp_1/cancel", "stored"),
        ("/v1/responses/compact", "other"),
        ("/v1beta/models/m:countTokens", "gemini_count"),
        ("/v1beta/models/m:embedContent", "gemini_embed"),
        ("/gemini/v1beta/models/m:batchEmbedContents", "gemini_embed"),
        ("/v1/images/generations", "other"),
        ("/v1/audio/transcriptions", "other"),
        ("/v1/rerank", "other"),
        ("/images/generations", "other"),
        ("/audio/speech", "other"),
        ("/moderations", "other"),
    ],
)
def test_every_place_an_api_is_mounted_at_is_the_same_route(path: str, operation: str) -> None:
    assert find("POST", path).operation == operation


def test_the_tail_of_what_is_not_known_is_kept() -> None:
    assert find("POST", "/v1/images/generations").tail == "/images/generations"
    assert find("POST", "/api/embeddings").tail == "/api/embeddings"


@pytest.mark.parametrize("path", ["/v1/responses/resp_1", "/responses/resp_1", "/openai/v1/responses/resp_1/"])
def test_a_stored_response_is_asked_for_by_its_id(path: str) -> None:
    for method in ("GET", "DELETE"):
        target = find(method, path)
        assert (target.operation, target.name, target.tail) == ("stored", "resp_1", "/responses/resp_1")
    assert find("GET", "/v1/responses/resp_1/input_items").tail == "/responses/resp_1/input_items"
    assert find("GET", "/v1/responses/a?b").tail == "/responses/a%3Fb"
    for method, wrong in (("DELETE", "/v1/responses/r/input_items"), ("GET", "/v1/responses/r/cancel"), ("PUT", path)):
        with pytest.raises(WrongMethod):
            find(method, wrong)
    with pytest.raises(UnknownPath):
        find("GET", "/v1/responses/r/anything")


def test_azures_paths_name_the_model() -> None:
    target = find("POST", "/openai/deployments/gpt-4o/chat/completions")
    assert (target.operation, target.name, target.tail) == ("chat", "gpt-4o", "/chat/completions")
    assert find("POST", "/openai/deployments/a%2Fb/embeddings").name == "a/b"
    assert find("POST", "/openai/deployments/dall-e/images/generations").tail == "/images/generations"


def test_a_models_id_may_hold_slashes() -> None:
    assert find("GET", "/v1/models/zai/glm-5.3").name == "zai/glm-5.3"
    assert find("GET", "/models").page == "models"


@pytest.mark.parametrize("path", ["/", "/api/hello", "/health", "/v1/models"])
def test_a_probe_by_head_is_answered(path: str) -> None:
    assert find("HEAD", path).page


def test_an_unknown_path_names_the_nearest() -> None:
    with pytest.raises(UnknownPath) as caught:
        find("GET", "/v1/mesages")
    assert "/v1/messages" in caught.value.remedy
    with pytest.raises(UnknownPath) as caught:
        find("POST", "/chat/completion")
    assert "/v1/chat/completions" in caught.value.remedy


def test_the_wrong_method_names_the_right_one() -> None:
    with pytest.raises(WrongMethod) as caught:
        find("GET", "/v1/messages")
    assert caught.value.remedy == "Use POST."
    with pytest.raises(WrongMethod):
        find("POST", "/health")


def test_probes_need_no_key_and_models_do() -> None:
    assert find("GET", "/health").open
    assert not find("GET", "/v1/models").open


@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]), st.text(max_size=60))
def test_any_path_is_a_route_or_one_of_two_refusals(method: str, path: str) -> None:
    try:
        find(method, "/" + path)
    except (UnknownPath, WrongMethod) as refused:
        assert refused.remedy
