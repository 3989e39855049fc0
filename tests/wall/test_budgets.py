"""Budgets as clients meet them: refused in their own words, fitted, waited for, and settled whatever happens."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import Reply, ask, streaming, until, waiting
from tests.wall.scenes import (
    CHAT,
    COMPLETIONS,
    KEY,
    MESSAGES,
    OLLAMA,
    RESPONSES,
    ZAI_CHAT,
    Scene,
    config,
    latest,
    name_of,
    rows,
)
from tests.wall.scripted import Scripted, whole
from trunkline.ledger.verify import verify

NANO = 1_000_000_000
PAID = (MESSAGES, CHAT, RESPONSES, COMPLETIONS, ZAI_CHAT)
STREAM = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@contextmanager
def budgeted(fake: FakeProvider, more: str, rows: str = "") -> Iterator[Gateway]:
    text = config(fake.url, more=more, rows=rows)
    with Gateway(text, env=provider_environment(fake.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def _poor(fake_server: FakeProvider) -> Iterator[Gateway]:
    with budgeted(fake_server, "litellm_settings: {max_budget: 0.0001, budget_duration: 1mo}") as gateway:
        yield gateway


@pytest.fixture
def poor(_poor: Gateway, fake_provider: FakeProvider) -> Gateway:
    """A gateway that may spend a hundredth of a cent a month: no call fits."""
    return _poor


def told(reply: Reply) -> tuple[Any, Any]:
    """Type and code of an error, on any wire."""
    error = reply.json["error"]
    return (error.get("type"), error.get("code")) if isinstance(error, dict) else (None, reply.json.get("code"))


@STREAM
@pytest.mark.parametrize("scene", PAID, ids=name_of)
def test_what_does_not_fit_is_refused_in_the_clients_own_words(
    poor: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    reply = ask(poor.url, scene.path, scene.body("SAY=ok", stream=stream), headers=KEY)
    assert reply.status == 402
    assert reply.header("x-should-retry") == "false"
    assert scene.is_error(reply.json)
    kind, code = told(reply)
    assert kind == ("billing_error" if scene.shape == "anthropic" else "insufficient_quota")
    assert code == "insufficient_quota"
    for word in ("budget", "$0 of $0.0001 is spent", "begins anew at", "UTC", "may cost $"):
        assert word in reply.message
    assert not fake_provider.talks


def test_what_may_be_spent_is_told_beside_what_was(poor: Gateway, fake_provider: FakeProvider) -> None:
    told = ask(poor.url, "/global/spend", headers=KEY).json
    assert (told["max_budget"], told["budget_duration"]) == (0.0001, "1mo")


def test_geminis_clients_are_told_as_well(poor: Gateway, fake_provider: FakeProvider) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "SAY=ok"}]}]}
    reply = ask(poor.url, "/v1beta/models/claude-wall:generateContent", body, headers=KEY)
    assert (reply.status, reply.json["error"]["status"]) == (402, "RESOURCE_EXHAUSTED")
    assert "budget" in reply.message


def test_what_costs_nothing_always_passes(poor: Gateway, fake_provider: FakeProvider) -> None:
    assert ask(poor.url, OLLAMA.path, OLLAMA.body("SAY=ok"), headers=KEY).status == 200
    count = {"model": "claude-wall", "messages": [{"role": "user", "content": "hello"}]}
    assert ask(poor.url, "/v1/messages/count_tokens", count, headers=KEY).status == 200


def test_a_long_limit_is_fitted_to_half_of_what_is_free(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.5}") as gateway:
        for path, body in (
            (MESSAGES.path, MESSAGES.body("SAY=ok", max_tokens=128_000)),
            (CHAT.path, {**CHAT.body("SAY=ok", max_tokens=128_000), "model": "claude-wall"}),
            (RESPONSES.path, {**RESPONSES.body("SAY=ok", max_output_tokens=128_000), "model": "claude-wall"}),
        ):
            reply = ask(gateway.url, path, body, headers=KEY)
            assert reply.status == 200, reply.body
            sent = fake_provider.talks[-1].json["max_tokens"]
            # $10 a million tokens out: a quarter of a dollar pays for 25,000, less the input.
            assert 23_000 < sent < 25_000
            assert (reply.header("x-trunkline-fit") or "").startswith(f"{sent} output tokens ")
        fits = ask(gateway.url, MESSAGES.path, MESSAGES.body("SAY=ok", max_tokens=2000), headers=KEY)
        assert fits.header("x-trunkline-fit") is None
        assert fake_provider.talks[-1].json["max_tokens"] == 2000


def test_a_fitted_answer_has_room_beyond_its_thinking(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.1}") as gateway:
        thinking = {"type": "enabled", "budget_tokens": 6000}
        body = MESSAGES.body("SAY=ok", max_tokens=64_000, thinking=thinking) | {"model": "claude-old"}
        reply = ask(gateway.url, MESSAGES.path, body | {"model": "claude-wall"}, headers=KEY)
        if reply.status == 200:
            assert fake_provider.talks[-1].json["max_tokens"] >= 6000 + 1024
        thinking["budget_tokens"] = 60_000
        reply = ask(gateway.url, MESSAGES.path, MESSAGES.body("x", max_tokens=64_000, thinking=thinking), headers=KEY)
        assert reply.status == 402


def test_the_cap_is_reached_and_never_passed(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.02}") as gateway:
        statuses = []
        for _ in range(60):
            reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=200 OUT=400", max_tokens=400), headers=KEY)
            statuses.append(reply.status)
        # A call costs $0.001 and may cost $0.0014: what the last one may cost stays free.
        assert statuses.count(200) == 19
        assert set(statuses[19:]) == {402}
        assert "$0.019 of $0.02 is spent" in reply.message
        until(lambda: settled(gateway) == 19_000_000, within=3, what="for the balance")
        found = verify(gateway.home / "trunkline")
        assert (found.balances, found.differences) == (1, ())


def test_a_session_has_a_budget_of_its_own(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "trunkline: {max_session_budget: 0.003}") as gateway:

        def one(session: str) -> Reply:
            headers = {**KEY, "x-session-id": session}
            return ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=200 OUT=800", max_tokens=800), headers=headers)

        assert [one("a").status for _ in range(3)] == [200, 402, 402]
        assert "budget of this session" in one("a").message
        assert one("b").status == 200
        assert ask(gateway.url, CHAT.path, CHAT.body("SAY=ok"), headers=KEY).status == 200


def test_an_end_user_a_group_and_a_deployment_have_budgets(fake_provider: FakeProvider) -> None:
    more = "litellm_settings: {max_end_user_budget: 0.001}\n"
    more += "trunkline: {model_group_budgets: {claude-wall: {budget_limit: 0.001, time_period: 7d}}}"
    own = f"""
  - model_name: gpt-own
    litellm_params: {{model: openai/wall-2, api_base: "{fake_provider.url}/v1", api_key: os.environ/FAKE_KEY,
      input_cost_per_token: 0.000001, output_cost_per_token: 0.000002, max_budget: 0.001, budget_duration: 24h}}
