"""Virtual keys over real sockets: made, used, bound, ended; each refusal in the words of the wire that asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, GatewayDied, clean_environment, provider_environment
from tests.wall.asking import Reply, ask
from tests.wall.scenes import CHAT, FOUR, MESSAGES, Scene, config, name_of
from tests.wall.test_headers import KEY_HEADERS

JSON = {"content-type": "application/json"}
MASTER = {**JSON, "authorization": f"Bearer {MASTER_KEY}"}


def post(gateway: Gateway, path: str, body: Any, key: str = MASTER_KEY) -> Reply:
    return ask(gateway.url, path, body, headers={**JSON, "authorization": f"Bearer {key}"})


def get(gateway: Gateway, path: str, key: str = MASTER_KEY) -> Reply:
    return ask(gateway.url, path, None, headers={"authorization": f"Bearer {key}"}, method="GET")


def made(gateway: Gateway, **body: Any) -> dict[str, Any]:
    reply = post(gateway, "/key/generate", body)
    assert reply.status == 200, reply.body
    told: dict[str, Any] = reply.json
    return told


def say(gateway: Gateway, key: str, scene: Scene = CHAT, text: str = "SAY=ok", **more: Any) -> Reply:
    return ask(gateway.url, scene.path, scene.body(text, **more), headers={**JSON, "authorization": f"Bearer {key}"})


@pytest.fixture(scope="module", params=[1, 2, 4], ids=["one worker", "two workers", "four workers"])
def gateway(fake_server: FakeProvider, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    args = ["--workers", str(request.param)]
    with Gateway(config(fake_server.url), args=args, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def _fresh(fake_provider: FakeProvider) -> None:
    """The fake has forgotten everything."""


@pytest.mark.parametrize("header", KEY_HEADERS)
def test_a_key_works_at_once_in_each_header(gateway: Gateway, header: str) -> None:
    for _ in range(4):
        key = made(gateway)["key"]
        reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok"), headers={**JSON, header: key})
        assert reply.status == 200, reply.body


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_model_that_is_not_granted_is_403_in_the_wires_words(
    gateway: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    key = made(gateway, models=["no-such-model"], key_alias=f"bound {scene.path} {time.time()}")["key"]
    reply = say(gateway, key, scene)
    assert reply.status == 403
    assert scene.is_error(reply.json), reply.body
    assert "may not use the model" in reply.message and "bound" in reply.message
    assert reply.header("x-should-retry") == "false"
    assert not fake_provider.requests
    wild = made(gateway, models=["*-*", "*:*", "*/*"])["key"]
    assert say(gateway, wild, scene).status == 200


def test_a_fallback_that_the_request_names_must_be_granted_too(gateway: Gateway, fake_provider: FakeProvider) -> None:
    model = CHAT.body("SAY=ok")["model"]
    key = made(gateway, models=[model])["key"]
    assert say(gateway, key).status == 200
    reply = say(gateway, key, fallbacks=["claude-sonnet-5-5"])
    assert reply.status == 403 and "claude-sonnet-5-5" in reply.message


def test_an_alias_stands_for_a_model(gateway: Gateway, fake_provider: FakeProvider) -> None:
    model = CHAT.body("SAY=ok")["model"]
    key = made(gateway, models=["none"], aliases={"fast": model})["key"]
    body = {**CHAT.body("SAY=ok"), "model": "fast"}
    assert post(gateway, CHAT.path, body, key).status == 200
    assert post(gateway, CHAT.path, CHAT.body("SAY=ok"), key).status == 403
    assert [row["id"] for row in get(gateway, "/v1/models", key).json["data"]] == ["fast"]


def test_a_key_sees_the_models_it_may_use(gateway: Gateway) -> None:
    key = made(gateway, models=["claude-*"])["key"]
    names = [row["id"] for row in get(gateway, "/v1/models", key).json["data"]]
    assert names and all(name.startswith("claude-") for name in names)
    everything = [row["id"] for row in get(gateway, "/v1/models").json["data"]]
    assert len(everything) > len(names)
    other = next(name for name in everything if not name.startswith("claude-"))
    assert get(gateway, f"/v1/models/{other}", key).status == 404
    assert get(gateway, f"/v1/models/{names[0]}", key).status == 200
    infos = get(gateway, "/model/info", key).json["data"]
    assert infos and all(row["model_name"].startswith("claude-") for row in infos)


def test_blocked_expired_deleted_and_made_anew(gateway: Gateway, fake_provider: FakeProvider) -> None:
    told = made(gateway, key_alias=f"short {time.time()}")
    key = told["key"]
    assert say(gateway, key).status == 200
    assert post(gateway, "/key/block", {"key": key}).status == 200
    for _ in range(4):
        reply = say(gateway, key, MESSAGES)
        assert reply.status == 403 and "is blocked" in reply.message
    assert post(gateway, "/key/unblock", {"key": told["token"]}).status == 200
    for _ in range(4):
        assert say(gateway, key).status == 200
    fresh = post(gateway, f"/key/{key}/regenerate", {"duration": "1s"}).json["key"]
    for _ in range(4):
        assert say(gateway, key).status == 401
    time.sleep(1.3)
    reply = say(gateway, fresh)
    assert reply.status == 401 and "expired at" in reply.message
    assert reply.json["error"]["code"] == "expired_key"
    assert post(gateway, "/key/delete", {"keys": [fresh]}).json == {"deleted_keys": [fresh]}
    for _ in range(4):
        assert say(gateway, fresh).status == 401
    assert ask(gateway.url, f"/key/{fresh}/regenerate", None, headers=MASTER, method="GET").status == 405
    assert ask(gateway.url, f"/key/{fresh}/nonsense", {}, headers=MASTER).status == 404
    assert key not in gateway.logs and fresh not in gateway.logs


def test_a_virtual_key_administers_nothing(gateway: Gateway) -> None:
    told, other = made(gateway), made(gateway)
    key = told["key"]
    for path in ("/key/generate", "/key/update", "/key/delete", "/user/new", "/team/new", "/customer/new"):
        reply = post(gateway, path, {}, key)
        assert reply.status == 403 and "Only the master key" in reply.message, path
    for path in ("/key/list", "/user/list", "/team/list", "/customer/list", f"/key/info?key={other['key']}"):
        assert get(gateway, path, key).status == 403, path
    assert get(gateway, "/key/info", key).json["info"]["token"] == told["token"]
    assert get(gateway, f"/key/info?key={key}", key).json["info"]["token"] == told["token"]
    assert get(gateway, "/metrics", key).status == 403
    for path in ("/key/generate", "/key/list"):
        assert ask(gateway.url, path, {} if "gen" in path else None, headers=JSON).status in (401, 405)


def test_a_key_sees_its_own_requests_only(gateway: Gateway) -> None:
    mine, other = made(gateway)["key"], made(gateway)["key"]
    call = say(gateway, mine).header("x-litellm-call-id")
    end = time.monotonic() + 3
    while get(gateway, f"/requests/{call}", mine).status != 200:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert get(gateway, f"/requests/{call}", other).status == 404
    assert get(gateway, f"/requests/{call}").status == 200


def test_a_response_is_its_keys_own(gateway: Gateway) -> None:
    mine, other = made(gateway)["key"], made(gateway)["key"]
    body = {"model": "gpt-wall", "input": "SAY=ok"}
    reply = post(gateway, "/v1/responses", body, mine)
    assert reply.status == 200, reply.body
    first = reply.json["id"]
    assert get(gateway, f"/v1/responses/{first}", mine).status == 200
    assert get(gateway, f"/v1/responses/{first}", other).status == 404
    more = {**body, "previous_response_id": first}
    assert post(gateway, "/v1/responses", more, other).status == 404
    assert post(gateway, "/v1/responses", more, mine).status == 200


def test_requests_a_minute_are_counted_over_all_workers(gateway: Gateway, fake_provider: FakeProvider) -> None:
    told = made(gateway, rpm_limit=5, key_alias=f"rpm {time.time()}")
    left = []
    for _ in range(5):
        reply = say(gateway, told["key"])
        assert reply.status == 200
        assert reply.header("x-ratelimit-limit-requests") == "5"
        left.append(reply.header("x-ratelimit-remaining-requests"))
        assert 50 <= int((reply.header("x-ratelimit-reset-requests") or "")[:-1]) <= 65
    assert left == ["4", "3", "2", "1", "0"]
    for scene in (CHAT, MESSAGES):
        reply = say(gateway, told["key"], scene)
        assert reply.status == 429 and scene.is_error(reply.json)
        assert "rpm" in reply.message and "limit of 5 requests a minute" in reply.message
        assert 50 <= int(reply.header("retry-after") or "") <= 65
        assert reply.header("x-ratelimit-remaining-requests") == "0"
        assert reply.header("x-should-retry") is None
    assert len(fake_provider.requests) == 5


def test_a_retry_is_no_second_request_of_the_minute(fake_server: FakeProvider, fake_provider: FakeProvider) -> None:
    text = config(fake_server.url).replace("num_retries: 0", "num_retries: 2")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        key = made(gateway, rpm_limit=2)["key"]
        reply = say(gateway, key, text="ERR=500 TIMES=1 SAY=ok")
        assert reply.header("x-ratelimit-remaining-requests") == "1", reply.body
        assert post(gateway, "/user/new", {"user_id": "ada", "tpm_limit": 50_000}).status == 200
        mixed = made(gateway, rpm_limit=7, user_id="ada")["key"]
        reply = say(gateway, mixed, text="ERR=500 TIMES=1 SAY=again", max_tokens=100)
        told = (reply.header("x-ratelimit-remaining-requests"), reply.header("x-ratelimit-limit-tokens"))
        assert told == ("6", "50000"), reply.body


def test_calls_at_once_wait_a_little_and_are_then_refused(gateway: Gateway, fake_provider: FakeProvider) -> None:
    key = made(gateway, max_parallel_requests=2)["key"]
    replies: list[Reply] = []
    slow = [threading.Thread(target=lambda: replies.append(say(gateway, key, text="DELAY=1 SAY=ok"))) for _ in range(4)]
    began = time.monotonic()
    for each in slow:
        each.start()
    for each in slow:
        each.join()
    assert [reply.status for reply in replies] == [200] * 4
    assert time.monotonic() - began > 1.9, "two at a time"


def test_tokens_a_minute_are_set_aside_and_corrected(gateway: Gateway, fake_provider: FakeProvider) -> None:
    key = made(gateway, tpm_limit=1000)["key"]
    reply = say(gateway, key, max_tokens=400)
    assert reply.status == 200
    assert reply.header("x-ratelimit-limit-tokens") == "1000"
    first = reply.json["usage"]["total_tokens"]
    time.sleep(0.1)
    reply = say(gateway, key, max_tokens=400)
    left = int(reply.header("x-ratelimit-remaining-tokens") or "")
    assert left <= 1000 - first
    alone = made(gateway, tpm_limit=50)["key"]
    assert say(gateway, alone, max_tokens=400).status == 200, "larger than the window, alone in an empty one"
    time.sleep(0.1)
    reply = say(gateway, alone, max_tokens=400)
    assert reply.status == 429 and "tpm_limit" in reply.message
    assert int(reply.header("retry-after") or "") > 40


def test_a_limit_of_a_team_a_user_an_end_user_and_a_model(gateway: Gateway, fake_provider: FakeProvider) -> None:
    mark = str(time.time())
    assert post(gateway, "/team/new", {"team_id": f"red {mark}", "rpm_limit": 2}).status == 200
    keys = [made(gateway, team_id=f"red {mark}")["key"] for _ in range(3)]
    assert [say(gateway, key).status for key in keys] == [200, 200, 429]
    assert "The team" in say(gateway, keys[0]).message
    assert post(gateway, "/user/new", {"user_id": f"ada {mark}", "rpm_limit": 1}).status == 200
    keys = [made(gateway, user_id=f"ada {mark}")["key"] for _ in range(2)]
    assert [say(gateway, key).status for key in keys] == [200, 429]
    assert post(gateway, "/customer/new", {"user_id": f"eve {mark}", "rpm_limit": 1}).status == 200
    assert [say(gateway, MASTER_KEY, user=f"eve {mark}").status for _ in range(2)] == [200, 429]
    assert post(gateway, "/customer/block", {"user_ids": [f"eve {mark}"]}).status == 200
    reply = say(gateway, MASTER_KEY, user=f"eve {mark}")
    assert reply.status == 403 and "blocked" in reply.message
    model = CHAT.body("SAY=ok")["model"]
    key = made(gateway, model_rpm_limit={model: 1})["key"]
    assert [say(gateway, key).status for _ in range(2)] == [200, 429]
    assert say(gateway, key, MESSAGES).status == 200


def test_a_field_that_is_not_known_is_named(gateway: Gateway) -> None:
    reply = post(gateway, "/key/generate", {"max_bugdet": 1})
    assert reply.status == 400 and "max_bugdet" in reply.message and "max_budget" in reply.message
    assert reply.json["error"]["param"] == "max_bugdet"
    assert post(gateway, "/key/generate", b"nonsense").status == 400
    assert post(gateway, "/key/generate", []).status == 400
    assert get(gateway, "/key/generate").status == 405
    assert get(gateway, "/key/info").status == 400


def test_keys_outlive_a_restart_and_a_kill(fake_server: FakeProvider, tmp_path: Path) -> None:
    env = provider_environment(fake_server.url, GOOD_KEY)
    one = Gateway(config(fake_server.url), env=env, home=tmp_path)
    one.start()
    key = made(one, key_alias="kept")["key"]
    one.kill()
    assert ((tmp_path / "trunkline" / "keys.secret").stat().st_mode & 0o777) == 0o600
    with Gateway(config(fake_server.url), env=env, home=tmp_path) as two:
        assert say(two, key).status == 200
    env["LITELLM_SALT_KEY"] = "another"
    three = Gateway(config(fake_server.url), env=env, home=tmp_path).start()
    assert three.process.wait(10) == 1
    three.kill()
    assert "stored with another secret" in three.stderr


def test_a_gateway_without_a_master_key_keeps_no_keys(fake_server: FakeProvider) -> None:
    text = config(fake_server.url, general="{}")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        reply = ask(gateway.url, "/key/generate", {}, headers=JSON)
        assert reply.status == 403 and "no master key" in reply.message
        assert json.loads(reply.body)["error"]["code"] == "no_master_key"


def test_the_configuration_bounds_new_keys_and_providers(
    fake_server: FakeProvider, fake_provider: FakeProvider
) -> None:
    more = """
