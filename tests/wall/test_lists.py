"""What a client finds here: lists of models in three shapes, health, probes, and where it went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.fake import FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import ask
from tests.wall.scenes import ALL, KEY, Scene, config, name_of

ANTHROPIC = {"x-api-key": MASTER_KEY, "anthropic-version": "2023-06-01"}
NAMES = {"claude-wall", "gpt-wall", "glm-wall", "qwen-wall"}


@pytest.fixture(scope="module")
def listing(fake_server: FakeProvider) -> Iterator[Gateway]:
    rows = """
  - {model_name: team/big/model, litellm_params: {model: openai/wall-2, api_base: "URL/v1", api_key: sk-test-literal-9}}
  - {model_name: no-key, litellm_params: {model: deepseek/deepseek-chat}}
  - {model_name: "wild/*", litellm_params: {model: "openai/*", api_base: "URL/v1", api_key: os.environ/FAKE_KEY}}
""".replace("URL", fake_server.url)
    more = (
        "router_settings: {num_retries: 0, model_group_alias: {nick: gpt-wall, shy: {model: gpt-wall, hidden: true}}}"
    )
    text = config(fake_server.url, rows=rows).replace("router_settings: {num_retries: 0}", more)
    with Gateway(text, env={"FAKE_KEY": "sk-fake-good", "ZAI_API_BASE": fake_server.url}) as gateway:
        yield gateway


def ids(document: object) -> list[str]:
    assert isinstance(document, dict)
    return [row["id"] for row in document["data"]]


def test_openai_clients_get_openais_list(listing: Gateway) -> None:
    for path in ("/v1/models", "/models", "/v1/v1/models", "/openai/v1/models", "/api/llm/models"):
        document = ask(listing.url, path, headers=KEY).json
        assert document["object"] == "list"
        found = ids(document)
        assert set(found) >= NAMES | {"team/big/model", "no-key", "nick"}
        assert "shy" not in found
        assert len(found) == len(set(found))
        assert all(row["object"] == "model" and isinstance(row["created"], int) for row in document["data"])


def test_anthropic_clients_get_anthropics_list_with_names_they_can_keep(listing: Gateway) -> None:
    document = ask(listing.url, "/v1/models?limit=1000", headers=ANTHROPIC).json
    found = ids(document)
    assert {"claude-wall", "claude-gpt-wall", "claude-glm-wall", "claude-team/big/model", "gpt-wall"} <= set(found)
    assert "claude-claude-wall" not in found
    assert document["has_more"] is False
    assert (document["first_id"], document["last_id"]) == (found[0], found[-1])
    rows = {row["id"]: row for row in document["data"]}
    assert all(row["type"] == "model" and row["created_at"] for row in rows.values())
    assert rows["claude-gpt-wall"]["display_name"] == "gpt-wall"


def test_anthropics_list_comes_in_pages(listing: Gateway) -> None:
    every = ids(ask(listing.url, "/v1/models", headers=ANTHROPIC).json)
    walked: list[str] = []
    after = ""
    while True:
        page = ask(listing.url, f"/v1/models?limit=2{after}", headers=ANTHROPIC).json
        walked += ids(page)
        if not page["has_more"]:
            break
        after = f"&after_id={page['last_id']}"
    assert walked == every


def test_ollamas_clients_get_ollamas_list(listing: Gateway) -> None:
    rows = ask(listing.url, "/api/tags", headers=KEY).json["models"]
    assert {row["name"] for row in rows} >= NAMES
    assert all(row["model"] == row["name"] and "details" in row for row in rows)
    shown = ask(listing.url, "/api/show", {"model": "qwen-wall"}, headers=KEY).json
    assert "capabilities" in shown
    assert ask(listing.url, "/api/show", {"model": "nobody"}, headers=KEY).status == 404
    assert ask(listing.url, "/api/ps", headers=KEY).json == {"models": []}
    assert ask(listing.url, "/api/version").json["version"]


@pytest.mark.parametrize(
    "name", ["gpt-wall", "team/big/model", "team%2Fbig%2Fmodel", "claude-gpt-wall", "wild/x", "claude-wild/x", "nick"]
)
def test_one_model_is_shown_by_any_name_that_works(listing: Gateway, name: str) -> None:
    plain = name.replace("%2F", "/")
    reply = ask(listing.url, f"/v1/models/{name}", headers=KEY)
    assert reply.status == 200
    assert reply.json["id"] == plain
    assert reply.json["object"] == "model"
    assert ask(listing.url, f"/v1/models/{name}", headers=ANTHROPIC).json["type"] == "model"


def test_an_unknown_model_is_a_404_with_the_nearest_name(listing: Gateway) -> None:
    reply = ask(listing.url, "/v1/models/gpt-wal", headers=KEY)
    assert reply.status == 404
    assert "gpt-wall" in reply.message


@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_a_request_for_an_unknown_model_names_the_nearest(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(wall.url, scene.path, scene.body("Hi", model=scene.asked[:-1]), headers=KEY)
    assert reply.status == 404
    assert scene.is_error(reply.json)
    assert scene.asked in reply.message
    if scene.shape == "anthropic":
        assert reply.json["error"]["type"] == "not_found_error"
    if scene.shape == "openai":
        assert reply.json["error"]["code"] == "model_not_found"
    assert not fake_provider.requests


def test_model_info_tells_all_but_keys(listing: Gateway) -> None:
    for path in ("/model/info", "/v1/model/info"):
        reply = ask(listing.url, path, headers=KEY)
        rows = {row["model_name"]: row for row in reply.json["data"]}
        assert set(rows) >= {"gpt-wall", "no-key"}
        assert rows["gpt-wall"]["litellm_params"]["model"] == "openai/wall-1"
        assert rows["gpt-wall"]["model_info"]["input_cost_per_token"] == pytest.approx(0.000001)
        assert b"sk-" not in reply.body


def test_model_info_comes_in_pages_and_one_by_one(listing: Gateway) -> None:
    every = ask(listing.url, "/model/info", headers=KEY).json["data"]
    one = every[1]["model_info"]["id"]
    assert ask(listing.url, f"/model/info?litellm_model_id={one}", headers=KEY).json["data"] == [every[1]]
    page = ask(listing.url, "/v2/model/info?size=2&page=2", headers=KEY).json
    assert page["data"] == every[2:4]
    assert (page["total_count"], page["current_page"], page["size"]) == (len(every), 2, 2)
    assert page["total_pages"] == (len(every) + 1) // 2
    for query, names in (("model=gpt-wall", {"gpt-wall"}), ("search=WILD", {"wild/*"}), (f"modelId={one}", None)):
        found = ask(listing.url, f"/v2/model/info?{query}", headers=KEY).json["data"]
        assert {row["model_name"] for row in found} == (names or {every[1]["model_name"]})


def test_a_group_is_told_whole(listing: Gateway) -> None:
    rows = {row["model_group"]: row for row in ask(listing.url, "/model_group/info", headers=KEY).json["data"]}
    assert rows.keys() >= NAMES | {"wild/*"}
    row = rows["gpt-wall"]
    assert (row["providers"], row["mode"]) == (["openai"], "chat")
    assert row["input_cost_per_token"] == pytest.approx(0.000001)
    alone = ask(listing.url, "/model_group/info?model_group=wild/x", headers=KEY).json["data"]
    assert [each["model_group"] for each in alone] == ["wild/x"]
    assert ask(listing.url, "/model_group/info?model_group=nobody", headers=KEY).status == 404
    assert ask(listing.url, "/model_group/info").status == 401


def test_health_needs_no_key_and_asks_nobody(wall: Gateway, fake_provider: FakeProvider) -> None:
    health = ask(wall.url, "/health").json
    assert health["status"] == "healthy"
    assert health["timestamp"]
    assert health["service"]
    assert ask(wall.url, "/health/liveliness").json == "I'm alive!"
    assert ask(wall.url, "/health/liveness").json == "I'm alive!"
    ready = ask(wall.url, "/health/readiness").json
    assert ready["status"] == "connected"
    assert not fake_provider.requests


def test_probes_are_answered_below_400_without_a_key(wall: Gateway) -> None:
    for method, path in (
        ("HEAD", "/"),
        ("GET", "/"),
        ("HEAD", "/api/hello"),
        ("GET", "/api/hello"),
        ("HEAD", "/health"),
    ):
        reply = ask(wall.url, path, method=method)
        assert reply.status < 400, (method, path)
        assert method == "GET" or reply.body == b""
    assert ask(wall.url, "/").body == b"Ollama is running"
    assert b"<html" in ask(wall.url, "/", headers={"accept": "text/html"}).body.replace(b"<!doctype html", b"<html")


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/v1/mesages", "/v1/messages"),
        ("/v1/chat/completion", "/v1/chat/completions"),
        ("/chat/complitions", "/v1/chat/completions"),
        ("/v1/response", "/v1/responses"),
        ("/api/chats", "/api/chat"),
        ("/healthz", "/health"),
        ("/v1/model", "/v1/models"),
    ],
)
def test_an_unknown_path_is_a_json_404_that_names_the_nearest(wall: Gateway, path: str, near: str) -> None:
    reply = ask(wall.url, path, headers=KEY)
    assert reply.status == 404
    assert near in reply.message
    assert json.loads(reply.body)["error"]


@pytest.mark.parametrize(
    "path", ["/", "/x", "/v2/anything", "/favicon.ico", "/%ff%fe", "/v1/%00", "//", "/../etc/passwd"]
)
def test_whatever_the_path_the_answer_is_no_defect(wall: Gateway, path: str) -> None:
    reply = ask(wall.url, path, headers=KEY)
    assert reply.status in (200, 404)
    assert ask(wall.url, path, b"{}", headers=KEY).status in (400, 404, 405)