"""
    with budgeted(fake_provider, more, own) as gateway:
        reply = ask(gateway.url, CHAT.path, CHAT.body("x", user="ada", max_tokens=900), headers=KEY)
        assert (reply.status, "the end user ada" in reply.message) == (402, True)
        assert ask(gateway.url, CHAT.path, CHAT.body("SAY=ok", max_tokens=900), headers=KEY).status == 200
        reply = ask(gateway.url, MESSAGES.path, MESSAGES.body("x"), headers=KEY)
        assert (reply.status, "the model claude-wall" in reply.message) == (402, True)
        reply = ask(gateway.url, CHAT.path, CHAT.body("x", max_tokens=900) | {"model": "gpt-own"}, headers=KEY)
        assert (reply.status, "the deployment " in reply.message) == (402, True)


def test_a_free_model_answers_where_a_fallback_is_configured(fake_provider: FakeProvider) -> None:
    more = "litellm_settings: {max_budget: 0.0001, fallbacks: [{claude-wall: [qwen-wall]}]}"
    with budgeted(fake_provider, more) as gateway:
        reply = ask(gateway.url, MESSAGES.path, MESSAGES.body("SAY=free"), headers=KEY)
        assert reply.status == 200
        assert reply.json["content"][0]["text"] == "free"
        assert "insufficient_quota > " in (reply.header("x-trunkline-route") or "")
        (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
        assert (row["provider"], row["billed_nano"]) == ("ollama", 0)


SHARE = "{max_budget: 0.02, budget_duration: 1mo, fallback_at: 50}"


def test_from_its_share_on_the_fallback_answers_and_the_route_says_so(fake_provider: FakeProvider) -> None:
    more = f"trunkline: {{model_group_budgets: {{gpt-wall: {SHARE}}}}}\n"
    more += "litellm_settings: {fallbacks: [{gpt-wall: [qwen-wall]}]}"
    with budgeted(fake_provider, more) as gateway:

        def one(**more: Any) -> Reply:
            return ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=200 OUT=400", max_tokens=400, **more), headers=KEY)

        groups = [one().header("x-litellm-model-group") for _ in range(12)]
        # A call costs $0.001 and may cost $0.0014: after ten of them half of the budget is spent.
        assert groups == ["gpt-wall"] * 10 + ["qwen-wall"] * 2
        reply = one()
        assert reply.header("x-trunkline-route") == "openai/wall-1:fallback_at > ollama/qwen3:8b"
        assert reply.header("x-litellm-attempted-fallbacks") == "1"
        (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
        assert (row["why"], row["billed_nano"]) == ("after fallback_at at openai/wall-1", 0)
        # The caller wants no fallback: the whole budget is there for it, and no more.
        statuses = [one(disable_fallbacks=True).status for _ in range(11)]
        assert statuses == [200] * 9 + [402] * 2


def test_where_no_fallback_answers_the_whole_budget_is_spent(fake_provider: FakeProvider) -> None:
    dead = """
  - model_name: dead
    litellm_params: {model: openai/wall-9, api_base: "http://127.0.0.1:9/v1", api_key: os.environ/FAKE_KEY,
      input_cost_per_token: 0.000001, output_cost_per_token: 0.000002}