trunkline: {provider_limits: {openai: {rpm: 2}}}
litellm_settings:
  default_key_generate_params: {rpm_limit: 9}
  upperbound_key_generate_params: {max_budget: 5, duration: 30d}
"""
    with Gateway(config(fake_server.url, more=more), env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        told = made(gateway)
        assert (told["rpm_limit"], told["max_budget"]) == (9, 5.0) and told["expires"]
        reply = post(gateway, "/key/generate", {"max_budget": 6})
        assert reply.status == 400 and "at most" in reply.message
        assert [say(gateway, told["key"]).status for _ in range(3)] == [200, 200, 429]
        assert say(gateway, MASTER_KEY).status == 429
        assert say(gateway, MASTER_KEY, MESSAGES).status == 200, "another provider"


def test_rules_that_no_key_could_be_held_to_refuse_to_start(fake_server: FakeProvider, tmp_path: Path) -> None:
    more = "litellm_settings: {upperbound_key_generate_params: {max_bugdet: 5}}"
    env = provider_environment(fake_server.url, GOOD_KEY)
    one = Gateway(config(fake_server.url, more=more), env=env, home=tmp_path)
    with pytest.raises(GatewayDied, match="ended with code 1"):  # before it listens
        one.start()
    assert "max_bugdet" in one.stderr


def test_the_command_line_changes_a_running_gateway(gateway: Gateway) -> None:
    def line(*args: str, **env: str) -> str:
        command = [sys.executable, "-m", "trunkline", "keys", *args]
        around = {**clean_environment(gateway.home), **env}
        told = subprocess.run(command, env=around, capture_output=True, text=True, check=True, cwd=os.getcwd())
        return told.stdout

    alias = f"c{int(time.time() * 10) % 10**8}"
    key = line("create", "--alias", alias, "--rpm", "50").strip()
    assert say(gateway, key).status == 200
    remote = ("--url", gateway.url, "--master-key", MASTER_KEY)
    assert alias in line("list", *remote)
    line("block", alias, *remote)
    assert say(gateway, key).status == 403
    line("unblock", alias)
    reply = say(gateway, key)
    assert reply.status == 200, reply.message
    assert key.encode() not in b"".join(path.read_bytes() for path in gateway.home.rglob("*") if path.is_file())


def test_a_budget_of_a_key_holds_and_its_spend_is_told(gateway: Gateway, fake_provider: FakeProvider) -> None:
    told = made(gateway, max_budget=0.0)
    reply = say(gateway, told["key"], MESSAGES)
    assert reply.status == 402 and "budget" in reply.message
    rich = made(gateway, max_budget=100)
    assert say(gateway, rich["key"], MESSAGES).status == 200
    end = time.monotonic() + 5
    while not (spend := get(gateway, f"/key/info?key={rich['key']}").json["info"]["spend"]):
        assert time.monotonic() < end
        time.sleep(0.1)
    rows = get(gateway, f"/spend/logs?api_key={rich['key']}").json
    assert [row["spend"] for row in rows] == [spend]
    assert get(gateway, "/spend/logs", rich["key"]).status == 403
    mark = f"poor {time.time()}"
    assert post(gateway, "/customer/new", {"user_id": mark, "max_budget": 0}).status == 200
    poor = say(gateway, MASTER_KEY, MESSAGES, metadata={"user_id": mark})
    assert poor.status == 402 and "end user" in poor.message


def test_a_soft_budget_is_told_once_and_refuses_nothing(fake_provider: FakeProvider) -> None:
    text = config(fake_provider.url)
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        made = ask(gateway.url, "/key/generate", {"soft_budget": 0.0015, "budget_duration": "1mo"}, headers=MASTER).json
        assert "warnings" not in made
        key = {**MASTER, "authorization": f"Bearer {made['key']}"}
        for _ in range(4):
            reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=200 OUT=400"), headers=key)
            assert (reply.status, reply.header("x-trunkline-fit")) == (200, None)
            assert "max_tokens" not in fake_provider.talks[-1].json
        lines = [line for line in gateway.logs.splitlines() if " soft_budget " in line]
        assert len(lines) == 1
        assert "soft=0.0015 spent=0.002 max=none" in lines[0]
        page = ask(gateway.url, "/metrics", headers=MASTER).body.decode()
        assert 'trunkline_soft_budgets_reached_total{budget="key"} 1.0' in page


def test_a_key_may_be_granted_an_access_group_and_a_user_be_asked_for(fake_provider: FakeProvider) -> None:
    more = f"""
  - model_name: gpt-beta
    litellm_params: {{model: openai/wall-8, api_base: "{fake_provider.url}/v1", api_key: os.environ/FAKE_KEY}}
    model_info: {{access_groups: [beta]}}
  - model_name: "trial/*"
    litellm_params: {{model: "openai/*", api_base: "{fake_provider.url}/v1", api_key: os.environ/FAKE_KEY}}
    model_info: {{access_groups: [beta]}}