"""
    more = f"trunkline: {{model_group_budgets: {{gpt-wall: {SHARE}}}}}\n"
    more += "litellm_settings: {fallbacks: [{gpt-wall: [dead]}]}"
    with budgeted(fake_provider, more, dead) as gateway:
        body = CHAT.body("SAY=ok IN=200 OUT=400", max_tokens=400)
        replies = [ask(gateway.url, CHAT.path, body, headers=KEY) for _ in range(20)]
        assert [reply.status for reply in replies[:19]] == [200] * 19
        # By then the fallback may rest, and be tried out last: the budget is why there is no answer all the same.
        assert replies[19].status == 402
        assert "The budget of " in replies[19].message
        assert "openai/wall-1:insufficient_quota" in (replies[19].header("x-trunkline-route") or "")
        route = replies[10].header("x-trunkline-route") or ""
        assert route.startswith("openai/wall-1:fallback_at > openai/wall-9:provider_unreachable > openai/wall-1")


def test_who_waits_for_a_budget_keeps_no_place_at_the_provider(fake_provider: FakeProvider) -> None:
    own = f"""
  - model_name: narrow
    litellm_params: {{model: openai/wall-3, api_base: "{fake_provider.url}/v1", api_key: os.environ/FAKE_KEY,
      input_cost_per_token: 0.000001, output_cost_per_token: 0.000002, max_parallel_requests: 1}}
"""
    with budgeted(fake_provider, "trunkline: {max_session_budget: 0.0035, budget_wait: 20}", own) as gateway:
        session = {**KEY, "x-session-id": "a"}
        long, short = CHAT.body("SAY=ok DELAY=4", max_tokens=900), CHAT.body("SAY=ok", max_tokens=900)
        waits = short | {"model": "narrow"}
        others = [
            threading.Thread(target=ask, args=(gateway.url, CHAT.path, body), kwargs={"headers": session})
            for body in (long, waits)
        ]
        others[0].start()
        fake_provider.wait_for(lambda fake: fake.talks)
        others[1].start()
        time.sleep(0.5)
        # The one that waits for its session's budget has no place there: another session's call passes.
        began = time.monotonic()
        assert ask(gateway.url, CHAT.path, waits, headers={**KEY, "x-session-id": "b"}).status == 200
        assert fake_provider.talks[0].ended is None, f"it waited {time.monotonic() - began:.1f} s"
        for other in others:
            other.join()


def test_one_providers_budget_leaves_the_others_alone(fake_provider: FakeProvider) -> None:
    more = "router_settings: {provider_budget_config: {anthropic: {budget_limit: 0.0001, time_period: 1d}}, "
    more += "fallbacks: [{claude-wall: [gpt-wall]}], num_retries: 0}"
    text = config(fake_provider.url).replace("router_settings: {num_retries: 0}", more)
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        reply = ask(gateway.url, MESSAGES.path, MESSAGES.body("SAY=other"), headers=KEY)
        assert (reply.status, reply.header("x-litellm-model-group")) == (200, "gpt-wall")


def test_an_unknown_price_is_refused_unless_it_is_allowed(fake_provider: FakeProvider) -> None:
    unknown = f"""
  - model_name: mystery
    litellm_params: {{model: openai/mystery-9, api_base: "{fake_provider.url}/v1", api_key: os.environ/FAKE_KEY}}
"""
    body = CHAT.body("SAY=ok") | {"model": "mystery"}
    with budgeted(fake_provider, "litellm_settings: {max_budget: 1}", unknown) as gateway:
        reply = ask(gateway.url, CHAT.path, body, headers=KEY)
        assert (reply.status, told(reply)[1]) == (402, "unpriced_model")
        assert "no known price" in reply.message
        assert "budget" in reply.message
        assert "unpriced: allow" in (reply.header("x-trunkline-hint") or "")
    with budgeted(fake_provider, "litellm_settings: {max_budget: 1}\ntrunkline: {unpriced: allow}", unknown) as gateway:
        assert ask(gateway.url, CHAT.path, body, headers=KEY).status == 200


def holding(gateway: Gateway, fake: FakeProvider, words: str, **more: Any) -> threading.Thread:
    """A call that is under way, in a thread."""
    before = len(fake.talks)
    body = CHAT.body(words, **more)
    thread = threading.Thread(target=ask, args=(gateway.url, CHAT.path, body), kwargs={"headers": KEY})
    thread.start()
    fake.wait_for(lambda fake: len(fake.talks) > before)
    return thread


def test_a_call_waits_for_those_that_are_under_way(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.0035}") as gateway:
        other = holding(gateway, fake_provider, "SAY=ok IN=100 OUT=100 DELAY=1", max_tokens=900)
        began = time.monotonic()
        reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=100 OUT=100", max_tokens=900), headers=KEY)
        assert reply.status == 200
        assert time.monotonic() - began > 0.5
        assert reply.header("x-trunkline-fit") is None
        other.join()


def test_where_they_take_too_long_it_is_a_429_that_says_so(fake_provider: FakeProvider) -> None:
    more = "litellm_settings: {max_budget: 0.0035}\ntrunkline: {budget_wait: 0.3}"
    with budgeted(fake_provider, more) as gateway:
        other = holding(gateway, fake_provider, "SAY=ok IN=100 OUT=100 DELAY=2", max_tokens=900)
        for scene in (CHAT, RESPONSES):
            limit: dict[str, Any] = {"max_output_tokens": 900} if scene is RESPONSES else {"max_tokens": 900}
            reply = ask(gateway.url, scene.path, scene.body("SAY=ok", **limit), headers=KEY)
            assert (reply.status, told(reply)[1]) == (429, "budget_held")
            assert int(reply.header("retry-after") or 0) >= 1
            assert reply.header("x-should-retry") is None
            assert "held for calls that are under way" in reply.message
            assert "budget" in reply.message
        other.join()
        assert ask(gateway.url, CHAT.path, CHAT.body("SAY=ok", max_tokens=900), headers=KEY).status == 200


def test_rather_than_refuse_it_takes_what_is_free_in_the_end(fake_provider: FakeProvider) -> None:
    more = "litellm_settings: {max_budget: 0.02}\ntrunkline: {budget_wait: 0.2}"
    with budgeted(fake_provider, more) as gateway:
        other = holding(gateway, fake_provider, "SAY=ok DELAY=2", max_tokens=5000)
        reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok", max_tokens=6000), headers=KEY)
        assert reply.status == 200
        assert 1024 <= fake_provider.talks[-1].json["max_tokens"] < 6000
        assert reply.header("x-trunkline-fit")
        other.join()


def settled(gateway: Gateway) -> int:
    """What the ledger says was spent of the whole gateway's budget, once nothing is held."""
    path = gateway.home / "trunkline" / "ledger.sqlite"
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5) as ledger:
        (total,) = ledger.execute(
            "SELECT COALESCE(SUM(settled_nano), 0) FROM balances WHERE balance = ?", (b"all||0",)
        ).fetchone()
    ledger.close()
    return int(total)