"""
    general = f"{{master_key: {MASTER_KEY}, enforce_user_param: true}}"
    text = config(fake_provider.url, general=general, rows=more)
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        assert "enforce_user_param" not in gateway.logs
        key = made(gateway, models=["beta"])["key"]

        def one(model: str, scene: Scene = CHAT, **more: Any) -> Reply:
            return say(gateway, key, scene, model=model, **more)

        assert one("gpt-beta", user="ada").status == 200
        assert one("trial/wall-9", user="ada").status == 200
        refused = one("gpt-wall", user="ada")
        assert (refused.status, refused.json["error"]["code"]) == (403, "key_model_access_denied")
        assert "It may use beta." in refused.message
        assert "gpt-beta" in get(gateway, "/v1/models", key).body.decode()
        assert "gpt-wall" not in get(gateway, "/v1/models", key).body.decode()
        unsaid = one("gpt-beta")
        assert (unsaid.status, unsaid.json["error"]["param"]) == (400, "user")
        assert "Send `user`" in unsaid.message
        nobody = say(gateway, MASTER_KEY, MESSAGES)
        assert (nobody.status, "`metadata.user_id`" in nobody.message) == (400, True)
        assert say(gateway, MASTER_KEY, MESSAGES, metadata={"user_id": "ada"}).status == 200
        named = {**MASTER, "x-litellm-end-user-id": "ada"}
        assert ask(gateway.url, CHAT.path, CHAT.body("SAY=ok"), headers=named).status == 200