WORST = 512 * 1000 + 120 * 1000
"""Nano-dollars: what input the calls below may have at most."""


@pytest.mark.parametrize(
    ("words", "stream", "seen"),
    [
        ("Hi DELAY=30", False, b""),
        ("Hi DELAY=30", True, b""),
        ("Hi HUSH=30", True, b""),
        ("LONG=400 SLOW=20", True, b"w2 "),
        ("LONG=400 SLOW=5", True, b"w21 "),
    ],
    ids=["whole", "before-headers", "before-words", "first-words", "mid-stream"],
)
def test_a_client_that_leaves_is_charged_for_what_may_have_been_billed(
    fake_provider: FakeProvider, words: str, stream: bool, seen: bytes
) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.02}") as gateway:
        wire = waiting(gateway.url, CHAT.path, CHAT.body(words, stream=stream, max_tokens=2000), KEY)
        fake_provider.wait_for(lambda fake: fake.talks)
        got = b""
        while seen not in got:
            got += wire.recv(65536)
        time.sleep(0.05)
        wire.close()
        row = latest(gateway, lambda row: row["outcome"] == "client_gone")
        fake_provider.wait_for(lambda fake: fake.talks[0].ended is not None)
        bill = 1000 * 10 + 2000 * fake_provider.talks[0].deltas
        assert row["estimated"] == 1
        assert bill <= row["billed_nano"] <= WORST + 2000 * 2000
        until(lambda: settled(gateway) == row["billed_nano"], within=3, what="for the balance")
        # What was held is free again.
        free = 20_000_000 - row["billed_nano"]
        limit = (free - WORST) // 2000
        assert ask(gateway.url, CHAT.path, CHAT.body("SAY=ok", max_tokens=limit), headers=KEY).status == 200


@pytest.mark.parametrize("word", ["ERR=429", "ERR=500", "ERR=401"])
def test_what_the_provider_refuses_costs_nothing(fake_provider: FakeProvider, word: str) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.003}") as gateway:
        for _ in range(5):
            assert ask(gateway.url, CHAT.path, CHAT.body(word, max_tokens=900), headers=KEY).status != 402
        fine = {**CHAT.body("SAY=ok", max_tokens=900)}
        until(lambda: ask(gateway.url, CHAT.path, fine, headers=KEY).status == 200, within=8, what="for a success")


@pytest.mark.parametrize("fault", ["CUT=3", "TRUNC", "ERR200", "JUNK"])
def test_what_broke_is_settled_within_its_hold(fake_provider: FakeProvider, fault: str) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 1}") as gateway:
        for stream in (False, True):
            body = CHAT.body(f"LONG=20 {fault}", stream=stream, max_tokens=500)
            reply = ask(gateway.url, CHAT.path, body, headers=KEY)
            (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
            assert row["billed_nano"] <= WORST + 500 * 2000
        until(lambda: settled(gateway) > 0 or fault == "ERR200", within=3, what="for the balance")


def test_a_call_over_its_hold_is_booked_in_full(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 1}") as gateway:
        reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=900000 OUT=10", max_tokens=50), headers=KEY)
        assert reply.status == 200
        (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
        assert row["billed_nano"] == 900_000 * 1000 + 10 * 2000
        until(lambda: settled(gateway) == row["billed_nano"], within=3, what="for the balance")
        reply = ask(gateway.url, CHAT.path, CHAT.body("SAY=ok IN=1 OUT=10", max_tokens=50_000), headers=KEY)
        assert (reply.status, reply.header("x-trunkline-fit") is None) == (200, False)
        until(lambda: "overrun=0.89" in gateway.logs)
        page = ask(gateway.url, "/metrics", headers=KEY).body.decode()
        assert re.search(r"^trunkline_budget_overruns_total\{.*\} 1\.0$", page, re.MULTILINE)


def test_a_start_anew_remembers_what_was_spent(fake_provider: FakeProvider, tmp_path: Any) -> None:
    text = config(fake_provider.url, more="litellm_settings: {max_budget: 0.003}")
    env = provider_environment(fake_provider.url, GOOD_KEY)
    body = CHAT.body("SAY=ok IN=200 OUT=800", max_tokens=800)
    with Gateway(text, env=env, home=tmp_path) as gateway:
        assert ask(gateway.url, CHAT.path, body, headers=KEY).status == 200
    with Gateway(text, env=env, home=tmp_path) as gateway:
        assert ask(gateway.url, CHAT.path, body, headers=KEY).status == 402
    # The hot file is lost: the ledger tells.
    for found in (tmp_path / "trunkline").glob("hot.lmdb*"):
        found.unlink()
    with Gateway(text, env=env, home=tmp_path) as gateway:
        reply = ask(gateway.url, CHAT.path, body, headers=KEY)
        assert (reply.status, "$0.0018 of $0.003 is spent" in reply.message) == (402, True)


def test_streams_are_fitted_as_well(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.5}") as gateway:
        body = MESSAGES.body("LONG=5", stream=True, max_tokens=128_000)
        with streaming(gateway.url, MESSAGES.path, body, headers=KEY) as answer:
            assert answer.getheader("x-trunkline-fit")
            assert b"message_stop" in answer.read()


def test_a_search_that_the_provider_ran_is_paid_as_well() -> None:
    usage = {"input_tokens": 100, "output_tokens": 10, "server_tool_use": {"web_search_requests": 2}}
    said = {"id": "m", "type": "message", "role": "assistant", "model": "script-1", "stop_reason": "end_turn"}
    answer = said | {"content": [{"type": "text", "text": "found"}], "stop_sequence": None, "usage": usage}
    with Scripted(whole(json.dumps(answer).encode())) as provider:
        priced = f"""
  - model_name: claude-priced
    litellm_params: {{model: anthropic/script-1, api_base: "{provider.url}", api_key: os.environ/FAKE_KEY,
      input_cost_per_token: 0.000001, output_cost_per_token: 0.000002}}
"""
        text = config(provider.url, more="litellm_settings: {max_budget: 0.5}", rows=priced)
        with Gateway(text, env=provider_environment(provider.url, GOOD_KEY)) as gateway:
            tools = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}]
            body = MESSAGES.body("x", tools=tools) | {"model": "claude-priced"}
            reply = ask(gateway.url, MESSAGES.path, body, headers=KEY)
            assert reply.status == 200, reply.body
            assert reply.header("x-litellm-response-cost") == "0.02012"
            tools[0]["max_uses"] = 60
            assert ask(gateway.url, MESSAGES.path, body, headers=KEY).status == 402


def test_openais_searches_are_paid_as_they_are_told() -> None:
    usage = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
    said = {"id": "r", "object": "response", "status": "completed", "model": "script-1", "output": []}
    answer = said | {"usage": usage, "tool_usage": {"web_search": {"num_requests": 3}}}
    with Scripted(whole(json.dumps(answer).encode())) as provider:
        priced = f"""
  - model_name: gpt-priced
    litellm_params: {{model: openai/script-1, api_base: "{provider.url}/v1", api_key: os.environ/FAKE_KEY,
      input_cost_per_token: 0.000001, output_cost_per_token: 0.000002}}
"""
        with Gateway(config(provider.url, rows=priced), env=provider_environment(provider.url, GOOD_KEY)) as gateway:
            body = RESPONSES.body("x", tools=[{"type": "web_search"}]) | {"model": "gpt-priced"}
            reply = ask(gateway.url, RESPONSES.path, body, headers=KEY)
            assert (reply.status, reply.header("x-litellm-response-cost")) == (200, "0.03012")
